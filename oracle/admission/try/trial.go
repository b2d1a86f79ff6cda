package main

import (
	"context"
	"encoding/json"
	"fmt"

	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apiserver/pkg/authorization/authorizer"

	"bulkhead.dev/oracle/internal/admission"
	"bulkhead.dev/oracle/internal/kubectl"
)

type trial struct {
	admission.Validating
	operation, namespace string
	quiet                bool
	subjects             []subject
	refused              int
}

type subject struct {
	label  string
	object runtime.Object
	kind   schema.GroupVersionKind
}

func newTrial(operation, namespace string, quiet bool) *trial {
	allow := authorizer.AuthorizerFunc(func(context.Context, authorizer.Attributes) (authorizer.Decision, string, error) {
		return authorizer.DecisionAllow, "", nil
	})
	return &trial{
		Validating: admission.Validating{Cluster: &admission.Cluster{}, Authz: allow},
		operation:  operation, namespace: namespace, quiet: quiet,
	}
}

func (t *trial) read(path string) {
	documents, problem := kubectl.Documents(path)
	if problem != "" {
		t.refuse("%s: %s", path, problem)
	}
	for i, document := range documents {
		t.document(fmt.Sprintf("%s[%d]", path, i), []byte(document))
	}
}

func (t *trial) document(label string, text []byte) {
	var head struct {
		APIVersion, Kind string
		Items            []json.RawMessage
	}
	if err := json.Unmarshal(text, &head); err != nil || head.Kind == "" {
		t.refuse("%s: no object: %v", label, err)
		return
	}
	switch head.Kind {
	case "List":
		for i, item := range head.Items {
			t.document(fmt.Sprintf("%s.items[%d]", label, i), item)
		}
	case "ValidatingAdmissionPolicy":
		t.policy(label, text)
	case "ValidatingAdmissionPolicyBinding":
		binding, err := admission.DecodeAs[*admissionregistrationv1.ValidatingAdmissionPolicyBinding](text)
		if err != nil {
			t.refuse("%s: %v", label, err)
			return
		}
		t.Bindings = append(t.Bindings, binding)
	default:
		t.subject(label, text)
	}
}

func (t *trial) policy(label string, text []byte) {
	policy, err := admission.DecodeAs[*admissionregistrationv1.ValidatingAdmissionPolicy](text)
	if err != nil {
		t.refuse("%s: %v", label, err)
		return
	}
	problems := admission.Refused(text)
	for _, problem := range problems {
		t.refuse("POLICY %s (%s) is refused: %s", policy.Name, label, problem)
	}
	if len(problems) == 0 {
		fmt.Printf("POLICY %s (%s) is accepted\n", policy.Name, label)
	}
	t.Policies = append(t.Policies, policy)
}

func (t *trial) subject(label string, text []byte) {
	object, kind, err := admission.Decode(text)
	if err != nil {
		t.refuse("%s: %v", label, err)
		return
	}
	if param, external, err := admission.DecodeParam(text); err == nil {
		param.GetObjectKind().SetGroupVersionKind(*external)
		t.Cluster.Params = append(t.Cluster.Params, param)
	}
	accessor, err := meta.Accessor(object)
	if err != nil {
		t.refuse("%s: %v", label, err)
		return
	}
	if kind.Kind == "Namespace" {
		namespace, err := admission.DecodeAs[*corev1.Namespace](text)
		if err == nil {
			t.Cluster.Namespaces = append(t.Cluster.Namespaces, namespace)
		}
	} else if accessor.GetNamespace() == "" && admission.Namespaced(*kind) {
		accessor.SetNamespace(t.namespace)
	}
	t.subjects = append(t.subjects, subject{fmt.Sprintf("%s %s/%s (%s)", kind.Kind, accessor.GetNamespace(), accessor.GetName(), label), object, *kind})
}

// bind gives a binding that denies to each policy without one, and a Namespace to each namespace without one.
func (t *trial) bind() {
	bound := map[string]bool{}
	for _, binding := range t.Bindings {
		bound[binding.Spec.PolicyName] = true
	}
	for _, policy := range t.Policies {
		if !bound[policy.Name] {
			binding := &admissionregistrationv1.ValidatingAdmissionPolicyBinding{ObjectMeta: metav1.ObjectMeta{Name: policy.Name}}
			binding.Spec.PolicyName = policy.Name
			binding.Spec.ValidationActions = []admissionregistrationv1.ValidationAction{admissionregistrationv1.Deny}
			t.Bindings = append(t.Bindings, binding)
		}
	}
	known := map[string]bool{}
	for _, namespace := range t.Cluster.Namespaces {
		known[namespace.Name] = true
	}
	for _, subject := range t.subjects {
		if accessor, _ := meta.Accessor(subject.object); accessor.GetNamespace() != "" && !known[accessor.GetNamespace()] {
			known[accessor.GetNamespace()] = true
			t.Cluster.Namespaces = append(t.Cluster.Namespaces, admission.NewNamespace(accessor.GetNamespace()))
		}
	}
}

func (t *trial) refuse(format string, words ...any) {
	t.refused++
	fmt.Printf(format+"\n", words...)
}
