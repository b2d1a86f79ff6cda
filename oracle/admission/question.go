package main

import (
	"encoding/json"
	"strings"

	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apiserver/pkg/authentication/user"

	"bulkhead.dev/oracle/internal/admission"
	"bulkhead.dev/oracle/internal/celrun"
)

const everything = `{"resourceRules":[{"apiGroups":["*"],"apiVersions":["*"],"operations":["*"],"resources":["*/*"]}]}`

// question is a case with its names filled in.
type question struct {
	*suite
	given
	kind string
}

// seen is the request as the plugin gets it: the objects defaulted, in the version of the request.
type seen struct {
	Operation   string         `json:"operation"`
	Object      any            `json:"object,omitempty"`
	OldObject   any            `json:"oldObject,omitempty"`
	Group       string         `json:"group"`
	Version     string         `json:"version"`
	Kind        string         `json:"kind"`
	Resource    string         `json:"resource"`
	Subresource string         `json:"subresource,omitempty"`
	Namespace   string         `json:"namespace,omitempty"`
	Name        string         `json:"name,omitempty"`
	DryRun      bool           `json:"dryRun,omitempty"`
	UserInfo    map[string]any `json:"userInfo"`
}

func (q question) answer() vector {
	q.complete()
	cluster := &admission.Cluster{Unknown: map[schema.GroupVersionKind]bool{}, ClusterScoped: map[schema.GroupVersionKind]bool{}}
	for _, kind := range q.Unknown {
		cluster.Unknown[parseKind(kind)] = true
	}
	for _, param := range q.Params {
		object, kind := must2(admission.DecodeParam(param))
		object.GetObjectKind().SetGroupVersionKind(*kind)
		cluster.Params = append(cluster.Params, object)
		cluster.ClusterScoped[*kind] = !admission.Namespaced(*kind)
	}
	asked, shown := q.request()
	known := map[string]bool{}
	for _, text := range q.Namespaces {
		namespace := must(admission.DecodeAs[*corev1.Namespace](text))
		cluster.Namespaces = append(cluster.Namespaces, namespace)
		known[namespace.Name] = true
	}
	if asked.Namespace != "" && !known[asked.Namespace] && q.Namespaces == nil {
		namespace := admission.NewNamespace(asked.Namespace)
		cluster.Namespaces = append(cluster.Namespaces, namespace)
	}
	answer := vector{
		Name: q.Name, Policies: q.Policies, Bindings: q.Bindings, Params: q.Params, Namespaces: q.given.Namespaces, Unknown: q.Unknown, Request: shown,
	}
	for _, text := range append(append([]json.RawMessage{}, q.Policies...), q.Bindings...) {
		answer.Refused = append(answer.Refused, admission.Refused(text)...)
	}
	authz := celrun.Authorizer(q.Rules)
	if q.kind == "validating" {
		policies := admission.Validating{Cluster: cluster, Authz: authz}
		for _, text := range q.Policies {
			policies.Policies = append(policies.Policies, must(admission.DecodeAs[*admissionregistrationv1.ValidatingAdmissionPolicy](text)))
		}
		for _, text := range q.Bindings {
			policies.Bindings = append(policies.Bindings, must(admission.DecodeAs[*admissionregistrationv1.ValidatingAdmissionPolicyBinding](text)))
		}
		answer.Verdict = policies.Ask(asked)
		for _, policy := range policies.Policies {
			again, _ := q.request()
			answer.Costs = append(answer.Costs, policies.Explain(policy, again))
		}
		return answer
	}
	policies := admission.Mutating{Cluster: cluster, Authz: authz}
	for _, text := range q.Policies {
		policies.Policies = append(policies.Policies, must(admission.DecodeAs[*admissionregistrationv1.MutatingAdmissionPolicy](text)))
	}
	for _, text := range q.Bindings {
		policies.Bindings = append(policies.Bindings, must(admission.DecodeAs[*admissionregistrationv1.MutatingAdmissionPolicyBinding](text)))
	}
	answer.Verdict = policies.Ask(asked)
	return answer
}

