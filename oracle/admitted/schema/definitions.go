package main

import (
	"encoding/json"
	"os"
	"reflect"
	"runtime"
	"strings"

	core "k8s.io/kubernetes/pkg/apis/core/install"
)

// definition is what the OpenAPI document says of a struct's merging.
type definition struct {
	Ref        string                `json:"$ref"`
	Properties map[string]definition `json:"properties"`
	ListType   string                `json:"x-kubernetes-list-type"`
	ListKeys   []string              `json:"x-kubernetes-list-map-keys"`
	MapType    string                `json:"x-kubernetes-map-type"`
	Strategy   string                `json:"x-kubernetes-patch-strategy"`
	MergeKey   string                `json:"x-kubernetes-patch-merge-key"`
}

var definitions = readDefinitions()

// The OpenAPI document lies beside the source that this program is linked with.
func readDefinitions() map[string]definition {
	file, _ := runtime.FuncForPC(reflect.ValueOf(core.Install).Pointer()).FileLine(0)
	root, _, _ := strings.Cut(file, "/pkg/apis/")
	text, err := os.ReadFile(root + "/api/openapi-spec/swagger.json")
	if err != nil {
		panic(err)
	}
	var document struct{ Definitions map[string]definition }
	if err := json.Unmarshal(text, &document); err != nil {
		panic(err)
	}
	return document.Definitions
}

// `k8s.io/api/core/v1` and `Container` are `io.k8s.api.core.v1.Container`.
func definitionOf(goType reflect.Type) definition {
	path := strings.ReplaceAll(strings.TrimPrefix(goType.PkgPath(), "k8s.io/"), "/", ".")
	return definitions["io.k8s."+path+"."+goType.Name()]
}

// merging is ` @map=name ^merge=name`: the list, map or struct type of server-side apply, with the keys of a list of
// maps; then the patch strategy of strategic merge, with its key.
func merging(field definition) string {
	text := ""
	// A list of which nothing is said is atomic as well.
	if field.ListType != "" && field.ListType != "atomic" {
		text += " @" + with(field.ListType, strings.Join(field.ListKeys, ","))
	}
	mapType := field.MapType
	if mapType == "" && field.Ref != "" {
		mapType = definitions[strings.TrimPrefix(field.Ref, "#/definitions/")].MapType
	}
	if mapType != "" {
		text += " @" + mapType
	}
	if field.Strategy != "" {
		text += " ^" + with(field.Strategy, field.MergeKey)
	}
	return text
}

func with(word, detail string) string {
	if detail == "" {
		return word
	}
	return word + "=" + detail
}
