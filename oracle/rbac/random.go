package main

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"
)

var (
	verbs     = []string{"get", "list", "create", "delete"}
	apiGroups = []string{"", "apps"}
	resources = []string{"pods", "secrets", "deployments"}
	names     = []string{"x", "y"}
	spaces    = []string{"a", "b"}
	urls      = []string{"/metrics", "/logs/x", "/logs"}
	callers   = []request{
		{User: "ann", Groups: []string{"dev"}}, {User: "bob", Groups: []string{"dev", "ops"}}, {User: "cat"},
		{User: "system:serviceaccount:a:sa", Groups: []string{"system:serviceaccounts", "system:serviceaccounts:a"}},
		{User: "system:serviceaccount:b:sa", Groups: []string{"system:serviceaccounts", "system:serviceaccounts:b"}},
	}
	ruleResources   = []string{"pods", "secrets", "deployments", "pods/log", "*/log", "pods/*", "*", "deployments/scale"}
	ruleURLs        = []string{"/metrics", "/logs/*", "/logs*", "*", "/l*/x"}
	subjectsOfRules = []string{"User/ann", "User/bob", "User/cat", "Group/dev", "Group/ops", "ServiceAccount/a/sa", "ServiceAccount/b/sa", "ServiceAccount//sa", "Group/system:serviceaccounts", "User/system:serviceaccount:a:sa", "Robot/ann"}
)

type die struct{ *rand.Rand }

func random() []policy {
	d := die{rand.New(rand.NewPCG(3, 3))}
	policies := []policy{}
	for i := range 400 {
		policies = append(policies, d.policy(fmt.Sprintf("random %d", i)))
	}
	return policies
}

func (d die) policy(name string) policy {
	made := policy{Name: name}
	for i := range 1 + d.IntN(3) {
		made.ClusterRoles = append(made.ClusterRoles, clusterRole(fmt.Sprint("c", i), d.rules(true)))
	}
	for i := range d.IntN(3) {
		made.Roles = append(made.Roles, role(d.one(spaces)+"/"+fmt.Sprint("r", i), d.rules(false)))
	}
	for i := range 1 + d.IntN(2) {
		ref := "ClusterRole/" + made.ClusterRoles[d.IntN(len(made.ClusterRoles))].Name
		made.ClusterRoleBindings = append(made.ClusterRoleBindings, clusterRoleBinding(fmt.Sprint("cb", i), d.orGone(ref), d.some(subjectsOfRules, 3)))
	}
	for i := range 1 + d.IntN(3) {
		namespace, ref := d.one(spaces), "ClusterRole/"+made.ClusterRoles[d.IntN(len(made.ClusterRoles))].Name
		if len(made.Roles) > 0 && d.IntN(2) == 0 {
			role := made.Roles[d.IntN(len(made.Roles))]
			namespace, ref = role.Namespace, "Role/"+role.Name
		}
		made.RoleBindings = append(made.RoleBindings, roleBinding(namespace+"/"+fmt.Sprint("rb", i), d.orGone(ref), d.some(subjectsOfRules, 3)))
	}
	for range 20 {
		asked := d.request()
		if d.IntN(8) > 0 {
			asked = d.granted(made, asked)
		}
		made.Requests = append(made.Requests, asked)
	}
	return made
}

// orGone at times names a role that does not exist.
func (d die) orGone(ref string) string {
	if d.IntN(10) == 0 {
		return ref + "-gone"
	}
	return ref
}

func (d die) rules(cluster bool) []rbacv1.PolicyRule {
	rules := []rbacv1.PolicyRule{}
	for range 1 + d.IntN(3) {
		rule := rbacv1.PolicyRule{Verbs: d.orStar(d.some(verbs, 3), 3)}
		if cluster && d.IntN(5) == 0 {
			rule.NonResourceURLs = d.some(ruleURLs, 2)
		} else {
			rule.APIGroups = d.orStar(d.some(apiGroups, 2), 4)
			rule.Resources = d.some(ruleResources, 4)
			if d.IntN(6) == 0 {
				rule.ResourceNames = d.some(names, 2)
			}
		}
		rules = append(rules, rule)
	}
	return rules
}

