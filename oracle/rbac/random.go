package main

import (
	"fmt"
	"math/rand/v2"

	rbacv1 "k8s.io/api/rbac/v1"
)

var (
	verbs     = []string{"get", "list", "create", "delete"}
	apiGroups = []string{"", "apps"}
	resources = []string{"pods", "secrets", "deployments"}
	names     = []string{"x", "y"}
	spaces    = []string{"a", "b"}
	urls      = []string{"/metrics", "/logs/x", "/logs"}
	people    = []request{
		{User: "ann", Groups: []string{"dev"}}, {User: "bob", Groups: []string{"dev", "ops"}}, {User: "cat"},
		{User: "system:serviceaccount:a:sa", Groups: []string{"system:serviceaccounts", "system:serviceaccounts:a"}},
		{User: "system:serviceaccount:b:sa", Groups: []string{"system:serviceaccounts", "system:serviceaccounts:b"}},
	}
	ruleResources   = []string{"pods", "secrets", "deployments", "pods/log", "*/log", "pods/*", "*", "*/scale", "deployments/scale"}
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
	// c3, r2 and roles of the other namespace do not exist.
	for i := range 1 + d.IntN(2) {
		made.ClusterRoleBindings = append(made.ClusterRoleBindings, clusterRoleBinding(fmt.Sprint("cb", i), fmt.Sprint("ClusterRole/c", d.IntN(4)), d.some(subjectsOfRules, 3)))
	}
	for i := range 1 + d.IntN(3) {
		ref := fmt.Sprint("ClusterRole/c", d.IntN(4))
		if d.IntN(2) == 0 {
			ref = fmt.Sprint("Role/r", d.IntN(3))
		}
		made.RoleBindings = append(made.RoleBindings, roleBinding(d.one(spaces)+"/"+fmt.Sprint("rb", i), ref, d.some(subjectsOfRules, 3)))
	}
	for range 20 {
		made.Requests = append(made.Requests, d.request())
	}
	return made
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
	asked := people[d.IntN(len(people))]
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
