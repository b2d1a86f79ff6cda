package main

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"math/rand/v2"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/yaml"
)

//go:embed faults.yaml
var faultsText []byte

// fault is one thing that one control looks at.
type fault struct {
	Control    string
	Label      string
	Container  map[string]any
	Spec       map[string]any
	Annotation string // the container's name follows where it ends with a slash
	Value      string
}

// place is a kind of container: its list, its name and what makes it that kind.
type place struct {
	label, list, name string
	more              map[string]any
}

var places = []place{
	{"container", "containers", "c", nil},
	{"second container", "containers", "d", nil},
	{"init", "initContainers", "i", nil},
	{"sidecar", "initContainers", "s", map[string]any{"restartPolicy": "Always"}},
	{"ephemeral", "ephemeralContainers", "e", nil},
}

// setting is the pod around a fault.
type setting struct {
	label string
	spec  map[string]any
}

var settings = []setting{
	{"", nil},
	{" on Windows", map[string]any{"os": map[string]any{"name": "windows"}}},
	{" on Linux", map[string]any{"os": map[string]any{"name": "linux"}}},
	{" without host users", map[string]any{"hostUsers": false}},
	{" with host users", map[string]any{"hostUsers": true}},
}

// singles has each fault in each kind of container, or in pods of each kind of container, and in each setting.
func singles() []short {
	pods := []short{}
	for _, fault := range faults() {
		for p, place := range places {
			for s, setting := range settings {
				if (p == 1 || p == 3) && s > 0 && s != 3 {
					continue // these differ from their sisters in nothing that the settings touch
				}
				built := newPod()
				if fault.Container != nil || p != 1 {
					built.container(place)
				}
				built.spec(setting.spec)
				built.add(fault, place)
				pods = append(pods, built.short(fmt.Sprintf("%s: %s, %s%s", fault.Control, fault.Label, place.label, setting.label)))
			}
		}
	}
	return pods
}

// random pods have several containers, some faults and some setting.
func random() []short {
	dice, known := rand.New(rand.NewPCG(11, 11)), faults()
	pods := []short{}
	for i := range 1500 {
		built := newPod()
		for _, place := range places[1:] {
			if dice.IntN(4) == 0 {
				built.container(place)
			}
		}
		if dice.IntN(3) == 0 {
			built.spec(settings[dice.IntN(len(settings))].spec)
		}
		for range dice.IntN(4) {
			built.add(known[dice.IntN(len(known))], places[dice.IntN(len(places))])
		}
		pods = append(pods, built.short(fmt.Sprint(i)))
	}
	return pods
}

func faults() []fault {
	var all []fault
	if err := yaml.UnmarshalStrict(faultsText, &all); err != nil {
		panic(err)
	}
	return all
}

// builder is a pod in the making, right in all that is not made wrong.
type builder struct {
	pod         map[string]any
	annotations map[string]string
}

func newPod() *builder {
	built := &builder{pod: map[string]any{}, annotations: map[string]string{}}
	built.spec(map[string]any{"securityContext": map[string]any{"runAsNonRoot": true, "seccompProfile": map[string]any{"type": "RuntimeDefault"}}})
	built.container(places[0])
	return built
}

func (b *builder) spec(patch map[string]any) { patched(b.pod, patch) }

// container is the container of that place, which is added if it is not there.
func (b *builder) container(place place) map[string]any {
	list, _ := b.pod[place.list].([]any)
	for _, each := range list {
		if container := each.(map[string]any); container["name"] == place.name {
			return container
		}
	}
	container := map[string]any{"name": place.name, "securityContext": map[string]any{
		"allowPrivilegeEscalation": false, "capabilities": map[string]any{"drop": []any{"ALL"}},
	}}
	patched(container, place.more)
	b.pod[place.list] = append(list, container)
	return container
}

func (b *builder) add(fault fault, place place) {
	if fault.Container != nil {
		patched(b.container(place), fault.Container)
	}
	b.spec(fault.Spec)
	switch key := fault.Annotation; {
	case key == "":
	case key[len(key)-1] == '/':
		b.annotations[key+place.name] = fault.Value
	default:
		b.annotations[key] = fault.Value
	}
}

func (b *builder) short(name string) short {
	text, err := json.Marshal(b.pod)
	if err != nil {
		panic(err)
	}
	made := short{Name: name, Annotations: b.annotations}
	var spec corev1.PodSpec
	if err := yaml.UnmarshalStrict(text, &spec); err != nil {
		panic(err)
	}
	made.Spec = spec
	return made
}

// patched merges the patch into the object: maps member by member, all else as a whole, null removes.
func patched(object, patch map[string]any) {
	for key, value := range patch {
		under, isMap := value.(map[string]any)
		switch {
		case value == nil:
			delete(object, key)
		case isMap:
			inner, found := object[key].(map[string]any)
			if !found {
				inner = map[string]any{}
				object[key] = inner
			}
			patched(inner, under)
		default:
			object[key] = value
		}
	}
}
