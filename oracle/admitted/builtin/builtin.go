// Package builtin is the scheme of the API server: every built-in kind, its defaults and conversions.
package builtin

import (
	"reflect"

	apiextensions "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/install"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	kjson "k8s.io/apimachinery/pkg/runtime/serializer/json"
	"k8s.io/kubernetes/pkg/api/legacyscheme"

	_ "bulkhead.dev/oracle/internal/installed"
)

// Scheme holds custom resource definitions as well, which the API server keeps in a scheme of their own.
var Scheme = legacyscheme.Scheme

func init() {
	apiextensions.Install(Scheme)
}

// IsObject says whether the type can be created on its own; lists, options and events of a watch cannot.
func IsObject(goType reflect.Type) bool {
	field, found := goType.FieldByName("ObjectMeta")
	return found && field.Type == reflect.TypeOf(metav1.ObjectMeta{})
}

func Has(apiVersion, kind string) bool {
	goType, found := Scheme.AllKnownTypes()[schema.FromAPIVersionAndKind(apiVersion, kind)]
	return found && IsObject(goType)
}

var reader = kjson.NewSerializerWithOptions(kjson.DefaultMetaFactory, Scheme, Scheme, kjson.SerializerOptions{})

// Admitted is the object as admission plugins are shown it. As in the handler of a request
// (apiserver/pkg/endpoints/handlers/create.go), the versioned object is defaulted, kept in the internal version, and
// converted again for admission (apiserver/pkg/admission/conversion.go).
func Admitted(in []byte) (map[string]any, error) {
	return Shown(in, func(runtime.Object) {})
}

// Shown is the same with something done to the object in the internal version.
func Shown(in []byte, prepare func(runtime.Object)) (map[string]any, error) {
	object, kind, err := reader.Decode(in, nil, nil)
	if err != nil {
		return nil, err
	}
	Scheme.Default(object)
	internal, err := Scheme.ConvertToVersion(object, runtime.InternalGroupVersioner)
	if err != nil {
		return nil, err
	}
	prepare(internal)
	shown, err := Scheme.New(*kind)
	if err != nil {
		return nil, err
	}
	if err := Scheme.Convert(internal, shown, nil); err != nil {
		return nil, err
	}
	shown.GetObjectKind().SetGroupVersionKind(*kind)
	return runtime.DefaultUnstructuredConverter.ToUnstructured(shown)
}
