// Package listers keeps RBAC objects in the order of a case: the API server's own listers give bindings in no fixed order.
package listers

import (
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/labels"
	rbaclisters "k8s.io/client-go/listers/rbac/v1"
)

type ClusterRoles struct {
	rbaclisters.ClusterRoleListerExpansion
	Items []rbacv1.ClusterRole
}

func (l ClusterRoles) List(labels.Selector) ([]*rbacv1.ClusterRole, error) {
	return pointers(l.Items, func(rbacv1.ClusterRole) bool { return true }), nil
}

func (l ClusterRoles) Get(name string) (*rbacv1.ClusterRole, error) {
	return first(l.Items, "clusterrole", name, func(role rbacv1.ClusterRole) bool { return role.Name == name })
}

type ClusterRoleBindings struct {
	rbaclisters.ClusterRoleBindingLister
	Items []rbacv1.ClusterRoleBinding
}

func (l ClusterRoleBindings) List(labels.Selector) ([]*rbacv1.ClusterRoleBinding, error) {
	return pointers(l.Items, func(rbacv1.ClusterRoleBinding) bool { return true }), nil
}

type Roles struct {
	rbaclisters.RoleLister
	rbaclisters.RoleNamespaceLister
	namespace string
	Items     []rbacv1.Role
}

func (l Roles) List(labels.Selector) ([]*rbacv1.Role, error) {
	return pointers(l.Items, func(role rbacv1.Role) bool { return role.Namespace == l.namespace }), nil
}

func (l Roles) Roles(namespace string) rbaclisters.RoleNamespaceLister {
	return Roles{namespace: namespace, Items: l.Items}
}

func (l Roles) Get(name string) (*rbacv1.Role, error) {
	return first(l.Items, "role", name, func(role rbacv1.Role) bool { return role.Namespace == l.namespace && role.Name == name })
}

type RoleBindings struct {
	rbaclisters.RoleBindingLister
	rbaclisters.RoleBindingNamespaceLister
	namespace string
	Items     []rbacv1.RoleBinding
}

func (l RoleBindings) RoleBindings(namespace string) rbaclisters.RoleBindingNamespaceLister {
	return RoleBindings{namespace: namespace, Items: l.Items}
}

func (l RoleBindings) List(labels.Selector) ([]*rbacv1.RoleBinding, error) {
	return pointers(l.Items, func(binding rbacv1.RoleBinding) bool { return binding.Namespace == l.namespace }), nil
}

func pointers[T any](items []T, wanted func(T) bool) []*T {
	found := []*T{}
	for i := range items {
		if wanted(items[i]) {
			found = append(found, &items[i])
		}
	}
	return found
}

func first[T any](items []T, resource, name string, wanted func(T) bool) (*T, error) {
	if found := pointers(items, wanted); len(found) > 0 {
		return found[0], nil
	}
	return nil, errors.NewNotFound(rbacv1.Resource(resource), name)
}
