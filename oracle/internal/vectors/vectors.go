// Package vectors prints vector files: a header, then one case a line.
package vectors

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"runtime/debug"
	"strings"

	_ "k8s.io/apimachinery/pkg/version" // so that every program is linked with the release that it names
)

// Field is one member of a file's header, in the order given.
type Field struct {
	Name  string
	Value any
}

// Print writes {"generatedBy":…,"kubernetes":…,header…,"cases":[…]} to stdout.
func Print[T any](program string, cases []T, header ...Field) {
	fields := append([]Field{{"kubernetes", Kubernetes()}}, header...)
	PrintLists(program, fields, []List[T]{{"cases", cases}})
}

// List is a named array whose elements stand on one line each.
type List[T any] struct {
	Name  string
	Items []T
}

func PrintLists[T any](program string, header []Field, lists []List[T]) {
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	out.WriteString(`{"generatedBy":` + Text("oracle/"+program+"; do not edit"))
	for _, field := range header {
		out.WriteString(",\n" + Text(field.Name) + ":" + Text(field.Value))
	}
	for _, list := range lists {
		out.WriteString(",\n" + Text(list.Name) + ":[")
		for i, item := range list.Items {
			if i > 0 {
				out.WriteByte(',')
			}
			out.WriteString("\n" + Text(item))
		}
		out.WriteString("\n]")
	}
	out.WriteString("}\n")
}

// Text is v as compact JSON without HTML escapes.
func Text(v any) string {
	var buffer bytes.Buffer
	encoder := json.NewEncoder(&buffer)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		panic(err)
	}
	return strings.TrimSuffix(buffer.String(), "\n")
}

// Kubernetes is the release whose code is linked into this program.
func Kubernetes() string {
	return strings.TrimPrefix(strings.Replace(Module("k8s.io/apimachinery"), "v0.", "v1.", 1), "v")
}

// Module is the version of a module that is linked into this program.
func Module(path string) string {
	info, _ := debug.ReadBuildInfo()
	for _, module := range info.Deps {
		if module.Path == path {
			if module.Replace != nil {
				return module.Replace.Version
			}
			return module.Version
		}
	}
	panic("not linked: " + path)
}

// Plain is a Kubernetes object as plain JSON, equal whatever the release; those before 1.34 wrote creationTimestamp: null.
func Plain(object any) map[string]any {
	plain := map[string]any{}
	if err := json.Unmarshal([]byte(Text(object)), &plain); err != nil {
		panic(err)
	}
	if metadata, found := plain["metadata"].(map[string]any); found && metadata["creationTimestamp"] == nil {
		delete(metadata, "creationTimestamp")
	}
	return plain
}

func PlainAll[T any](objects []T) []map[string]any {
	plain := []map[string]any{}
	for _, object := range objects {
		plain = append(plain, Plain(object))
	}
	return plain
}
