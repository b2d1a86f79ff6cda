package main

import (
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/labels"
	rbaclisters "k8s.io/client-go/listers/rbac/v1"
)

// The API server's own listers give bindings in no fixed order; these keep the order of the case.

type clusterRoles struct {
	rbaclisters.ClusterRoleListerExpansion
	items []rbacv1.ClusterRole
}

func (l clusterRoles) List(labels.Selector) ([]*rbacv1.ClusterRole, error) {
	return pointers(l.items, func(rbacv1.ClusterRole) bool { return true }), nil
}

func (l clusterRoles) Get(name string) (*rbacv1.ClusterRole, error) {
	return first(l.items, "clusterrole", name, func(role rbacv1.ClusterRole) bool { return role.Name == name })
}

type clusterRoleBindings struct {
	rbaclisters.ClusterRoleBindingLister
	items []rbacv1.ClusterRoleBinding
}

func (l clusterRoleBindings) List(labels.Selector) ([]*rbacv1.ClusterRoleBinding, error) {
	return pointers(l.items, func(rbacv1.ClusterRoleBinding) bool { return true }), nil
}

type roles struct {
	rbaclisters.RoleLister
	rbaclisters.RoleNamespaceLister
	namespace string
	items     []rbacv1.Role
}

func (l roles) List(labels.Selector) ([]*rbacv1.Role, error) {
	return pointers(l.items, func(role rbacv1.Role) bool { return role.Namespace == l.namespace }), nil
}

func (l roles) Roles(namespace string) rbaclisters.RoleNamespaceLister {
	return roles{namespace: namespace, items: l.items}
}

func (l roles) Get(name string) (*rbacv1.Role, error) {
	return first(l.items, "role", name, func(role rbacv1.Role) bool { return role.Namespace == l.namespace && role.Name == name })
}

type roleBindings struct {
	rbaclisters.RoleBindingLister
	rbaclisters.RoleBindingNamespaceLister
	namespace string
	items     []rbacv1.RoleBinding
}

func (l roleBindings) RoleBindings(namespace string) rbaclisters.RoleBindingNamespaceLister {
	return roleBindings{namespace: namespace, items: l.items}
}

func (l roleBindings) List(labels.Selector) ([]*rbacv1.RoleBinding, error) {
	return pointers(l.items, func(binding rbacv1.RoleBinding) bool { return binding.Namespace == l.namespace }), nil
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
