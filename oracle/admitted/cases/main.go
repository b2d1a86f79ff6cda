// Prints the objects to ask about: those of objects.yaml, then random ones of every kind, from a fixed seed,
// or from that of the first argument, as many times over as the second says.
package main

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"math/rand"
	"os"

	"bufio"
	"k8s.io/apimachinery/pkg/runtime/schema"
	kyaml "k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/yaml"

	"bulkhead.dev/oracle/admitted/builtin"
)

//go:embed objects.yaml
var written []byte

func main() {
	objects := []json.RawMessage{}
	documents := kyaml.NewYAMLReader(bufio.NewReader(bytes.NewReader(written)))
	for {
		document, err := documents.Read()
		if err == io.EOF {
			break
		}
		must(err)
		text, err := yaml.YAMLToJSON(document)
		must(err)
		objects = append(objects, text)
	}

	seed, times := int64(20261121), 1
	if len(os.Args) > 2 {
		_, err := fmt.Sscan(os.Args[1]+" "+os.Args[2], &seed, &times)
		must(err)
	}
	random := generator{rand.New(rand.NewSource(seed))}
	for _, each := range kinds {
		gvk := schema.FromAPIVersionAndKind(each.apiVersion, each.kind)
		goType := builtin.Scheme.AllKnownTypes()[gvk]
		if goType == nil {
			panic(gvk)
		}
		for range each.count * times {
			object := random.object(goType, 0)
			object["apiVersion"], object["kind"] = each.apiVersion, each.kind
			text, err := json.Marshal(object)
			must(err)
			objects = append(objects, text)
		}
	}
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	for i, object := range objects {
		fmt.Fprintf(out, "%s%s", map[bool]string{true: "[\n", false: ",\n"}[i == 0], object)
	}
	fmt.Fprint(out, "\n]\n")
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}
