package main

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand"
	"sync/atomic"
	"time"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apiserver/pkg/authentication/user"
	apirequest "k8s.io/apiserver/pkg/endpoints/request"
	"k8s.io/apiserver/pkg/util/flowcontrol"
	"k8s.io/apiserver/pkg/util/flowcontrol/metrics"
	fcrequest "k8s.io/apiserver/pkg/util/flowcontrol/request"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes/fake"
	clienttesting "k8s.io/client-go/testing"
	"k8s.io/component-base/metrics/legacyregistry"

	"bulkhead.dev/oracle/internal/vectors"
)

// config is a configuration of random objects, the seats that come of it, and who takes which request.
type config struct {
	Server int `json:"server"`
	// Own: the objects of the release are there as well, but the one named Without.
	Own     bool            `json:"own"`
	Without string          `json:"without,omitempty"`
	Objects []object        `json:"objects"`
	Seats   map[string]seat `json:"seats"`
	Asked   []*asked        `json:"asked"`
}

type seat struct {
	Nominal int    `json:"nominal"`
	Lower   int    `json:"lower"`
	Upper   int    `json:"upper"`
	Most    uint64 `json:"most"`
}

type asked struct {
	User        string   `json:"user"`
	Groups      []string `json:"groups"`
	Verb        string   `json:"verb"`
	Group       string   `json:"group,omitempty"`
	Resource    string   `json:"resource,omitempty"`
	Subresource string   `json:"subresource,omitempty"`
	Namespace   string   `json:"namespace,omitempty"`
	Path        string   `json:"path,omitempty"`

	Schema        string `json:"schema"`
	Level         string `json:"level"`
	Distinguisher string `json:"distinguisher,omitempty"`
}

func configs(count, requests int) []*config {
	metrics.Register()
	random := rand.New(rand.NewSource(7))
	made := []*config{}
	for len(made) < count {
		made = append(made, newConfig(random, len(made), requests))
	}
	return made
}

type words struct{ *rand.Rand }

func (r words) pick(from ...string) string { return from[r.Intn(len(from))] }

// some of them: mostly one or two, at times none, at times the wildcard beside others.
func (r words) some(from ...string) []string {
	found := []string{}
	if last := from[len(from)-1]; last == "*" && r.Intn(2) == 0 {
		return append(found, last)
	}
	for count := r.Intn(4); count > 0; count-- {
		found = append(found, r.pick(from...))
	}
	return found
}

var (
	users      = []string{"alice", "system:kube-scheduler", "system:node:n1", "system:serviceaccount:a:runaway", "system:serviceaccount:a:app", "system:serviceaccount:kube-system:default", "system:serviceaccount:a", "system:serviceaccount::x", "system:serviceaccount:a:b:c"}
	groups     = []string{"system:authenticated", "system:unauthenticated", "system:masters", "system:nodes", "system:serviceaccounts", "system:serviceaccounts:a", "team", "*"}
	verbs      = []string{"get", "list", "watch", "create", "update", "proxy", "*"}
	apiGroups  = []string{"", "apps", "coordination.k8s.io", "*"}
	resources  = []string{"configmaps", "pods", "pods/status", "deployments", "leases", "pods/*", "*"}
	namespaces = []string{"a", "b", "kube-system", "*"}
	urls       = []string{"/healthz", "/healthz/*", "/livez*", "/apis/*", "/", "/version", "/apis", "/metrics/", "*"}
	paths      = []string{"/healthz", "/healthz/etcd", "/livez", "/livezx", "/apis", "/apis/apps", "/", "/version", "/metrics", "/metrics/cadvisor", "/healthzy"}
)

