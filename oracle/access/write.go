package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	genericrequest "k8s.io/apiserver/pkg/endpoints/request"
	"k8s.io/apiserver/pkg/registry/rest"
	"k8s.io/component-helpers/auth/rbac/validation"
	"k8s.io/kubernetes/pkg/apis/rbac"
	rbacconversion "k8s.io/kubernetes/pkg/apis/rbac/v1"
	clusterrole "k8s.io/kubernetes/pkg/registry/rbac/clusterrole/policybased"
	clusterrolebinding "k8s.io/kubernetes/pkg/registry/rbac/clusterrolebinding/policybased"
	role "k8s.io/kubernetes/pkg/registry/rbac/role/policybased"
	rolebinding "k8s.io/kubernetes/pkg/registry/rbac/rolebinding/policybased"

	"bulkhead.dev/oracle/internal/vectors"
)

// writing is a role or binding to be written, `old` what it replaces.
type writing struct {
	user        int
	object, old runtime.Object
}

type writes struct {
	User   int            `json:"user"`
	Kind   string         `json:"kind"`
	Object map[string]any `json:"object"`
	Old    map[string]any `json:"old,omitempty"`
	// allowed, forbidden, not-found
	Verdict string `json:"verdict"`
	// Atoms that are not held: verb, URL, or verb, group, resource and a name where there is one.
	Missing [][]string `json:"missing,omitempty"`
}

// beneath is the storage under the one that checks: it stores nothing.
type beneath struct {
	rest.StandardStorage
	old runtime.Object
}

func (beneath) Create(_ context.Context, object runtime.Object, _ rest.ValidateObjectFunc, _ *metav1.CreateOptions) (runtime.Object, error) {
	return object, nil
}

func (b beneath) Update(ctx context.Context, _ string, info rest.UpdatedObjectInfo, _ rest.ValidateObjectFunc, _ rest.ValidateObjectUpdateFunc, _ bool, _ *metav1.UpdateOptions) (runtime.Object, bool, error) {
	object, err := info.UpdatedObject(ctx, b.old)
	return object, false, err
}

func (a asking) write(w writing) writes {
	who := callers[w.user].info()
	kind, internal, meta := inner(w.object)
	ctx := genericrequest.WithNamespace(genericrequest.WithUser(context.Background(), who), meta.Namespace)
	about := &genericrequest.RequestInfo{
		IsResourceRequest: true, Verb: "create", APIGroup: rbacv1.GroupName, APIVersion: "v1", Resource: strings.ToLower(kind) + "s", Namespace: meta.Namespace,
	}
	answered := writes{User: w.user, Kind: kind, Object: vectors.Plain(w.object)}
	under := beneath{}
	if w.old != nil {
		answered.Old = vectors.Plain(w.old)
		about.Verb, about.Name = "update", meta.Name
		_, under.old, _ = inner(w.old)
	}
	ctx = genericrequest.WithRequestInfo(ctx, about)
	var storage rest.StandardStorage
	switch kind {
	case "Role":
		storage = role.NewStorage(under, a.authorizer, a.resolver)
	case "ClusterRole":
		storage = clusterrole.NewStorage(under, a.authorizer, a.resolver)
	case "RoleBinding":
		storage = rolebinding.NewStorage(under, a.authorizer, a.resolver)
	case "ClusterRoleBinding":
		storage = clusterrolebinding.NewStorage(under, a.authorizer, a.resolver)
	}
	var err error
	if w.old == nil {
		_, err = storage.Create(ctx, internal, nil, nil)
	} else {
		_, _, err = storage.Update(ctx, meta.Name, rest.DefaultUpdatedObjectInfo(internal), nil, nil, false, nil)
	}
	switch {
	case err == nil:
		answered.Verdict = "allowed"
	case errors.IsForbidden(err):
		answered.Verdict = "forbidden"
		_, missing := validation.Covers(a.rules(who, meta.Namespace), a.wanted(w.object))
		for _, atom := range missing {
			answered.Missing = append(answered.Missing, slices.Concat(atom.Verbs, atom.NonResourceURLs, atom.APIGroups, atom.Resources, atom.ResourceNames))
		}
	case errors.IsNotFound(err), strings.HasPrefix(err.Error(), "unsupported role reference kind"):
		answered.Verdict = "not-found"
	default:
		panic(fmt.Sprint(kind, " ", meta.Name, ": ", err))
	}
	return answered
}

// wanted are the rules that the object would give.
func (a asking) wanted(object runtime.Object) []rbacv1.PolicyRule {
	switch object := object.(type) {
	case *rbacv1.Role:
		return object.Rules
	case *rbacv1.ClusterRole:
		return object.Rules
	case *rbacv1.RoleBinding:
		return a.policy.rulesOf(object.RoleRef, object.Namespace)
	case *rbacv1.ClusterRoleBinding:
		return a.policy.rulesOf(object.RoleRef, "")
	}
	panic("no kind of RBAC")
}

// inner is the object as the storage gets it.
func inner(object runtime.Object) (string, runtime.Object, metav1.ObjectMeta) {
	switch object := object.(type) {
	case *rbacv1.Role:
		made := &rbac.Role{}
		check(rbacconversion.Convert_v1_Role_To_rbac_Role(object, made, nil))
		return "Role", made, object.ObjectMeta
	case *rbacv1.ClusterRole:
		made := &rbac.ClusterRole{}
		check(rbacconversion.Convert_v1_ClusterRole_To_rbac_ClusterRole(object, made, nil))
		return "ClusterRole", made, object.ObjectMeta
	case *rbacv1.RoleBinding:
		made := &rbac.RoleBinding{}
		check(rbacconversion.Convert_v1_RoleBinding_To_rbac_RoleBinding(object, made, nil))
		return "RoleBinding", made, object.ObjectMeta
	case *rbacv1.ClusterRoleBinding:
		made := &rbac.ClusterRoleBinding{}
		check(rbacconversion.Convert_v1_ClusterRoleBinding_To_rbac_ClusterRoleBinding(object, made, nil))
		return "ClusterRoleBinding", made, object.ObjectMeta
	}
	panic("no kind of RBAC")
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}
