package main

import (
	"fmt"

	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apiserver/pkg/admission/plugin/policy/generic"
	"k8s.io/apiserver/pkg/admission/plugin/policy/validating"

	"bulkhead.dev/oracle/internal/admission"
)

// judge prints what the plugin does to the subject, and what each expression of the policy says and costs.
func (t *trial) judge(policy *admissionregistrationv1.ValidatingAdmissionPolicy, subject subject) {
	request := t.request(subject)
	matcher := generic.NewPolicyMatcher(t.Cluster.Matcher())
	matches, _, _, err := matcher.DefinitionMatches(request.Attributes(), admission.Interfaces(), validating.NewValidatingAdmissionPolicyAccessor(policy))
	if err == nil && !matches {
		if !t.quiet {
			fmt.Printf("not matched  %s  %s\n", policy.Name, subject.label)
		}
		return
	}
	one := t.Validating
	one.Policies = []*admissionregistrationv1.ValidatingAdmissionPolicy{policy}
	verdict := one.Ask(t.request(subject))
	if verdict.Denied == nil {
		fmt.Printf("allowed      %s  %s\n", policy.Name, subject.label)
	} else {
		fmt.Printf("DENIED       %s  %s: %s (%s, %d)\n", policy.Name, subject.label, verdict.Denied.Message, verdict.Denied.Reason, verdict.Denied.Code)
	}
	for _, text := range verdict.Warnings {
		fmt.Println("    warning:", text)
	}
	for key, value := range verdict.Annotations {
		fmt.Printf("    audit: %s=%s\n", key, value)
	}
	if !t.quiet {
		for _, line := range t.Explain(policy, t.request(subject)) {
			fmt.Println("   ", line)
		}
	}
}

// request is made anew for each use: plugins keep and convert what they get.
func (t *trial) request(subject subject) *admission.Request {
	object, old := subject.object.DeepCopyObject(), runtime.Object(nil)
	switch t.operation {
	case "UPDATE":
		old = subject.object.DeepCopyObject()
	case "DELETE":
		object, old = nil, object
	}
	return admission.NewRequest(t.operation, object, old, subject.kind)
}
