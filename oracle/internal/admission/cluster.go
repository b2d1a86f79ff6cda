package admission

import (
	"context"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apiserver/pkg/admission/plugin/policy/matching"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	corev1client "k8s.io/client-go/kubernetes/typed/core/v1"
	listersv1 "k8s.io/client-go/listers/core/v1"
	"k8s.io/client-go/tools/cache"
)

// Cluster is the objects that the plugins look up.
type Cluster struct {
	Namespaces []*corev1.Namespace
	Params     []runtime.Object
	// Scopes tells of the kinds of params that are not namespaced.
	ClusterScoped map[schema.GroupVersionKind]bool
	// Unknown are the kinds of params that the API server does not know.
	Unknown map[schema.GroupVersionKind]bool
}

// Matcher decides by rules, and by selectors over the objects and namespaces.
func (c *Cluster) Matcher() *matching.Matcher {
	store := index()
	for _, namespace := range c.Namespaces {
		if err := store.Add(namespace); err != nil {
			panic(err)
		}
	}
	return matching.NewMatcher(listersv1.NewNamespaceLister(store), noClient{})
}

// informer lists the params of a kind; nil where the kind is unknown.
func (c *Cluster) informer(kind schema.GroupVersionKind) (informers.GenericInformer, meta.RESTScope) {
	if c.Unknown[kind] {
		return nil, nil
	}
	store := index()
	for _, param := range c.Params {
		if param.GetObjectKind().GroupVersionKind() == kind {
			if err := store.Add(param); err != nil {
				panic(err)
			}
		}
	}
	var scope meta.RESTScope = meta.RESTScopeNamespace
	if c.ClusterScoped[kind] {
		scope = meta.RESTScopeRoot
	}
	return lister{cache.NewGenericLister(store, Resource(kind).GroupResource())}, scope
}

func index() cache.Indexer {
	return cache.NewIndexer(cache.MetaNamespaceKeyFunc, cache.Indexers{cache.NamespaceIndex: cache.MetaNamespaceIndexFunc})
}

type lister struct{ all cache.GenericLister }

func (l lister) Lister() cache.GenericLister         { return l.all }
func (l lister) Informer() cache.SharedIndexInformer { return synced{} }

type synced struct{ cache.SharedIndexInformer }

func (synced) HasSynced() bool { return true }

// noClient finds no namespace beyond those of the cluster.
type noClient struct{ kubernetes.Interface }

func (noClient) CoreV1() corev1client.CoreV1Interface { return noCore{} }

type noCore struct{ corev1client.CoreV1Interface }

func (noCore) Namespaces() corev1client.NamespaceInterface { return noNamespaces{} }

type noNamespaces struct {
	corev1client.NamespaceInterface
}

func (noNamespaces) Get(_ context.Context, name string, _ metav1.GetOptions) (*corev1.Namespace, error) {
	return nil, errors.NewNotFound(schema.GroupResource{Resource: "namespaces"}, name)
}

// Resource guesses the resource of a kind as kubectl does without discovery.
func Resource(kind schema.GroupVersionKind) schema.GroupVersionResource {
	plural, _ := meta.UnsafeGuessKindToResource(kind)
	if kind.Kind == "Endpoints" {
		plural.Resource = "endpoints"
	}
	return plural
}
