package admission

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"

	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/managedfields"
	"k8s.io/apiserver/pkg/admission/plugin/policy/mutating"
	"k8s.io/apiserver/pkg/authorization/authorizer"
	"k8s.io/apiserver/pkg/warning"
	"k8s.io/client-go/openapi"
	"k8s.io/client-go/openapi/openapitest"

	"bulkhead.dev/oracle/internal/vectors"
)

// Mutating is the policies that one request meets.
type Mutating struct {
	Cluster  *Cluster
	Policies []*admissionregistrationv1.MutatingAdmissionPolicy
	Bindings []*admissionregistrationv1.MutatingAdmissionPolicyBinding
	Authz    authorizer.AuthorizerFunc
}

func (m *Mutating) hooks() []mutating.PolicyHook {
	hooks := []mutating.PolicyHook{}
	for _, policy := range m.Policies {
		hook := mutating.PolicyHook{Policy: policy, Evaluator: compileMutating(policy)}
		for _, binding := range m.Bindings {
			if binding.Spec.PolicyName == policy.Name {
				hook.Bindings = append(hook.Bindings, binding)
			}
		}
		if kind := policy.Spec.ParamKind; kind != nil {
			hook.ParamInformer, hook.ParamScope = m.Cluster.informer(schema.FromAPIVersionAndKind(kind.APIVersion, kind.Kind))
		}
		if len(hook.Bindings) > 0 {
			hooks = append(hooks, hook)
		}
	}
	return hooks
}

// Ask dispatches the request to the policies, and once more if they say so, as the chain of plugins does.
// The verdict's object is the outcome, whole, in the version of the request.
func (m *Mutating) Ask(request *Request) (verdict Verdict) {
	defer func() {
		if reason := recover(); reason != nil {
			verdict = Verdict{Panic: fmt.Sprint(reason)}
		}
	}()
	dispatcher := mutating.NewDispatcher(m.Authz, m.Cluster.Matcher(), converters{})
	seen := &recorder{annotations: map[string]any{}}
	ctx := warning.WithWarningRecorder(context.Background(), seen)
	attributes := &annotated{request.Attributes(), seen}
	hooks := m.hooks()
	err := dispatcher.Dispatch(ctx, attributes, Interfaces(), hooks)
	if again := attributes.GetReinvocationContext(); err == nil && again.ShouldReinvoke() {
		again.SetIsReinvoke()
		err = dispatcher.Dispatch(ctx, attributes, Interfaces(), hooks)
	}
	verdict = seen.verdict(err)
	if err == nil && request.Object != nil {
		verdict.Object = json.RawMessage(vectors.Text(Versioned(request.Object, request.Kind)))
	}
	return verdict
}

// converters know the schemas of the built-in kinds, from the OpenAPI documents that client-go's tests use.
type converters struct{}

func (converters) Run(context.Context) {}

func (converters) GetTypeConverter(kind schema.GroupVersionKind) managedfields.TypeConverter {
	converter := builtIn()
	stub := &unstructured.Unstructured{}
	stub.SetGroupVersionKind(kind)
	if _, err := converter.ObjectToTyped(stub); err != nil {
		return nil
	}
	return converter
}

var builtIn = sync.OnceValue(func() managedfields.TypeConverter {
	converter, err := openapi.NewTypeConverter(openapitest.NewEmbeddedFileClient(), false)
	if err != nil {
		panic(err)
	}
	return converter
})
