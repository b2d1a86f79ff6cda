package main

import (
	"context"
	"fmt"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apiserver/pkg/authentication/user"
	"k8s.io/apiserver/pkg/authorization/authorizer"
	"k8s.io/kubernetes/pkg/registry/rbac/validation"
	"k8s.io/kubernetes/plugin/pkg/auth/authorizer/rbac"

	"bulkhead.dev/oracle/internal/listers"
)

type asking struct {
	policy     policy
	authorizer *rbac.RBACAuthorizer
	resolver   *validation.DefaultRuleResolver
}

func newAsking(made policy) asking {
	roles := &rbac.RoleGetter{Lister: listers.Roles{Items: made.roles}}
	roleBindings := &rbac.RoleBindingLister{Lister: listers.RoleBindings{Items: made.roleBindings}}
	clusterRoles := &rbac.ClusterRoleGetter{Lister: listers.ClusterRoles{Items: made.clusterRoles}}
	clusterRoleBindings := &rbac.ClusterRoleBindingLister{Lister: listers.ClusterRoleBindings{Items: made.clusterRoleBindings}}
	return asking{
		policy:     made,
		authorizer: rbac.New(roles, roleBindings, clusterRoles, clusterRoleBindings),
		resolver:   validation.NewDefaultRuleResolver(roles, roleBindings, clusterRoles, clusterRoleBindings),
	}
}

// grant is one rule of one binding that allows a request.
type grant struct {
	source string
	rule   int
}

// authorize gives all that grants, and sees to it that the authorizer decides by the first of them.
func (a asking) authorize(asked request) []grant {
	attributes := authorizer.AttributesRecord{
		User: callers[asked.user].info(), Verb: asked.verb, APIGroup: asked.group, Resource: asked.resource,
		Subresource: asked.subresource, Name: asked.name, Namespace: asked.namespace, Path: asked.path, ResourceRequest: asked.path == "",
	}
	found := []grant{}
	last, index := "", 0
	a.visit(attributes.User, attributes.Namespace, func(source fmt.Stringer, rule *rbacv1.PolicyRule, err error) bool {
		if rule == nil {
			return true
		}
		if text := source.String(); text != last {
			last, index = text, 0
		}
		if rbac.RuleAllows(attributes, rule) {
			found = append(found, grant{last, index})
		}
		index++
		return true
	})
	decision, reason, _ := a.authorizer.Authorize(context.Background(), attributes)
	switch {
	case len(found) == 0 && decision == authorizer.DecisionNoOpinion:
	case len(found) > 0 && decision == authorizer.DecisionAllow && reason == "RBAC: allowed by "+found[0].source:
	default:
		panic(fmt.Sprint("the authorizer says ", decision, " ", reason, " where the resolver gives ", found))
	}
	return found
}

// The resolver got a context in 1.32.
type visitor = func(source fmt.Stringer, rule *rbacv1.PolicyRule, err error) bool
type withContext interface {
	VisitRulesFor(context.Context, user.Info, string, func(fmt.Stringer, *rbacv1.PolicyRule, error) bool)
}
type withoutContext interface {
	VisitRulesFor(user.Info, string, func(fmt.Stringer, *rbacv1.PolicyRule, error) bool)
}

func (a asking) visit(who user.Info, namespace string, each visitor) {
	switch resolver := any(a.resolver).(type) {
	case withContext:
		resolver.VisitRulesFor(context.Background(), who, namespace, each)
	case withoutContext:
		resolver.VisitRulesFor(who, namespace, each)
	default:
		panic("the resolver cannot be visited")
	}
}

// rules are all that someone holds in a namespace.
func (a asking) rules(who user.Info, namespace string) []rbacv1.PolicyRule {
	held := []rbacv1.PolicyRule{}
	a.visit(who, namespace, func(_ fmt.Stringer, rule *rbacv1.PolicyRule, _ error) bool {
		if rule != nil {
			held = append(held, *rule)
		}
		return true
	})
	return held
}

type caller struct {
	Name   string   `json:"name"`
	Groups []string `json:"groups"`
}

func (c caller) info() user.Info { return &user.DefaultInfo{Name: c.Name, Groups: c.Groups} }

// account is what authentication makes of a service account.
func account(namespace, name string) caller {
	groups := []string{"system:serviceaccounts", "system:serviceaccounts:" + namespace, "system:authenticated"}
	return caller{strings.Join([]string{"system:serviceaccount", namespace, name}, ":"), groups}
}