func (d die) request() request {
	asked := callers[d.IntN(len(callers))]
	asked.Verb = d.one(verbs)
	if d.IntN(10) == 0 {
		asked.Path = d.one(urls)
		return asked
	}
	asked.Resource = d.one(resources)
	if asked.Resource == "deployments" {
		asked.APIGroup = "apps"
	}
	if d.IntN(4) == 0 {
		asked.Subresource = d.one([]string{"log", "scale"})
	}
	if d.IntN(5) > 0 {
		asked.Namespace = d.one(spaces)
	}
	if asked.Verb == "get" || asked.Verb == "delete" || asked.Subresource != "" {
		asked.Name = d.one(names)
	}
	return asked
}

// granted is the request bent towards what one binding of the policy grants, at times with one field still off.
func (d die) granted(made policy, asked request) request {
	binding := made.ClusterRoleBindings[d.IntN(len(made.ClusterRoleBindings))]
	subjects, ref, namespace := binding.Subjects, binding.RoleRef, asked.Namespace
	if d.IntN(2) == 0 {
		binding := made.RoleBindings[d.IntN(len(made.RoleBindings))]
		subjects, ref, namespace = binding.Subjects, binding.RoleRef, binding.Namespace
	}
	for _, role := range made.ClusterRoles {
		if ref.Kind == "ClusterRole" && role.Name == ref.Name {
			d.bend(&asked, role.Rules[d.IntN(len(role.Rules))])
		}
	}
	for _, role := range made.Roles {
		if ref.Kind == "Role" && role.Name == ref.Name && role.Namespace == namespace {
			d.bend(&asked, role.Rules[d.IntN(len(role.Rules))])
		}
	}
	if d.IntN(8) > 0 {
		asked.Namespace = namespace
	}
	if asked.Path != "" {
		asked.Namespace = ""
	}
	if d.IntN(12) > 0 {
		subject := subjects[d.IntN(len(subjects))]
		for _, caller := range callers {
			account := fmt.Sprint("system:serviceaccount:", namespace, ":", subject.Name)
			if caller.User == subject.Name || caller.User == account || slices.Contains(caller.Groups, subject.Name) {
				asked.User, asked.Groups = caller.User, caller.Groups
			}
		}
	}
	return asked
}

func (d die) bend(asked *request, rule rbacv1.PolicyRule) {
	if verb := d.one(rule.Verbs); verb != "*" {
		asked.Verb = verb
	}
	if len(rule.NonResourceURLs) > 0 {
		*asked = request{User: asked.User, Groups: asked.Groups, Verb: asked.Verb, Path: d.one(urls)}
		return
	}
	asked.Path = ""
	if group := d.one(rule.APIGroups); group != "*" {
		asked.APIGroup = group
	}
	resource, subresource, _ := strings.Cut(d.one(rule.Resources), "/")
	if resource != "*" {
		asked.Resource = resource
	} else if asked.Resource == "" {
		asked.Resource = d.one(resources)
	}
	if asked.Subresource = subresource; subresource == "*" {
		asked.Subresource = "log"
	}
	if asked.Name = ""; len(rule.ResourceNames) > 0 {
		asked.Name = d.one(rule.ResourceNames)
	} else if d.IntN(2) == 0 {
		asked.Name = d.one(names)
	}
}

func (d die) one(from []string) string { return from[d.IntN(len(from))] }

// some are one to most distinct entries, in the order of the list.
func (d die) some(from []string, most int) []string {
	chosen := map[int]bool{}
	for range 1 + d.IntN(most) {
		chosen[d.IntN(len(from))] = true
	}
	found := []string{}
	for i, entry := range from {
		if chosen[i] {
			found = append(found, entry)
		}
	}
	return found
}

func (d die) orStar(words []string, oneIn int) []string {
	if d.IntN(oneIn) == 0 {
		return []string{"*"}
	}
	return words
}
