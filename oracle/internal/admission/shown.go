package admission

import (
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apiserver/pkg/admission"
)

// Versioned is the object as an expression of that version sees it.
func Versioned(object runtime.Object, kind schema.GroupVersionKind) any {
	if object == nil {
		return nil
	}
	converted, err := admission.ConvertToGVK(object.DeepCopyObject(), kind, Interfaces())
	if err != nil {
		panic(err)
	}
	return Shown(converted)
}

// Shown is the object as plain JSON, as the converter of the plugins makes it.
func Shown(object runtime.Object) map[string]any {
	plain, err := runtime.DefaultUnstructuredConverter.ToUnstructured(object)
	if err != nil {
		panic(err)
	}
	if metadata, found := plain["metadata"].(map[string]any); found && metadata["creationTimestamp"] == nil {
		delete(metadata, "creationTimestamp")
	}
	return plain
}
