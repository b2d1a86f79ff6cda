// Prints the built-in API types as a table: what a field holds, when the API server leaves it out, how it is merged.
// Arguments are outputs of this program linked with other releases, from old to new; then the table is that of them all.
package main

import (
	"encoding/json"
	"os"
	"reflect"
	"sort"
	"strings"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"bulkhead.dev/oracle/admitted/builtin"
	"bulkhead.dev/oracle/internal/vectors"
)

type table struct {
	GeneratedBy string            `json:"generatedBy"`
	Releases    []string          `json:"releases"`
	Kinds       map[string]string `json:"kinds"`
	Structs     []string          `json:"structs"`
}

type kind struct {
	schema.GroupVersionKind
	goType reflect.Type
}

func main() {
	if len(os.Args) > 1 {
		merge(os.Args[1:])
		return
	}
	kinds := []kind{}
	for gvk, goType := range builtin.Scheme.AllKnownTypes() {
		if gvk.Version != runtime.APIVersionInternal && builtin.IsObject(goType) {
			kinds = append(kinds, kind{gvk, goType})
		}
	}
	sort.Slice(kinds, func(i, j int) bool { return kinds[i].String() < kinds[j].String() })

	types := types{structs: map[string][]string{}}
	roots := map[string]string{}
	for _, kind := range kinds {
		roots[strings.TrimPrefix(kind.Group+"/"+kind.Version+"/"+kind.Kind, "/")] = types.visit(kind.goType)
	}
	print([]string{vectors.Kubernetes()}, roots, types.structs)
}

// The kinds by the name of their struct, and the structs in the order of their names, one line each.
func print(releases []string, roots map[string]string, structs map[string][]string) {
	names := []string{}
	for name := range structs {
		names = append(names, name)
	}
	sort.Strings(names)
	lines := []string{}
	for _, name := range names {
		lines = append(lines, strings.Join(append([]string{name}, structs[name]...), "|"))
	}
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(table{"oracle/admitted/schema; do not edit", releases, roots, lines}); err != nil {
		panic(err)
	}
}
