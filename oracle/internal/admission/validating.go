package admission

import (
	"context"
	"encoding/json"

	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	"k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apiserver/pkg/admission"
	"k8s.io/apiserver/pkg/admission/plugin/policy/generic"
	"k8s.io/apiserver/pkg/admission/plugin/policy/validating"
	"k8s.io/apiserver/pkg/authorization/authorizer"
	"k8s.io/apiserver/pkg/warning"
)

// Validating is the policies that one request meets.
type Validating struct {
	Cluster  *Cluster
	Policies []*admissionregistrationv1.ValidatingAdmissionPolicy
	Bindings []*admissionregistrationv1.ValidatingAdmissionPolicyBinding
	Authz    authorizer.AuthorizerFunc
}

// Verdict is the plugin's answer to a request.
type Verdict struct {
	Denied      *Denial         `json:"denied,omitempty"`
	Warnings    []string        `json:"warnings,omitempty"`
	Annotations map[string]any  `json:"auditAnnotations,omitempty"`
	Object      json.RawMessage `json:"object,omitempty"`
	Panic       string          `json:"panic,omitempty"` // what broke the plugin; the client gets an internal error
}

// Denial is the status that the client gets.
type Denial struct {
	Message string   `json:"message"`
	Reason  string   `json:"reason,omitempty"`
	Code    int32    `json:"code,omitempty"`
	Causes  []string `json:"causes,omitempty"`
}

// Hooks are the policies with their bindings, compiled, in the order given.
func (v *Validating) Hooks() []validating.PolicyHook {
	hooks := []validating.PolicyHook{}
	for _, policy := range v.Policies {
		hook := validating.PolicyHook{Policy: policy, Evaluator: compileValidating(policy)}
		for _, binding := range v.Bindings {
			if binding.Spec.PolicyName == policy.Name {
				hook.Bindings = append(hook.Bindings, binding)
			}
		}
		if kind := policy.Spec.ParamKind; kind != nil {
			hook.ParamInformer, hook.ParamScope = v.Cluster.informer(schema.FromAPIVersionAndKind(kind.APIVersion, kind.Kind))
		}
		if len(hook.Bindings) > 0 { // the plugin drops what nothing binds
			hooks = append(hooks, hook)
		}
	}
	return hooks
}

// Ask dispatches the request to the policies.
func (v *Validating) Ask(request *Request) Verdict {
	dispatcher := validating.NewDispatcher(v.Authz, generic.NewPolicyMatcher(v.Cluster.Matcher()))
	seen := &recorder{annotations: map[string]any{}}
	ctx := warning.WithWarningRecorder(context.Background(), seen)
	err := dispatcher.Dispatch(ctx, &annotated{request.Attributes(), seen}, Interfaces(), v.Hooks())
	return seen.verdict(err)
}

func (s *recorder) verdict(err error) Verdict {
	verdict := Verdict{Warnings: s.warnings}
	if len(s.annotations) > 0 {
		verdict.Annotations = s.annotations
	}
	if err == nil {
		return verdict
	}
	verdict.Denied = &Denial{Message: err.Error()}
	if status, ok := err.(*errors.StatusError); ok {
		verdict.Denied.Reason, verdict.Denied.Code = string(status.ErrStatus.Reason), status.ErrStatus.Code
		if details := status.ErrStatus.Details; details != nil {
			for _, cause := range details.Causes {
				verdict.Denied.Causes = append(verdict.Denied.Causes, cause.Message)
			}
		}
	}
	return verdict
}

type recorder struct {
	warnings    []string
	annotations map[string]any
}

func (s *recorder) AddWarning(_, text string) { s.warnings = append(s.warnings, text) }

// annotated keeps the audit annotations, which the attributes of a request would pass on without a way to read them.
type annotated struct {
	admission.Attributes
	seen *recorder
}

func (a *annotated) AddAnnotation(key, value string) error {
	var parsed any = value
	if key == "validation.policy.admission.k8s.io/validation_failure" {
		parsed = json.RawMessage(value)
	}
	if _, found := a.seen.annotations[key]; found {
		return errors.NewBadRequest("admission annotations are not overwritten") // as the attributes of a request have it
	}
	a.seen.annotations[key] = parsed
	return nil
}