// complete writes out what a case leaves out, and puts the objects in the places of their names.
func (q *question) complete() {
	kind := map[string]string{"validating": "ValidatingAdmissionPolicy", "mutating": "MutatingAdmissionPolicy"}[q.kind]
	if q.Spec != nil {
		q.Policies = append(q.Policies, celrun.JSON(map[string]any{"metadata": map[string]any{"name": "p"}, "spec": q.Spec}))
		if q.Bindings == nil {
			spec := map[string]any{"policyName": "p"}
			if q.Binding != nil {
				mustNot(json.Unmarshal(q.Binding, &spec))
			}
			q.Bindings = append(q.Bindings, celrun.JSON(map[string]any{"metadata": map[string]any{"name": "b"}, "spec": spec}))
		}
	}
	for i, text := range q.Policies {
		policy := headed(text, kind)
		spec := policy["spec"].(map[string]any)
		if _, said := spec["matchConstraints"]; !said {
			spec["matchConstraints"] = json.RawMessage(everything)
		}
		if _, said := spec["reinvocationPolicy"]; !said && q.kind == "mutating" {
			spec["reinvocationPolicy"] = "Never"
		}
		q.Policies[i] = celrun.JSON(policy)
	}
	for i, text := range q.Bindings {
		binding := headed(text, kind+"Binding")
		spec := binding["spec"].(map[string]any)
		if _, said := spec["policyName"]; !said {
			spec["policyName"] = "p"
		}
		if _, said := spec["validationActions"]; !said && q.kind == "validating" {
			spec["validationActions"] = []string{"Deny"}
		}
		q.Bindings[i] = celrun.JSON(binding)
	}
	q.given.Request.Object = q.named(q.given.Request.Object)
	q.given.Request.OldObject = q.named(q.given.Request.OldObject)
	for i := range q.Params {
		q.Params[i] = q.named(q.Params[i])
	}
	for i := range q.given.Namespaces {
		q.given.Namespaces[i] = celrun.JSON(headed(q.named(q.given.Namespaces[i]), "Namespace"))
	}
}

func headed(text json.RawMessage, kind string) map[string]any {
	object := map[string]any{}
	mustNot(json.Unmarshal(text, &object))
	object["kind"], object["apiVersion"] = kind, "admissionregistration.k8s.io/v1"
	if kind == "Namespace" {
		object["apiVersion"] = "v1"
	}
	return object
}

func (s *suite) named(text json.RawMessage) json.RawMessage {
	var name string
	if json.Unmarshal(text, &name) != nil {
		return text
	}
	object, found := s.Objects[name]
	if !found {
		panic("no object " + name)
	}
	return object
}

func (q question) request() (*admission.Request, seen) {
	said := q.given.Request
	if said.Operation == "" {
		said.Operation = "CREATE"
	}
	var object, old runtime.Object
	var kind *schema.GroupVersionKind
	if said.OldObject != nil {
		old, kind = must2(admission.Decode(said.OldObject))
	}
	if said.Object != nil {
		object, kind = must2(admission.Decode(said.Object))
	}
	asked := admission.NewRequest(said.Operation, object, old, *kind)
	asked.Subresource, asked.DryRun = said.Subresource, said.DryRun
	if said.Resource != "" {
		asked.Resource.Resource = said.Resource
	}
	if said.Namespace != "" {
		asked.Namespace = said.Namespace
	}
	if said.User != "" {
		asked.User = &user.DefaultInfo{Name: said.User, Groups: []string{"system:authenticated"}, Extra: map[string][]string{"scopes": {"a", "b"}}}
	}
	shown := seen{
		Operation: asked.Operation, Object: admission.Versioned(object, *kind), OldObject: admission.Versioned(old, *kind),
		Group: kind.Group, Version: kind.Version, Kind: kind.Kind, Resource: asked.Resource.Resource, Subresource: asked.Subresource,
		Namespace: asked.Namespace, Name: asked.Name, DryRun: asked.DryRun, UserInfo: map[string]any{"username": asked.User.Name, "uid": asked.User.UID, "groups": asked.User.Groups, "extra": asked.User.Extra},
	}
	return asked, shown
}

func parseKind(text string) schema.GroupVersionKind {
	cut := strings.LastIndex(text, "/")
	return schema.FromAPIVersionAndKind(text[:cut], text[cut+1:])
}

func must[T any](value T, err error) T {
	mustNot(err)
	return value
}

func must2[A, B any](a A, b B, err error) (A, B) {
	mustNot(err)
	return a, b
}

func mustNot(err error) {
	if err != nil {
		panic(err)
	}
}
