package admission

import (
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apiserver/pkg/admission"
	"k8s.io/apiserver/pkg/authentication/user"
)

// Request is what a client asks for. What is left out is taken from the object.
type Request struct {
	Operation   string
	Object      runtime.Object
	OldObject   runtime.Object
	Kind        schema.GroupVersionKind
	Resource    schema.GroupVersionResource
	Subresource string
	Namespace   string
	Name        string
	DryRun      bool
	User        *user.DefaultInfo
	Options     runtime.Object
}

// NewRequest asks to create the object, or to do what is said to it.
func NewRequest(operation string, object, old runtime.Object, kind schema.GroupVersionKind) *Request {
	request := &Request{
		Operation: operation, Object: object, OldObject: old, Kind: kind, Resource: Resource(kind),
		User: &user.DefaultInfo{Name: "alice", UID: "1", Groups: []string{"dev", "system:authenticated"}},
	}
	subject := object
	if subject == nil {
		subject = old
	}
	if accessor, err := meta.Accessor(subject); err == nil {
		request.Name, request.Namespace = accessor.GetName(), accessor.GetNamespace()
	}
	if kind.Group == "" && kind.Kind == "Namespace" {
		request.Namespace = request.Name // as the request's URL has it
	}
	switch operation {
	case "CREATE":
		request.Options = &metav1.CreateOptions{TypeMeta: metav1.TypeMeta{APIVersion: "meta.k8s.io/v1", Kind: "CreateOptions"}}
	case "UPDATE":
		request.Options = &metav1.UpdateOptions{TypeMeta: metav1.TypeMeta{APIVersion: "meta.k8s.io/v1", Kind: "UpdateOptions"}}
	case "DELETE":
		request.Options = &metav1.DeleteOptions{TypeMeta: metav1.TypeMeta{APIVersion: "meta.k8s.io/v1", Kind: "DeleteOptions"}}
	}
	return request
}

// Attributes is the request as the plugins get it.
func (r *Request) Attributes() admission.Attributes {
	return admission.NewAttributesRecord(r.Object, r.OldObject, r.Kind, r.Namespace, r.Name, r.Resource, r.Subresource,
		admission.Operation(r.Operation), r.Options, r.DryRun, r.User)
}
