package admission

import (
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/kubernetes/pkg/api/legacyscheme"
	"k8s.io/kubernetes/pkg/apis/admissionregistration"
	"k8s.io/kubernetes/pkg/apis/admissionregistration/validation"
	"sigs.k8s.io/yaml"
)

// Refused says why the API server would not create the policy or binding, if it would not.
func Refused(text []byte) []string {
	object, _, err := Decode(text)
	if err != nil {
		return []string{err.Error()}
	}
	var problems field.ErrorList
	switch typed := object.(type) {
	case *admissionregistration.ValidatingAdmissionPolicy:
		problems = validation.ValidateValidatingAdmissionPolicy(typed)
	case *admissionregistration.ValidatingAdmissionPolicyBinding:
		problems = validation.ValidateValidatingAdmissionPolicyBinding(typed)
	case *admissionregistration.MutatingAdmissionPolicy:
		problems = validation.ValidateMutatingAdmissionPolicy(typed)
	case *admissionregistration.MutatingAdmissionPolicyBinding:
		problems = validation.ValidateMutatingAdmissionPolicyBinding(typed)
	}
	words := []string{}
	for _, problem := range problems {
		words = append(words, problem.Error())
	}
	return words
}

// DecodeParam reads an object as the informers of params have it: in its external version.
func DecodeParam(text []byte) (runtime.Object, *schema.GroupVersionKind, error) {
	json, err := yaml.YAMLToJSON(text)
	if err != nil {
		return nil, nil, err
	}
	object, kind, err := legacyscheme.Codecs.UniversalDeserializer().Decode(json, nil, nil)
	if runtime.IsNotRegisteredError(err) {
		return unstructured.UnstructuredJSONScheme.Decode(json, nil, nil)
	}
	if err == nil {
		legacyscheme.Scheme.Default(object)
	}
	return object, kind, err
}

// NewNamespace is a namespace as the API server would have created it.
func NewNamespace(name string) *corev1.Namespace {
	namespace := &corev1.Namespace{}
	namespace.Name = name
	namespace.Labels = map[string]string{"kubernetes.io/metadata.name": name}
	namespace.Spec.Finalizers = []corev1.FinalizerName{corev1.FinalizerKubernetes}
	namespace.Status.Phase = corev1.NamespaceActive
	return namespace
}

var clusterScoped = map[string]bool{
	"Namespace": true, "Node": true, "PersistentVolume": true, "ClusterRole": true, "ClusterRoleBinding": true,
	"StorageClass": true, "PriorityClass": true, "RuntimeClass": true, "IngressClass": true, "CSIDriver": true, "CSINode": true,
	"VolumeAttachment": true, "CertificateSigningRequest": true, "ValidatingAdmissionPolicy": true, "ValidatingAdmissionPolicyBinding": true,
	"MutatingAdmissionPolicy": true, "MutatingAdmissionPolicyBinding": true, "ValidatingWebhookConfiguration": true,
	"MutatingWebhookConfiguration": true, "CustomResourceDefinition": true, "APIService": true, "FlowSchema": true, "PriorityLevelConfiguration": true,
}

// Namespaced says whether objects of the kind live in a namespace; those of unknown kinds are taken to.
func Namespaced(kind schema.GroupVersionKind) bool { return !clusterScoped[kind.Kind] }
