package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"sort"

	"k8s.io/apiserver/pkg/apis/flowcontrol/bootstrap"

	"bulkhead.dev/oracle/internal/vectors"
)

// object is what a release has of its own: the API version differs between releases and is left out.
type object struct {
	Kind      string          `json:"kind"`
	Name      string          `json:"name"`
	Mandatory bool            `json:"mandatory,omitempty"`
	Spec      json.RawMessage `json:"spec"`
}

func objects() []object {
	found := []object{}
	add := func(kind, name string, mandatory bool, spec any) {
		found = append(found, object{kind, name, mandatory, json.RawMessage(vectors.Text(spec))})
	}
	for _, each := range bootstrap.MandatoryFlowSchemas {
		add("FlowSchema", each.Name, true, each.Spec)
	}
	for _, each := range bootstrap.SuggestedFlowSchemas {
		add("FlowSchema", each.Name, false, each.Spec)
	}
	for _, each := range bootstrap.MandatoryPriorityLevelConfigurations {
		add("PriorityLevelConfiguration", each.Name, true, each.Spec)
	}
	for _, each := range bootstrap.SuggestedPriorityLevelConfigurations {
		add("PriorityLevelConfiguration", each.Name, false, each.Spec)
	}
	return found
}

type span struct {
	Since int `json:"since"`
	Until int `json:"until"`
	object
}

func printObjects() {
	fmt.Println(vectors.Text(vectors.Kubernetes()))
	for _, each := range objects() {
		fmt.Println(vectors.Text(each))
	}
}

// printSpans merges what printObjects wrote for consecutive minors: each object once for each span in which it is the same.
func printSpans(paths []string) {
	releases, spans, last := []string{}, []*span{}, map[string]*span{}
	for _, path := range paths {
		file, err := os.Open(path)
		must(err)
		lines := bufio.NewScanner(file)
		lines.Buffer(nil, 1<<20)
		lines.Scan()
		release, minor := "", 0
		must(json.Unmarshal(lines.Bytes(), &release))
		fmt.Sscanf(release, "1.%d.", &minor)
		releases = append(releases, release)
		for lines.Scan() {
			one := object{}
			must(json.Unmarshal(lines.Bytes(), &one))
			key := one.Kind + " " + one.Name
			if known := last[key]; known != nil && known.Until == minor-1 && vectors.Text(known.object) == vectors.Text(one) {
				known.Until = minor
				continue
			}
			last[key] = &span{minor, minor, one}
			spans = append(spans, last[key])
		}
		must(lines.Err())
		must(file.Close())
	}
	sort.SliceStable(spans, func(i, j int) bool {
		a, b := spans[i], spans[j]
		if a.Kind+a.Name != b.Kind+b.Name {
			return a.Kind+a.Name < b.Kind+b.Name
		}
		return a.Since < b.Since
	})
	vectors.PrintLists("flowcontrol", []vectors.Field{{Name: "kubernetes", Value: releases}}, []vectors.List[*span]{{Name: "objects", Items: spans}})
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}
