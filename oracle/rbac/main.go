// Asks the RBAC authorizer about requests under small policies: `rbac curated` and `rbac random`.
// Further arguments are outputs of this program linked with other releases, to compare with.
package main

import (
	"context"
	"fmt"
	"os"
	"slices"

	"k8s.io/apiserver/pkg/authentication/user"
	"k8s.io/apiserver/pkg/authorization/authorizer"
	"k8s.io/kubernetes/plugin/pkg/auth/authorizer/rbac"

	"bulkhead.dev/oracle/internal/listers"
	"bulkhead.dev/oracle/internal/vectors"
)

type vector struct {
	Name                string           `json:"name"`
	ClusterRoles        []map[string]any `json:"clusterRoles,omitempty"`
	Roles               []map[string]any `json:"roles,omitempty"`
	ClusterRoleBindings []map[string]any `json:"clusterRoleBindings,omitempty"`
	RoleBindings        []map[string]any `json:"roleBindings,omitempty"`
	Reasons             []string         `json:"reasons"`
	Requests            [][]any          `json:"requests"`
}

var requestFields = []string{"user", "verb", "apiGroup", "resource", "subresource", "name", "namespace", "path", "allowed", "reason"}

func main() {
	policies := map[string]func() []policy{"curated": curated, "random": random}[os.Args[1]]()
	cases, users := []vector{}, people{}
	for _, policy := range policies {
		cases = append(cases, answer(policy, &users))
	}
	header := append(vectors.Checked(os.Args[2:], cases), vectors.Field{Name: "request", Value: requestFields}, vectors.Field{Name: "users", Value: users.list})
	vectors.Print("rbac", cases, header...)
}

func answer(policy policy, users *people) vector {
	authorizer := rbac.New(
		&rbac.RoleGetter{Lister: listers.Roles{Items: policy.Roles}},
		&rbac.RoleBindingLister{Lister: listers.RoleBindings{Items: policy.RoleBindings}},
		&rbac.ClusterRoleGetter{Lister: listers.ClusterRoles{Items: policy.ClusterRoles}},
		&rbac.ClusterRoleBindingLister{Lister: listers.ClusterRoleBindings{Items: policy.ClusterRoleBindings}},
	)
	answered := vector{
		Name:         policy.Name,
		ClusterRoles: vectors.PlainAll(policy.ClusterRoles), Roles: vectors.PlainAll(policy.Roles),
		ClusterRoleBindings: vectors.PlainAll(policy.ClusterRoleBindings), RoleBindings: vectors.PlainAll(policy.RoleBindings),
		Reasons: []string{},
	}
	number := map[string]int{}
	for _, asked := range policy.Requests {
		allowed, reason := ask(authorizer, asked)
		if _, known := number[reason]; !known {
			number[reason] = len(answered.Reasons)
			answered.Reasons = append(answered.Reasons, reason)
		}
		answered.Requests = append(answered.Requests, []any{
			users.number(asked), asked.Verb, asked.APIGroup, asked.Resource, asked.Subresource, asked.Name, asked.Namespace, asked.Path, allowed, number[reason],
		})
	}
	return answered
}

type person struct {
	Name   string   `json:"name"`
	Groups []string `json:"groups"`
}

// people are written once a file; a request names its user by number.
type people struct{ list []person }

func (p *people) number(asked request) int {
	same := func(known person) bool { return known.Name == asked.User && slices.Equal(known.Groups, asked.Groups) }
	if i := slices.IndexFunc(p.list, same); i >= 0 {
		return i
	}
	p.list = append(p.list, person{asked.User, append([]string{}, asked.Groups...)})
	return len(p.list) - 1
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
