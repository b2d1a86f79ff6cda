// Asks the admission plugins about requests: `admission validating`, `admission mutating`, each with the answers of other releases to compare.
package main

import (
	"embed"
	"encoding/json"
	"os"

	"sigs.k8s.io/yaml"

	"bulkhead.dev/oracle/internal/admission"
	"bulkhead.dev/oracle/internal/celrun"
	"bulkhead.dev/oracle/internal/vectors"
)

//go:embed *.yaml
var files embed.FS

// suite is a file of cases; a text where an object is wanted names one of the objects.
type suite struct {
	Objects map[string]json.RawMessage
	Rules   []celrun.Rule
	Topics  []struct {
		Topic string
		Cases []given
	}
}

// given is a case as it is written. A policy of which only the spec is said is called p, its binding b, and matches everything.
type given struct {
	Name       string
	Spec       json.RawMessage
	Binding    json.RawMessage
	Policies   []json.RawMessage
	Bindings   []json.RawMessage
	Params     []json.RawMessage
	Namespaces []json.RawMessage
	Unknown    []string // kinds of params that the API server does not know
	Request    request
}

type request struct {
	Operation   string          `json:"operation,omitempty"`
	Object      json.RawMessage `json:"object,omitempty"`
	OldObject   json.RawMessage `json:"oldObject,omitempty"`
	Resource    string          `json:"resource,omitempty"` // of the object's group and version, where the kind's own is not meant
	Subresource string          `json:"subresource,omitempty"`
	Namespace   string          `json:"namespace,omitempty"`
	DryRun      bool            `json:"dryRun,omitempty"`
	User        string          `json:"user,omitempty"`
}

type vector struct {
	Name       string            `json:"name"`
	Topic      string            `json:"topic"`
	Policies   []json.RawMessage `json:"policies"`
	Bindings   []json.RawMessage `json:"bindings"`
	Params     []json.RawMessage `json:"params,omitempty"`
	Namespaces []json.RawMessage `json:"namespaces,omitempty"`
	Unknown    []string          `json:"unknown,omitempty"`
	Request    seen              `json:"request"`
	Refused    []string          `json:"refused,omitempty"`
	Verdict    admission.Verdict `json:"verdict"`

	// Costs are those of each expression of each policy, evaluated alone and whatever the policy matches.
	Costs [][]admission.Explained `json:"costs,omitempty"`
}

func main() {
	text, err := files.ReadFile(os.Args[1] + ".yaml")
	if err != nil {
		panic(err)
	}
	var all suite
	if err := yaml.UnmarshalStrict(text, &all); err != nil {
		panic(err)
	}
	cases := []vector{}
	for _, topic := range all.Topics {
		for _, one := range topic.Cases {
			asked := question{suite: &all, given: one, kind: os.Args[1]}
			answer := asked.answer()
			answer.Topic = topic.Topic
			cases = append(cases, answer)
		}
	}
	header := append([]vectors.Field{{Name: "authorizer", Value: all.Rules}}, vectors.Checked(os.Args[2:], cases)...)
	vectors.Print("admission "+os.Args[1], cases, header...)
}
