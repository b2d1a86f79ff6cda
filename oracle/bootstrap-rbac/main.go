// Prints the default RBAC policy of the Kubernetes release that it is linked with, one object a line.
// The rules of aggregated cluster roles are those that the aggregation controller would write.
package main

import (
	"fmt"
	"sort"

	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/kubernetes/plugin/pkg/auth/authorizer/rbac/bootstrappolicy"

	"bulkhead.dev/oracle/internal/aggregation"
	"bulkhead.dev/oracle/internal/vectors"
)

func main() {
	objects := []any{}

	clusterRoles, errors := aggregation.Settle(append(bootstrappolicy.ClusterRoles(), bootstrappolicy.ControllerRoles()...))
	if len(errors) > 0 {
		panic(fmt.Sprint(errors))
	}
	for _, role := range clusterRoles {
		role.APIVersion, role.Kind = rbacv1.SchemeGroupVersion.String(), "ClusterRole"
		objects = append(objects, role)
	}
	for _, binding := range append(bootstrappolicy.ClusterRoleBindings(), bootstrappolicy.ControllerRoleBindings()...) {
		binding.APIVersion, binding.Kind = rbacv1.SchemeGroupVersion.String(), "ClusterRoleBinding"
		objects = append(objects, binding)
	}
	for _, role := range inOrder(bootstrappolicy.NamespaceRoles()) {
		role.APIVersion, role.Kind = rbacv1.SchemeGroupVersion.String(), "Role"
		objects = append(objects, role)
	}
	for _, binding := range inOrder(bootstrappolicy.NamespaceRoleBindings()) {
		binding.APIVersion, binding.Kind = rbacv1.SchemeGroupVersion.String(), "RoleBinding"
		objects = append(objects, binding)
	}

	fmt.Println(vectors.Text(vectors.Kubernetes()))
	for _, object := range objects {
		fmt.Println(vectors.Text(vectors.Plain(object)))
	}
}

func inOrder[T any](byNamespace map[string][]T) []T {
	namespaces := []string{}
	for namespace := range byNamespace {
		namespaces = append(namespaces, namespace)
	}
	sort.Strings(namespaces)
	objects := []T{}
	for _, namespace := range namespaces {
		objects = append(objects, byNamespace[namespace]...)
	}
	return objects
}
