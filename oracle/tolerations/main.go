// Asks which taints a toleration tolerates, and which taint of a node keeps a pod from being scheduled there.
package main

import (
	_ "embed"
	"math/rand/v2"

	corev1 "k8s.io/api/core/v1"
	schedulinghelpers "k8s.io/component-helpers/scheduling/corev1"
	"k8s.io/klog/v2"
	"k8s.io/kubernetes/pkg/scheduler/framework/plugins/helper"
	"sigs.k8s.io/yaml"

	"bulkhead.dev/oracle/internal/vectors"
)

//go:embed cases.yaml
var casesText []byte

type vector struct {
	Toleration corev1.Toleration `json:"toleration"`
	Tolerates  string            `json:"tolerates"`                // 1 or 0 for each taint of the header
	Comparing  string            `json:"withComparison,omitempty"` // where the gate TaintTolerationComparisonOperators makes a difference
}

// scheduling names taints by their index in the header and tolerations by their case; first is the untolerated taint or -1.
type scheduling struct {
	Taints      []int `json:"taints"`
	Tolerations []int `json:"tolerations"`
	First       int   `json:"firstUntolerated"`
}

func main() {
	var given struct {
		Taints      []corev1.Taint
		Tolerations []corev1.Toleration
	}
	if err := yaml.UnmarshalStrict(casesText, &given); err != nil {
		panic(err)
	}
	cases := []vector{}
	for _, toleration := range given.Tolerations {
		asked := vector{Toleration: toleration, Tolerates: ask(toleration, given.Taints, false)}
		if comparing := ask(toleration, given.Taints, true); comparing != asked.Tolerates {
			asked.Comparing = comparing
		}
		cases = append(cases, asked)
	}
	vectors.Print("tolerations", cases,
		vectors.Field{Name: "taints", Value: given.Taints},
		vectors.Field{Name: "scheduling", Value: schedule(given.Taints, given.Tolerations)})
}

func ask(toleration corev1.Toleration, taints []corev1.Taint, comparison bool) string {
	tolerates := ""
	for _, taint := range taints {
		if toleration.ToleratesTaint(klog.Logger{}, &taint, comparison) {
			tolerates += "1"
		} else {
			tolerates += "0"
		}
	}
	return tolerates
}

func schedule(taints []corev1.Taint, tolerations []corev1.Toleration) []scheduling {
	dice := rand.New(rand.NewPCG(6, 6))
	asked := []scheduling{}
	for range 200 {
		one := scheduling{Taints: []int{}, Tolerations: []int{}, First: -1}
		onNode, inPod := []corev1.Taint{}, []corev1.Toleration{}
		for range dice.IntN(4) {
			i := dice.IntN(len(taints))
			one.Taints, onNode = append(one.Taints, i), append(onNode, taints[i])
		}
		for range dice.IntN(4) {
			i := dice.IntN(len(tolerations))
			one.Tolerations, inPod = append(one.Tolerations, i), append(inPod, tolerations[i])
		}
		taint, untolerated := schedulinghelpers.FindMatchingUntoleratedTaint(klog.Logger{}, onNode, inPod, helper.DoNotScheduleTaintsFilterFunc(), false)
		if untolerated {
			for _, i := range one.Taints {
				if taints[i] == taint {
					one.First = i
				}
			}
		}
		asked = append(asked, one)
	}
	return asked
}
