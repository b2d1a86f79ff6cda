// Package aggregation runs Kubernetes' cluster role aggregation controller without a cluster.
package aggregation

import (
	"context"
	"encoding/json"
	"reflect"
	"sort"
	"unsafe"

	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes/fake"
	clienttesting "k8s.io/client-go/testing"
	"k8s.io/client-go/tools/cache"
	"k8s.io/kubernetes/pkg/controller/clusterroleaggregation"
)

// Settle syncs every role in the order of names until the controller writes nothing more.
// Errors are by role name; such a role keeps its rules.
func Settle(roles []rbacv1.ClusterRole) ([]rbacv1.ClusterRole, map[string]string) {
	client := fake.NewSimpleClientset()
	informer := informers.NewSharedInformerFactory(client, 0).Rbac().V1().ClusterRoles()
	sync := syncHandler(clusterroleaggregation.NewClusterRoleAggregation(informer, client.RbacV1()))
	store := informer.Informer().GetIndexer()

	names := []string{}
	for _, role := range roles {
		names = append(names, role.Name)
		must(store.Add(role.DeepCopy()))
	}
	sort.Strings(names)

	wrote := false
	client.PrependReactor("patch", "clusterroles", func(action clienttesting.Action) (bool, runtime.Object, error) {
		wrote = true
		patch := action.(clienttesting.PatchAction)
		role := get(store, patch.GetName()).DeepCopy()
		role.Rules = nil
		must(json.Unmarshal(patch.GetPatch(), role))
		must(store.Update(role))
		return true, role, nil
	})

	errors := map[string]string{}
	for again := true; again; again = wrote {
		wrote = false
		for _, name := range names {
			if err := sync(context.Background(), name); err != nil {
				errors[name] = err.Error()
			}
		}
	}

	settled := []rbacv1.ClusterRole{}
	for _, role := range roles {
		stored := role.DeepCopy()
		stored.Rules = get(store, role.Name).Rules
		settled = append(settled, *stored)
	}
	return settled, errors
}

func get(store cache.Indexer, name string) *rbacv1.ClusterRole {
	object, _, _ := store.GetByKey(name)
	return object.(*rbacv1.ClusterRole)
}

// The controller exports only its loop, which has no moment at which it is known to be done.
func syncHandler(controller *clusterroleaggregation.ClusterRoleAggregationController) func(context.Context, string) error {
	field := reflect.ValueOf(controller).Elem().FieldByName("syncHandler")
	return *(*func(context.Context, string) error)(unsafe.Pointer(field.UnsafeAddr()))
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}
