// Asks what the API server makes of network policies: their defaults, and what it refuses.
// Arguments are outputs of this program linked with other releases, to compare with.
package main

import (
	_ "embed"
	"encoding/json"
	"os"

	networkingv1 "k8s.io/api/networking/v1"
	"sigs.k8s.io/yaml"

	"bulkhead.dev/oracle/internal/netpol"
	"bulkhead.dev/oracle/internal/vectors"
)

//go:embed cases.yaml
var casesText []byte

type vector struct {
	Spec      json.RawMessage                 `json:"spec"`
	Defaulted *networkingv1.NetworkPolicySpec `json:"defaulted"`
	Errors    []problem                       `json:"errors,omitempty"`
	Warnings  []string                        `json:"warnings,omitempty"`
}

type problem struct {
	Type   string `json:"type"`
	Field  string `json:"field"`
	Detail string `json:"detail"`
}

func main() {
	var specs []json.RawMessage
	if err := yaml.Unmarshal(casesText, &specs); err != nil {
		panic(err)
	}
	cases := []vector{}
	for _, spec := range specs {
		policy := &networkingv1.NetworkPolicy{}
		policy.Name, policy.Namespace = "policy", "default"
		if err := json.Unmarshal(spec, &policy.Spec); err != nil {
			panic(err)
		}
		defaulted, errors, warnings := netpol.Create(policy)
		asked := vector{Spec: spec, Defaulted: &defaulted.Spec, Warnings: warnings}
		for _, err := range errors {
			asked.Errors = append(asked.Errors, problem{string(err.Type), err.Field, err.Detail})
		}
		cases = append(cases, asked)
	}
	vectors.Print("netpol-defaults", cases, vectors.Checked(os.Args[1:], cases)...)
}
