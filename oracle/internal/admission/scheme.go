// Package admission runs the admission plugins of the linked release over objects and policies, without a server.
package admission

import (
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apiserver/pkg/admission"
	"k8s.io/kubernetes/pkg/api/legacyscheme"
	"sigs.k8s.io/yaml"

	_ "bulkhead.dev/oracle/internal/installed"
)

// Decode reads one manifest as the API server reads the body of a request: defaulted and in the internal version,
// or, for a kind that is not built in, unstructured.
func Decode(text []byte) (runtime.Object, *schema.GroupVersionKind, error) {
	json, err := yaml.YAMLToJSON(text)
	if err != nil {
		return nil, nil, err
	}
	object, kind, err := legacyscheme.Codecs.UniversalDecoder().Decode(json, nil, nil)
	if runtime.IsNotRegisteredError(err) {
		custom, kind, err := unstructured.UnstructuredJSONScheme.Decode(json, nil, nil)
		return custom, kind, err
	}
	return object, kind, err
}

// DecodeAs reads one manifest into its external type, with the defaults of its kind.
func DecodeAs[T runtime.Object](text []byte) (T, error) {
	var none T
	json, err := yaml.YAMLToJSON(text)
	if err != nil {
		return none, err
	}
	object, _, err := legacyscheme.Codecs.UniversalDeserializer().Decode(json, nil, nil)
	if err != nil {
		return none, err
	}
	legacyscheme.Scheme.Default(object)
	typed, fits := object.(T)
	if !fits {
		return none, runtime.NewNotRegisteredErrForType("another kind was wanted than", nil)
	}
	return typed, nil
}

// Interfaces knows the equivalent resources as kube-apiserver does: by the resource's name, whatever its group.
func Interfaces() admission.ObjectInterfaces {
	registry := runtime.NewEquivalentResourceRegistryWithIdentity(func(resource schema.GroupResource) string {
		return "/" + resource.Resource
	})
	for kind := range legacyscheme.Scheme.AllKnownTypes() {
		if kind.Version == runtime.APIVersionInternal || strings.HasSuffix(kind.Kind, "List") || strings.HasSuffix(kind.Kind, "Options") {
			continue
		}
		registry.RegisterKindFor(Resource(kind), "", kind)
		for _, subresource := range []string{"status", "ephemeralcontainers", "resize"} {
			registry.RegisterKindFor(Resource(kind), subresource, kind)
		}
		registry.RegisterKindFor(Resource(kind), "scale", schema.GroupVersionKind{Group: "autoscaling", Version: "v1", Kind: "Scale"})
	}
	scheme := legacyscheme.Scheme
	return &admission.RuntimeObjectInterfaces{
		ObjectCreater: scheme, ObjectTyper: scheme, ObjectDefaulter: scheme,
		ObjectConvertor: scheme, EquivalentResourceMapper: registry,
	}
}