func newConfig(random *rand.Rand, number, requests int) *config {
	r := words{random}
	made := &config{Server: []int{600, 600, 1, 10, 150, 3000, 1 + r.Intn(999)}[r.Intn(7)], Seats: map[string]seat{}}
	levels := []string{}
	for at, count := 0, 1+r.Intn(6); at < count; at++ {
		name := fmt.Sprintf("c%d-level%d", number, at)
		levels = append(levels, name)
		made.Objects = append(made.Objects, object{Kind: "PriorityLevelConfiguration", Name: name, Spec: r.level()})
	}
	for at, count := 0, 2+r.Intn(7); at < count; at++ {
		name := fmt.Sprintf("c%d-schema%d", number, r.Intn(100))
		if at == 0 {
			name = fmt.Sprintf("c%d-schema-first", number)
		}
		if known(made.Objects, name) {
			continue
		}
		level := r.pick(append([]string{"exempt", "catch-all", "missing"}, append(levels, levels...)...)...)
		made.Objects = append(made.Objects, object{Kind: "FlowSchema", Name: name, Spec: r.schema(level)})
	}
	// Releases have different objects, and must go on with the same random numbers.
	without := r.pick("workload-low", "catch-all", "exempt", "global-default", "service-accounts", "system", "none")
	if r.Intn(2) == 0 {
		made.Own, made.Without = true, without
	}
	for len(made.Asked) < requests {
		made.Asked = append(made.Asked, r.request())
	}
	made.ask()
	return made
}

func known(objects []object, name string) bool {
	for _, each := range objects {
		if each.Name == name {
			return true
		}
	}
	return false
}

func (r words) level() json.RawMessage {
	limited := map[string]any{"nominalConcurrencyShares": []int{1, 5, 20, 100, 30, 1 + r.Intn(300)}[r.Intn(6)]}
	if r.Intn(3) > 0 {
		limited["lendablePercent"] = r.Intn(101)
	}
	if r.Intn(2) == 0 {
		limited["borrowingLimitPercent"] = []int{0, 1, 50, 33, 400, r.Intn(999)}[r.Intn(6)]
	}
	if r.Intn(4) == 0 {
		limited["limitResponse"] = map[string]any{"type": "Reject"}
	} else {
		queues := []int{1, 1, 16, 64, 128, 3}[r.Intn(6)]
		hand := min(queues, []int{1, 1, 4, 6, 8}[r.Intn(5)])
		limited["limitResponse"] = map[string]any{"type": "Queue", "queuing": map[string]any{"queues": queues, "handSize": hand, "queueLengthLimit": 1 + r.Intn(80)}}
	}
	return json.RawMessage(vectors.Text(map[string]any{"type": "Limited", "limited": limited}))
}

func (r words) schema(level string) json.RawMessage {
	spec := map[string]any{"priorityLevelConfiguration": map[string]any{"name": level}, "matchingPrecedence": []int{1, 100, 100, 8000, 9000, 10000, 1 + r.Intn(9999)}[r.Intn(7)]}
	if method := r.pick("", "ByUser", "ByNamespace"); method != "" {
		spec["distinguisherMethod"] = map[string]any{"type": method}
	}
	rules := []any{}
	for count := r.Intn(3) + r.Intn(2); count > 0; count-- {
		rule := map[string]any{"subjects": r.subjects()}
		named := []any{}
		for count := 1 + r.Intn(2) - r.Intn(5)/4; count > 0; count-- {
			named = append(named, map[string]any{"verbs": r.some(verbs...), "apiGroups": r.some(apiGroups...), "resources": r.some(resources...), "clusterScope": r.Intn(2) == 0, "namespaces": r.some(namespaces...)})
		}
		unnamed := []any{}
		for count := r.Intn(2); count > 0; count-- {
			unnamed = append(unnamed, map[string]any{"verbs": r.some(verbs...), "nonResourceURLs": r.some(urls...)})
		}
		rule["resourceRules"], rule["nonResourceRules"] = named, unnamed
		rules = append(rules, rule)
	}
	spec["rules"] = rules
	return json.RawMessage(vectors.Text(spec))
}

func (r words) subjects() []any {
	found := []any{}
	for count := 1 + r.Intn(3); count > 0; count-- {
		switch r.Intn(7) {
		case 0, 1:
			found = append(found, map[string]any{"kind": "User", "user": map[string]any{"name": r.pick(append(users, "*")...)}})
		case 2, 3:
			found = append(found, map[string]any{"kind": "Group", "group": map[string]any{"name": r.pick(groups...)}})
		case 4, 5:
			found = append(found, map[string]any{"kind": "ServiceAccount", "serviceAccount": map[string]any{"namespace": r.pick("a", "kube-system", ""), "name": r.pick("runaway", "app", "*", "default", "b:c", "")}})
		default:
			// A kind whose member is missing.
			found = append(found, map[string]any{"kind": r.pick("User", "Group", "ServiceAccount", "Robot")})
		}
	}
	return found
}

