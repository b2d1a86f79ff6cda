// Asks the Pod Security evaluator about pods, at both levels and every policy version that it knows: `podsecurity` and `podsecurity random`.
package main

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"reflect"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/strategicpatch"
	"k8s.io/pod-security-admission/api"
	"k8s.io/pod-security-admission/policy"
	"sigs.k8s.io/yaml"

	"bulkhead.dev/oracle/internal/vectors"
)

//go:embed cases.yaml
var casesText []byte

type short struct {
	Name        string
	Bare        bool
	Annotations map[string]string
	Spec        corev1.PodSpec
}

type vector struct {
	Name        string            `json:"name"`
	Annotations map[string]string `json:"annotations,omitempty"`
	Spec        map[string]any    `json:"spec"`
	Baseline    []span            `json:"baseline"`
	Restricted  []span            `json:"restricted"`
}

// span says what is forbidden by the policy versions v1.since to v1.until; what none says is allowed.
type span struct {
	Since     int         `json:"since"`
	Until     int         `json:"until"`
	Forbidden []forbidden `json:"forbidden"`
}

type forbidden struct {
	Reason string `json:"reason"`
	Detail string `json:"detail,omitempty"`
}

func main() {
	evaluator, err := policy.NewEvaluator(policy.DefaultChecks(), nil)
	if err != nil {
		panic(err)
	}
	latest := 0
	if _, err := fmt.Sscanf(vectors.Kubernetes(), "1.%d.", &latest); err != nil {
		panic(err)
	}

	given, program := append(pods(), singles()...), "podsecurity"
	if len(os.Args) > 1 && os.Args[1] == "random" {
		given, program = random(), "podsecurity random"
	}
	cases := []vector{}
	for _, pod := range given {
		cases = append(cases, vector{
			Name: pod.Name, Annotations: pod.Annotations, Spec: vectors.Plain(pod.Spec),
			Baseline:   ask(evaluator, api.LevelBaseline, pod, latest),
			Restricted: ask(evaluator, api.LevelRestricted, pod, latest),
		})
	}
	vectors.Print(program, cases, vectors.Field{Name: "latest", Value: latest})
}

func ask(evaluator policy.Evaluator, level api.Level, pod short, latest int) []span {
	object := corev1.Pod{Spec: pod.Spec}
	object.Annotations = pod.Annotations
	spans := []span{}
	for minor := range latest + 1 {
		version := api.LevelVersion{Level: level, Version: api.MajorMinorVersion(1, minor)}
		result := policy.AggregateCheckResults(evaluator.EvaluatePod(version, &object.ObjectMeta, &object.Spec))
		found := []forbidden{}
		for i, reason := range result.ForbiddenReasons {
			found = append(found, forbidden{reason, result.ForbiddenDetails[i]})
		}
		if last := len(spans) - 1; last >= 0 && spans[last].Until == minor-1 && reflect.DeepEqual(spans[last].Forbidden, found) {
			spans[last].Until = minor
		} else if !result.Allowed {
			spans = append(spans, span{minor, minor, found})
		}
	}
	return spans
}

func pods() []short {
	var given []short
	if err := yaml.UnmarshalStrict(casesText, &given); err != nil {
		panic(err)
	}
	for i := range given {
		complete(&given[i])
	}
	dice := rand.New(rand.NewPCG(7, 7))
	singles := len(given)
	for i := range 100 {
		mixed := given[dice.IntN(singles)]
		for range 1 + dice.IntN(3) {
			mixed = merge(mixed, given[dice.IntN(singles)])
		}
		mixed.Name = fmt.Sprint("mixed ", i)
		given = append(given, mixed)
	}
	return given
}

// merge lays one pod over another as kubectl would patch it: containers and volumes by name.
func merge(under, over short) short {
	underText, _ := json.Marshal(under.Spec)
	overText, _ := json.Marshal(over.Spec)
	text, err := strategicpatch.StrategicMergePatch(underText, overText, corev1.PodSpec{})
	if err != nil {
		panic(err)
	}
	merged := short{Annotations: map[string]string{}}
	if err := json.Unmarshal(text, &merged.Spec); err != nil {
		panic(err)
	}
	for _, pod := range []short{under, over} {
		for key, value := range pod.Annotations {
			merged.Annotations[key] = value
		}
	}
	return merged
}

func complete(pod *short) {
	for i := range pod.Spec.Containers {
		name(&pod.Spec.Containers[i].Name, "c")
	}
	for i := range pod.Spec.InitContainers {
		name(&pod.Spec.InitContainers[i].Name, "i")
	}
	for i := range pod.Spec.EphemeralContainers {
		name(&pod.Spec.EphemeralContainers[i].Name, "e")
	}
	if !pod.Bare {
		harden(&pod.Spec)
	}
}

func name(field *string, preset string) {
	if *field == "" {
		*field = preset
	}
}

// harden sets what the restricted level wants wherever the pod does not say otherwise.
func harden(spec *corev1.PodSpec) {
	yes := true
	if spec.SecurityContext == nil {
		spec.SecurityContext = &corev1.PodSecurityContext{}
	}
	if spec.SecurityContext.RunAsNonRoot == nil {
		spec.SecurityContext.RunAsNonRoot = &yes
	}
	if spec.SecurityContext.SeccompProfile == nil {
		spec.SecurityContext.SeccompProfile = &corev1.SeccompProfile{Type: corev1.SeccompProfileTypeRuntimeDefault}
	}
	for i := range spec.Containers {
		hardenContainer(&spec.Containers[i].SecurityContext)
	}
	for i := range spec.InitContainers {
		hardenContainer(&spec.InitContainers[i].SecurityContext)
	}
	for i := range spec.EphemeralContainers {
		hardenContainer(&spec.EphemeralContainers[i].SecurityContext)
	}
}

func hardenContainer(context **corev1.SecurityContext) {
	no := false
	if *context == nil {
		*context = &corev1.SecurityContext{}
	}
	if (*context).AllowPrivilegeEscalation == nil {
		(*context).AllowPrivilegeEscalation = &no
	}
	if (*context).Capabilities == nil {
		(*context).Capabilities = &corev1.Capabilities{}
	}
	if (*context).Capabilities.Drop == nil {
		(*context).Capabilities.Drop = []corev1.Capability{"ALL"}
	}
}
