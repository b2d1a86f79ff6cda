package main

import (
	"context"
	"math/rand"
	"net/http"
	"reflect"

	"k8s.io/apimachinery/pkg/util/sets"
	apirequest "k8s.io/apiserver/pkg/endpoints/request"
	fcrequest "k8s.io/apiserver/pkg/util/flowcontrol/request"
)

// estimate is what is known of a request, and the seats that it takes.
type estimate struct {
	Method string `json:"method"`
	URL    string `json:"url"`
	// What the request is for, as the API server reads it.
	Verb        string `json:"verb"`
	Resource    string `json:"resource,omitempty"`
	Subresource string `json:"subresource,omitempty"`
	Name        string `json:"name,omitempty"`
	// Objects stored of the resource; -1 where the API server does not count them, -2 where its count is stale.
	Objects  int64 `json:"objects"`
	Size     int64 `json:"size"`
	Watchers int   `json:"watchers"`
	// MaxSeats of the priority level; 0 where it has none.
	MaxSeats uint64 `json:"maxSeats"`

	Initial uint64 `json:"initial"`
	Final   uint64 `json:"final"`
	// AfterNs is for how long the final seats are held.
	AfterNs int64 `json:"afterNs"`
}

var factory = apirequest.RequestInfoFactory{APIPrefixes: sets.NewString("api", "apis"), GrouplessAPIPrefixes: sets.NewString("api")}

func estimates(count int) []*estimate {
	random := rand.New(rand.NewSource(29))
	pick := func(words ...string) string { return words[random.Intn(len(words))] }
	made := []*estimate{}
	for len(made) < count {
		one := &estimate{
			Objects:  []int64{-1, -2, 0, 1, 40, 99, 100, 101, 250, 499, 2000, 12345, 100_000, int64(random.Intn(1500))}[random.Intn(14)],
			Size:     []int64{0, 1, 400, 1100, 3000, 20_000, 1_500_000, int64(random.Intn(9000))}[random.Intn(8)],
			Watchers: []int{0, 1, 9, 10, 11, 250, 5000}[random.Intn(7)],
			MaxSeats: []uint64{0, 0, 1, 2, 5, 10, 37, 200}[random.Intn(8)],
		}
		one.Method = pick("GET", "GET", "GET", "GET", "GET", "POST", "PUT", "PATCH", "DELETE")
		path := pick("/api/v1/configmaps", "/api/v1/namespaces/a/configmaps", "/apis/apps/v1/deployments", "/apis/x.example.org/v1/things", "/healthz")
		if one.Method != "GET" && path != "/healthz" || random.Intn(9) == 0 {
			path = pick("/api/v1/namespaces/a/configmaps/one", "/api/v1/namespaces/a/serviceaccounts/sa/token", "/api/v1/namespaces/a/pods/p/binding", "/api/v1/namespaces/a/configmaps")
		}
		query := []string{}
		add := func(times int, words ...string) {
			if random.Intn(10) < times {
				query = append(query, pick(words...))
			}
		}
		if one.Method == "GET" {
			add(3, "watch=true", "watch=1", "watch", "watch=false", "watch=0")
			add(5, "resourceVersion=0", "resourceVersion=77", "resourceVersion=", "resourceVersion=0&resourceVersion=5")
			add(2, "resourceVersionMatch=Exact", "resourceVersionMatch=NotOlderThan", "resourceVersionMatch=Nonsense", "resourceVersionMatch=")
			add(5, "limit=500", "limit=1", "limit=50", "limit=0", "limit=-3", "limit=x", "limit=")
			add(2, "continue=abc", "continue=")
			add(2, "labelSelector=app%3Dx", "labelSelector=")
			add(2, "fieldSelector=metadata.name%3Done", "fieldSelector=spec.nodeName%3Dn1", "fieldSelector=metadata.name%21%3Done")
			add(2, "sendInitialEvents=true", "sendInitialEvents=false", "sendInitialEvents=maybe", "sendInitialEvents")
			add(1, "timeoutSeconds=x", "allowWatchBookmarks=true", "pretty=true")
		}
		one.URL = path
		for i, each := range query {
			one.URL += string("?&"[min(i, 1)]) + each
		}
		one.ask()
		made = append(made, one)
	}
	return made
}

func (one *estimate) ask() {
	asked, err := http.NewRequest(one.Method, one.URL, nil)
	must(err)
	info, err := factory.NewRequestInfo(asked)
	must(err)
	one.Verb, one.Resource, one.Subresource, one.Name = info.Verb, info.Resource, info.Subresource, info.Name
	asked = asked.WithContext(apirequest.WithRequestInfo(context.Background(), info))

	// What counts objects tells a number before 1.34, and their size besides from then on.
	make := reflect.ValueOf(fcrequest.NewWorkEstimator)
	counts := reflect.MakeFunc(make.Type().In(0), func([]reflect.Value) []reflect.Value {
		told := reflect.New(make.Type().In(0).Out(0)).Elem()
		failed := reflect.Zero(make.Type().In(0).Out(1))
		switch {
		case one.Objects == -1:
			failed = reflect.ValueOf(&fcrequest.ObjectCountNotFoundErr).Elem()
		case one.Objects == -2:
			failed = reflect.ValueOf(&fcrequest.ObjectCountStaleErr).Elem()
		case told.Kind() == reflect.Int64:
			told.SetInt(one.Objects)
		default:
			told.FieldByName("ObjectCount").SetInt(one.Objects)
			told.FieldByName("EstimatedAverageObjectSizeBytes").SetInt(one.Size)
		}
		return []reflect.Value{told, failed}
	})
	watchers := func(*apirequest.RequestInfo) int { return one.Watchers }
	most := func(string) uint64 { return one.MaxSeats }
	estimator := make.Call([]reflect.Value{counts, reflect.ValueOf(watchers), reflect.ValueOf(fcrequest.DefaultWorkEstimatorConfig()), reflect.ValueOf(most)})[0]
	work := estimator.Interface().(fcrequest.WorkEstimatorFunc)(asked, "schema", "level")
	one.Initial, one.Final, one.AfterNs = work.InitialSeats, work.FinalSeats, int64(work.AdditionalLatency)
}
