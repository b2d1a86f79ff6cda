// Asks which label sets a metav1.LabelSelector matches.
package main

import (
	_ "embed"
	"math/rand/v2"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"sigs.k8s.io/yaml"

	"bulkhead.dev/oracle/internal/vectors"
)

//go:embed cases.yaml
var casesText []byte

type vector struct {
	Selector *metav1.LabelSelector `json:"selector"`
	Matches  string                `json:"matches,omitempty"` // 1 or 0 for each label set of the header
	Error    string                `json:"error,omitempty"`
}

func main() {
	var given struct {
		LabelSets []map[string]string
		Selectors []metav1.LabelSelector
	}
	if err := yaml.UnmarshalStrict(casesText, &given); err != nil {
		panic(err)
	}
	cases := []vector{ask(nil, given.LabelSets)}
	for _, selector := range append(given.Selectors, random()...) {
		cases = append(cases, ask(&selector, given.LabelSets))
	}
	vectors.Print("selectors", cases, vectors.Field{Name: "labelSets", Value: given.LabelSets})
}

func ask(selector *metav1.LabelSelector, labelSets []map[string]string) vector {
	asked := vector{Selector: selector}
	parsed, err := metav1.LabelSelectorAsSelector(selector)
	if err != nil {
		asked.Error = err.Error()
		return asked
	}
	for _, labelSet := range labelSets {
		if parsed.Matches(labels.Set(labelSet)) {
			asked.Matches += "1"
		} else {
			asked.Matches += "0"
		}
	}
	return asked
}

func random() []metav1.LabelSelector {
	dice := rand.New(rand.NewPCG(5, 5))
	operators := []metav1.LabelSelectorOperator{metav1.LabelSelectorOpIn, metav1.LabelSelectorOpNotIn, metav1.LabelSelectorOpExists, metav1.LabelSelectorOpDoesNotExist}
	keys, values := []string{"app", "tier", "env", "missing"}, []string{"web", "db", "front", "back", "prod", ""}
	selectors := []metav1.LabelSelector{}
	for range 200 {
		selector := metav1.LabelSelector{}
		if dice.IntN(2) == 0 {
			selector.MatchLabels = map[string]string{keys[dice.IntN(2)]: values[dice.IntN(4)]}
		}
		for range dice.IntN(4) {
			requirement := metav1.LabelSelectorRequirement{Key: keys[dice.IntN(len(keys))], Operator: operators[dice.IntN(len(operators))]}
			if requirement.Operator == metav1.LabelSelectorOpIn || requirement.Operator == metav1.LabelSelectorOpNotIn {
				for range 1 + dice.IntN(3) {
					requirement.Values = append(requirement.Values, values[dice.IntN(len(values))])
				}
			}
			selector.MatchExpressions = append(selector.MatchExpressions, requirement)
		}
		selectors = append(selectors, selector)
	}
	return selectors
}
