package main

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

type policy struct {
	clusterRoles        []rbacv1.ClusterRole
	roles               []rbacv1.Role
	clusterRoleBindings []rbacv1.ClusterRoleBinding
	roleBindings        []rbacv1.RoleBinding
}

type request struct {
	user                                                      int
	verb, group, resource, subresource, name, namespace, path string
}

type dice struct{ *rand.Rand }

// diceOf gives each policy its own numbers, so that any part of them can be made alone.
func diceOf(index int) dice { return dice{rand.New(rand.NewPCG(2026, uint64(index)))} }

func (d dice) in(n int) bool             { return d.IntN(n) == 0 }
func (d dice) one(words []string) string { return words[d.IntN(len(words))] }

// some are one to most words, at times one twice.
func (d dice) some(words []string, most int) []string {
	found := []string{}
	for range 1 + d.IntN(most) {
		found = append(found, d.one(words))
	}
	return found
}

func (d dice) policy() policy {
	made := policy{}
	for i := range 1 + d.IntN(4) {
		role := rbacv1.ClusterRole{ObjectMeta: metav1.ObjectMeta{Name: fmt.Sprint("c", i)}, Rules: d.rules(true)}
		made.clusterRoles = append(made.clusterRoles, role)
	}
	for i := range d.IntN(4) {
		role := rbacv1.Role{ObjectMeta: metav1.ObjectMeta{Name: fmt.Sprint("r", i), Namespace: d.one(spaces)}, Rules: d.rules(d.in(8))}
		made.roles = append(made.roles, role)
	}
	for i := range d.IntN(4) {
		binding := rbacv1.ClusterRoleBinding{ObjectMeta: metav1.ObjectMeta{Name: fmt.Sprint(d.one(bindingNames), i)}, Subjects: d.subjects(), RoleRef: d.ref(made, "")}
		made.clusterRoleBindings = append(made.clusterRoleBindings, binding)
	}
	for i := range 1 + d.IntN(4) {
		namespace := d.one(spaces)
		meta := metav1.ObjectMeta{Name: fmt.Sprint(d.one(bindingNames), i), Namespace: namespace}
		made.roleBindings = append(made.roleBindings, rbacv1.RoleBinding{ObjectMeta: meta, Subjects: d.subjects(), RoleRef: d.ref(made, namespace)})
	}
	return made
}

// ref is mostly of a role that exists where the binding looks for it.
func (d dice) ref(made policy, namespace string) rbacv1.RoleRef {
	ref := rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: made.clusterRoles[d.IntN(len(made.clusterRoles))].Name}
	if len(made.roles) > 0 && (namespace != "" && d.in(2) || d.in(15)) {
		role := made.roles[d.IntN(len(made.roles))]
		if role.Namespace == namespace || d.in(4) {
			ref.Kind, ref.Name = "Role", role.Name
		}
	}
	if d.in(15) {
		ref.Name += "-gone"
	}
	return ref
}

func (d dice) subjects() []rbacv1.Subject {
	made := []rbacv1.Subject{}
	for range d.IntN(5) {
		made = append(made, subjectOf(d.one(subjects)))
	}
	return made
}

func subjectOf(text string) rbacv1.Subject {
	kind, name, _ := strings.Cut(text, "/")
	subject := rbacv1.Subject{Kind: kind, Name: name}
	if kind == rbacv1.ServiceAccountKind {
		subject.Namespace, subject.Name, _ = strings.Cut(name, "/")
	}
	return subject
}

func (d dice) rules(withURLs bool) []rbacv1.PolicyRule {
	made := []rbacv1.PolicyRule{}
	for range 1 + d.IntN(4) {
		rule := rbacv1.PolicyRule{Verbs: d.orStar(d.mostly(verbs, ruleVerbs, 4), 4)}
		isURL := withURLs && d.in(4)
		if isURL {
			rule.NonResourceURLs = d.some(ruleURLs, 3)
		}
		if !isURL || d.in(12) {
			rule.APIGroups = d.orStar(d.mostly(groups, ruleGroups, 2), 4)
			rule.Resources = d.orStar(d.mostly(resources, ruleParts, 4), 6)
		}
		if d.in(5) {
			rule.ResourceNames = d.some(append([]string{""}, names...), 3)
		}
		switch d.IntN(40) {
		case 0:
			rule.Verbs = nil
		case 1:
			rule.APIGroups = nil
		case 2:
			rule.Resources = nil
		}
		made = append(made, rule)
	}
	return made
}