func (r words) request() *asked {
	one := &asked{User: r.pick(users...), Groups: r.some(groups[:7]...), Verb: r.pick(verbs[:6]...)}
	if r.Intn(5) == 0 {
		one.Path = r.pick(paths...)
		return one
	}
	one.Group, one.Resource = r.pick("", "apps", "coordination.k8s.io"), r.pick("configmaps", "pods", "deployments", "leases")
	one.Subresource, one.Namespace = r.pick("", "", "", "status"), r.pick("", "a", "a", "b", "kube-system")
	return one
}

// all that the API server is given.
func (made *config) all() []object {
	given := made.Objects
	for _, each := range objects() {
		if made.Own && each.Name != made.Without {
			given = append(given, each)
		}
	}
	return given
}

func (made *config) ask() {
	given := []runtime.Object{}
	for _, each := range made.all() {
		text := []byte(vectors.Text(map[string]any{"apiVersion": apiVersion, "kind": each.Kind, "metadata": map[string]any{"name": each.Name}, "spec": each.Spec}))
		var one runtime.Object = &flowSchema{}
		if each.Kind == "PriorityLevelConfiguration" {
			one = &priorityLevel{}
		}
		must(json.Unmarshal(text, one))
		given = append(given, one)
	}
	clientset := fake.NewSimpleClientset(given...)
	var applied atomic.Int32
	// The state of the first FlowSchema is written once the whole configuration is in force.
	clientset.PrependReactor("patch", "flowschemas", func(clienttesting.Action) (bool, runtime.Object, error) {
		applied.Add(1)
		return true, &flowSchema{}, nil
	})
	factory := informers.NewSharedInformerFactory(clientset, 0)
	request(factory)
	controller := flowcontrol.New(factory, flowcontrolOf(clientset), made.Server)
	stop := make(chan struct{})
	defer close(stop)
	factory.Start(stop)
	factory.WaitForCacheSync(stop)
	go func() { must(controller.Run(stop)) }()
	for applied.Load() == 0 {
		time.Sleep(time.Millisecond)
	}
	made.measure(controller)

	gone, leave := context.WithCancel(context.Background())
	leave()
	for _, one := range made.Asked {
		info := &apirequest.RequestInfo{IsResourceRequest: one.Resource != "", Path: one.Path, Verb: one.Verb, APIGroup: one.Group, Resource: one.Resource, Subresource: one.Subresource, Namespace: one.Namespace}
		who := &user.DefaultInfo{Name: one.User, Groups: one.Groups}
		note := func(schema *flowSchema, level *priorityLevel, distinguisher string) {
			one.Schema, one.Level, one.Distinguisher = schema.Name, level.Name, distinguisher
		}
		work := func() fcrequest.WorkEstimate { return fcrequest.WorkEstimate{InitialSeats: 1} }
		controller.Handle(gone, flowcontrol.RequestDigest{RequestInfo: info, User: who}, note, work, func(bool) {}, func() {})
	}
}

func (made *config) measure(controller flowcontrol.Interface) {
	names := map[string]bool{"exempt": true, "catch-all": true}
	for _, each := range made.all() {
		if each.Kind == "PriorityLevelConfiguration" {
			names[each.Name] = true
		}
	}
	families, err := legacyregistry.DefaultGatherer.Gather()
	must(err)
	for _, family := range families {
		for _, metric := range family.GetMetric() {
			name := ""
			for _, label := range metric.GetLabel() {
				if label.GetName() == "priority_level" {
					name = label.GetValue()
				}
			}
			if !names[name] {
				continue
			}
			one, value := made.Seats[name], int(metric.GetGauge().GetValue())
			switch family.GetName() {
			case "apiserver_flowcontrol_nominal_limit_seats":
				one.Nominal = value
			case "apiserver_flowcontrol_lower_limit_seats":
				one.Lower = value
			case "apiserver_flowcontrol_upper_limit_seats":
				one.Upper = value
			default:
				continue
			}
			one.Most = controller.GetMaxSeats(name)
			made.Seats[name] = one
		}
	}
}
