// Asks on which nodes nodeSelector and required node affinity let a pod be scheduled.
package main

import (
	_ "embed"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/component-helpers/scheduling/corev1/nodeaffinity"
	"sigs.k8s.io/yaml"

	"bulkhead.dev/oracle/internal/vectors"
)

//go:embed cases.yaml
var casesText []byte

type node struct {
	Name   string            `json:"name"`
	Labels map[string]string `json:"labels"`
}

type vector struct {
	NodeSelector map[string]string          `json:"nodeSelector,omitempty"`
	Terms        *[]corev1.NodeSelectorTerm `json:"nodeSelectorTerms,omitempty"`
	Matches      string                     `json:"matches"` // 1, 0, or e for an error, for each node of the header
	Error        string                     `json:"error,omitempty"`
}

func main() {
	var given struct {
		Nodes []node
		Pods  []struct {
			Selector map[string]string          `json:"s"`
			Terms    *[]corev1.NodeSelectorTerm `json:"t"`
		}
	}
	if err := yaml.UnmarshalStrict(casesText, &given); err != nil {
		panic(err)
	}
	cases := []vector{}
	for _, short := range given.Pods {
		pod := &corev1.Pod{Spec: corev1.PodSpec{NodeSelector: short.Selector}}
		if short.Terms != nil {
			pod.Spec.Affinity = &corev1.Affinity{NodeAffinity: &corev1.NodeAffinity{
				RequiredDuringSchedulingIgnoredDuringExecution: &corev1.NodeSelector{NodeSelectorTerms: *short.Terms},
			}}
		}
		cases = append(cases, ask(pod, vector{NodeSelector: short.Selector, Terms: short.Terms}, given.Nodes))
	}
	vectors.Print("nodeaffinity", cases, vectors.Field{Name: "nodes", Value: given.Nodes})
}

func ask(pod *corev1.Pod, asked vector, nodes []node) vector {
	required := nodeaffinity.GetRequiredNodeAffinity(pod)
	for _, node := range nodes {
		match, err := required.Match(&corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: node.Name, Labels: node.Labels}})
		switch {
		case err != nil:
			asked.Matches += "e"
			asked.Error = err.Error()
		case match:
			asked.Matches += "1"
		default:
			asked.Matches += "0"
		}
	}
	return asked
}