// mostly are words of which one in three is of the second list.
func (d dice) mostly(usual, odd []string, most int) []string {
	found := []string{}
	for range 1 + d.IntN(most) {
		if d.in(3) {
			found = append(found, d.one(odd))
		} else {
			found = append(found, d.one(usual))
		}
	}
	return found
}

func (d dice) orStar(words []string, oneIn int) []string {
	switch {
	case !d.in(oneIn):
		return words
	case d.in(4):
		return append(words, "*")
	}
	return []string{"*"}
}

// request is one of any kind, most times bent towards what some binding grants, at times with one field off again.
func (d dice) request(made policy) request {
	asked := d.anyRequest()
	if d.in(6) {
		return asked
	}
	asked = d.towards(made, asked)
	if d.in(3) {
		other := d.anyRequest()
		switch d.IntN(7) {
		case 0:
			asked.verb = other.verb
		case 1:
			asked.group = other.group
		case 2:
			asked.resource = other.resource
		case 3:
			asked.subresource = other.subresource
		case 4:
			asked.name = other.name
		case 5:
			asked.namespace = other.namespace
		case 6:
			asked.user = other.user
		}
	}
	if asked.path != "" {
		return request{user: asked.user, verb: asked.verb, path: asked.path}
	}
	if asked.resource == "namespaces" && asked.name != "" && d.in(2) {
		// As the API server reads /api/v1/namespaces/NAME.
		asked.namespace = asked.name
	}
	return asked
}

func (d dice) anyRequest() request {
	asked := request{user: d.IntN(len(callers)), verb: d.one(verbs)}
	if d.in(8) {
		asked.path = d.one(urls)
		return asked
	}
	asked.group, asked.resource = d.one(groups), d.one(resources)
	if d.in(4) {
		asked.subresource = d.one(parts)
	}
	if !d.in(4) {
		asked.namespace = d.one(spaces)
	}
	if !d.in(3) {
		asked.name = d.one(names)
	}
	return asked
}

func (d dice) towards(made policy, asked request) request {
	binding, namespace := rbacv1.ClusterRoleBinding{}, asked.namespace
	if len(made.clusterRoleBindings) > 0 && d.in(2) {
		binding = made.clusterRoleBindings[d.IntN(len(made.clusterRoleBindings))]
	} else {
		chosen := made.roleBindings[d.IntN(len(made.roleBindings))]
		binding.Subjects, binding.RoleRef, namespace = chosen.Subjects, chosen.RoleRef, chosen.Namespace
	}
	asked.namespace = namespace
	if rules := made.rulesOf(binding.RoleRef, namespace); len(rules) > 0 {
		d.bend(&asked, rules[d.IntN(len(rules))])
	}
	if fitting := bound(binding.Subjects, namespace); len(fitting) > 0 {
		asked.user = fitting[d.IntN(len(fitting))]
	}
	return asked
}

// bound are the callers that a list of subjects may mean.
func bound(subjects []rbacv1.Subject, namespace string) []int {
	found := []int{}
	for i, caller := range callers {
		for _, subject := range subjects {
			in := subject.Namespace
			if in == "" {
				in = namespace
			}
			if caller.Name == subject.Name || caller.Name == "system:serviceaccount:"+in+":"+subject.Name || slices.Contains(caller.Groups, subject.Name) {
				found = append(found, i)
				break
			}
		}
	}
	return found
}

func (d dice) bend(asked *request, rule rbacv1.PolicyRule) {
	if len(rule.Verbs) > 0 {
		if verb := d.one(rule.Verbs); verb != "*" {
			asked.verb = verb
		}
	}
	if len(rule.NonResourceURLs) > 0 && (len(rule.Resources) == 0 || d.in(2)) {
		asked.path = d.one(urls)
		if d.in(2) {
			asked.path = "/" + strings.Trim(d.one(rule.NonResourceURLs), "/*") + d.one([]string{"", "/", "/x", "x"})
		}
		return
	}
	asked.path = ""
	if len(rule.APIGroups) > 0 {
		if group := d.one(rule.APIGroups); group != "*" {
			asked.group = group
		}
	}
	if len(rule.Resources) > 0 {
		resource, subresource, _ := strings.Cut(d.one(rule.Resources), "/")
		if resource != "*" {
			asked.resource = resource
		} else if asked.resource == "" {
			asked.resource = d.one(resources)
		}
		if subresource != "*" || d.in(3) {
			asked.subresource = subresource
		}
	}
	if len(rule.ResourceNames) > 0 {
		asked.name = d.one(rule.ResourceNames)
	}
}
