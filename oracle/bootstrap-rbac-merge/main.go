// Merges what bootstrap-rbac printed for consecutive minor releases: each object once for each span in which it is the same.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"sort"

	"bulkhead.dev/oracle/internal/vectors"
)

type span struct {
	Since  int             `json:"since"`
	Until  int             `json:"until"`
	Object json.RawMessage `json:"object"`
	key    string
}

func main() {
	releases := []string{}
	spans := []*span{}
	last := map[string]*span{}
	for _, path := range os.Args[1:] {
		release, objects := read(path)
		releases = append(releases, release)
		minor := 0
		fmt.Sscanf(release, "1.%d.", &minor)
		for _, object := range objects {
			key := identity(object)
			if known := last[key]; known != nil && known.Until == minor-1 && string(known.Object) == string(object) {
				known.Until = minor
				continue
			}
			last[key] = &span{Since: minor, Until: minor, Object: object, key: key}
			spans = append(spans, last[key])
		}
	}
	sort.SliceStable(spans, func(i, j int) bool {
		return spans[i].key < spans[j].key || spans[i].key == spans[j].key && spans[i].Since < spans[j].Since
	})

	header := []vectors.Field{{Name: "kubernetes", Value: releases}}
	vectors.PrintLists("bootstrap-rbac", header, []vectors.List[*span]{{Name: "objects", Items: spans}})
}

func read(path string) (release string, objects []json.RawMessage) {
	file, err := os.Open(path)
	must(err)
	defer file.Close()
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<20)
	lines.Scan()
	must(json.Unmarshal(lines.Bytes(), &release))
	for lines.Scan() {
		objects = append(objects, json.RawMessage(lines.Text()))
	}
	must(lines.Err())
	return release, objects
}

// identity sorts cluster roles, their bindings, roles and their bindings, each by namespace and name.
func identity(object json.RawMessage) string {
	var head struct {
		Kind     string
		Metadata struct{ Namespace, Name string }
	}
	must(json.Unmarshal(object, &head))
	return head.Kind + "/" + head.Metadata.Namespace + "/" + head.Metadata.Name
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}
