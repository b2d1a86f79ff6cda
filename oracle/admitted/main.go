// Asks what the admission plugins of the API server are shown of an object: decoded, defaulted, and converted back.
// Arguments: the file of cases, then outputs of this program linked with other releases, to compare with.
package main

import (
	"encoding/json"
	"os"

	"bulkhead.dev/oracle/admitted/builtin"
	"bulkhead.dev/oracle/internal/vectors"
)

type vector struct {
	In    json.RawMessage `json:"in"`
	Out   map[string]any  `json:"out,omitempty"`
	Error string          `json:"error,omitempty"`
	// By minor release, where it differs.
	Others map[string]string `json:"others,omitempty"`
}

func main() {
	text, err := os.ReadFile(os.Args[1])
	must(err)
	var objects []json.RawMessage
	must(json.Unmarshal(text, &objects))
	asked := []vector{}
	for _, object := range objects {
		asked = append(asked, ask(object))
	}
	vectors.Print("admitted", asked, vectors.Field{Name: "others", Value: compared(os.Args[2:], asked)})
}

func ask(in json.RawMessage) vector {
	out, err := builtin.Admitted(in)
	if err != nil {
		return vector{In: in, Error: err.Error()}
	}
	return vector{In: in, Out: out}
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}
