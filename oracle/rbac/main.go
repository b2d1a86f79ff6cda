// Asks the RBAC authorizer about requests under small policies: `rbac curated` and `rbac random`.
// Further arguments are outputs of this program linked with other releases, to compare with.
package main

import (
	"context"
	"fmt"
	"os"

	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apiserver/pkg/authentication/user"
	"k8s.io/apiserver/pkg/authorization/authorizer"
	"k8s.io/kubernetes/plugin/pkg/auth/authorizer/rbac"

	"bulkhead.dev/oracle/internal/vectors"
)

type vector struct {
	Name                string                      `json:"name"`
	ClusterRoles        []rbacv1.ClusterRole        `json:"clusterRoles,omitempty"`
	Roles               []rbacv1.Role               `json:"roles,omitempty"`
	ClusterRoleBindings []rbacv1.ClusterRoleBinding `json:"clusterRoleBindings,omitempty"`
	RoleBindings        []rbacv1.RoleBinding        `json:"roleBindings,omitempty"`
	Reasons             []string                    `json:"reasons"`
	Requests            [][]any                     `json:"requests"`
}

var requestFields = []string{"user", "groups", "verb", "apiGroup", "resource", "subresource", "name", "namespace", "path", "allowed", "reason"}

func main() {
	policies := map[string]func() []policy{"curated": curated, "random": random}[os.Args[1]]()
	cases := []vector{}
	for _, policy := range policies {
		cases = append(cases, answer(policy))
	}
	header := append(vectors.Checked(os.Args[2:], cases), vectors.Field{Name: "request", Value: requestFields})
	vectors.Print("rbac", cases, header...)
}

func answer(policy policy) vector {
	authorizer := rbac.New(
		&rbac.RoleGetter{Lister: roles{items: policy.Roles}},
		&rbac.RoleBindingLister{Lister: roleBindings{items: policy.RoleBindings}},
		&rbac.ClusterRoleGetter{Lister: clusterRoles{items: policy.ClusterRoles}},
		&rbac.ClusterRoleBindingLister{Lister: clusterRoleBindings{items: policy.ClusterRoleBindings}},
	)
	answered := vector{
		Name: policy.Name, ClusterRoles: policy.ClusterRoles, Roles: policy.Roles,
		ClusterRoleBindings: policy.ClusterRoleBindings, RoleBindings: policy.RoleBindings, Reasons: []string{},
	}
	number := map[string]int{}
	for _, asked := range policy.Requests {
		allowed, reason := ask(authorizer, asked)
		if _, known := number[reason]; !known {
			number[reason] = len(answered.Reasons)
			answered.Reasons = append(answered.Reasons, reason)
		}
		groups := append([]string{}, asked.Groups...)
		answered.Requests = append(answered.Requests, []any{
			asked.User, groups, asked.Verb, asked.APIGroup, asked.Resource, asked.Subresource, asked.Name, asked.Namespace, asked.Path, allowed, number[reason],
		})
	}
	return answered
}

func ask(rules authorizer.Authorizer, asked request) (allowed int, reason string) {
	decision, reason, err := rules.Authorize(context.Background(), authorizer.AttributesRecord{
		User:            &user.DefaultInfo{Name: asked.User, Groups: asked.Groups},
		Verb:            asked.Verb,
		APIGroup:        asked.APIGroup,
		Resource:        asked.Resource,
		Subresource:     asked.Subresource,
		Name:            asked.Name,
		Namespace:       asked.Namespace,
		Path:            asked.Path,
		ResourceRequest: asked.Path == "",
	})
	switch {
	case err != nil:
		panic(err)
	case decision == authorizer.DecisionAllow:
		return 1, reason
	case decision == authorizer.DecisionNoOpinion:
		return 0, reason
	}
	panic(fmt.Sprint("RBAC never denies, but said ", decision))
}
