package admission

import (
	"context"
	"fmt"

	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apiserver/pkg/admission"
	plugincel "k8s.io/apiserver/pkg/admission/plugin/cel"
	"k8s.io/apiserver/pkg/admission/plugin/policy/generic"
	"k8s.io/apiserver/pkg/admission/plugin/policy/validating"
	celconfig "k8s.io/apiserver/pkg/apis/cel"
	"k8s.io/apiserver/pkg/cel/environment"

	"bulkhead.dev/oracle/internal/celrun"
	"bulkhead.dev/oracle/internal/vectors"
)

// Explained is an expression of a policy, evaluated alone.
type Explained struct {
	Where string `json:"where"`
	Says  string `json:"-"`              // its value or error in words
	Cost  *int64 `json:"cost,omitempty"` // that of the variables it reads included; none where it does not compile or exceeds the budget
}

func (e Explained) String() string {
	if e.Cost == nil {
		return e.Where + ": " + e.Says
	}
	return fmt.Sprintf("%s: %s (cost %d)", e.Where, e.Says, *e.Cost)
}

// Explain evaluates each expression of the policy alone, with each of its params in turn.
func (v *Validating) Explain(policy *admissionregistrationv1.ValidatingAdmissionPolicy, request *Request) []Explained {
	attributes := request.Attributes()
	_, resource, kind, err := generic.NewPolicyMatcher(v.Cluster.Matcher()).DefinitionMatches(attributes, Interfaces(), validating.NewValidatingAdmissionPolicyAccessor(policy))
	if err != nil {
		return []Explained{{Where: "policy", Says: err.Error()}}
	}
	versioned, err := admission.NewVersionedAttributes(attributes, kind, Interfaces())
	if err != nil {
		return []Explained{{Where: "policy", Says: err.Error()}}
	}
	var namespace *corev1.Namespace
	for _, known := range v.Cluster.Namespaces {
		if known.Name == request.Namespace && request.Kind.Kind != "Namespace" {
			namespace = plugincel.CreateNamespaceObject(known)
		}
	}
	asked := question{v, versioned, namespace, resource, kind}
	lines := []Explained{}
	for _, param := range v.params(policy, request) {
		if param != nil {
			lines = append(lines, Explained{Where: "params " + nameOf(param)})
		}
		lines = append(lines, asked.lines(policy, param)...)
	}
	return lines
}

func (v *Validating) params(policy *admissionregistrationv1.ValidatingAdmissionPolicy, request *Request) []runtime.Object {
	if policy.Spec.ParamKind == nil {
		return []runtime.Object{nil}
	}
	found := []runtime.Object{}
	for _, hook := range v.Hooks() {
		for _, binding := range hook.Bindings {
			if hook.Policy.Name == policy.Name {
				params, _ := CollectParams(policy.Spec.ParamKind, hook.ParamInformer, hook.ParamScope, binding.Spec.ParamRef, request.Namespace)
				found = append(found, params...)
			}
		}
	}
	return found
}

type question struct {
	v         *Validating
	versioned *admission.VersionedAttributes
	namespace *corev1.Namespace
	resource  schema.GroupVersionResource
	kind      schema.GroupVersionKind
}

func (q question) lines(policy *admissionregistrationv1.ValidatingAdmissionPolicy, param runtime.Object) []Explained {
	lines := []Explained{}
	say := func(label, expression string, authz bool) {
		if expression != "" {
			says, cost := q.evaluate(policy, expression, param, authz)
			lines = append(lines, Explained{label, says, cost})
		}
	}
	for _, variable := range policy.Spec.Variables {
		say("variables."+variable.Name, "variables."+variable.Name, true)
	}
	for i, condition := range policy.Spec.MatchConditions {
		say(fmt.Sprintf("matchConditions[%d] %s", i, condition.Name), condition.Expression, true)
	}
	for i, validation := range policy.Spec.Validations {
		say(fmt.Sprintf("validations[%d]", i), validation.Expression, true)
		say(fmt.Sprintf("validations[%d].messageExpression", i), validation.MessageExpression, false)
	}
	for _, annotation := range policy.Spec.AuditAnnotations {
		say("auditAnnotations "+annotation.Key, annotation.ValueExpression, false)
	}
	return lines
}

func (q question) evaluate(policy *admissionregistrationv1.ValidatingAdmissionPolicy, expression string, param runtime.Object, withAuthorizer bool) (string, *int64) {
	compiler, err := plugincel.NewCompositedCompiler(environment.MustBaseEnvSet(environment.DefaultCompatibilityVersion()))
	if err != nil {
		return err.Error(), nil
	}
	full := plugincel.OptionalVariableDeclarations{HasParams: policy.Spec.ParamKind != nil, HasAuthorizer: true}
	for _, variable := range policy.Spec.Variables {
		compiler.CompileAndStoreVariable(&validating.Variable{Name: variable.Name, Expression: variable.Expression}, full, environment.StoredExpressions)
	}
	options, inputs := full, plugincel.OptionalVariableBindings{VersionedParams: param, Authorizer: q.v.Authz}
	if !withAuthorizer {
		options.HasAuthorizer, inputs.Authorizer = false, nil
	}
	condition := compiler.CompileCondition([]plugincel.ExpressionAccessor{celrun.Expression(expression)}, options, environment.StoredExpressions)
	if problems := condition.CompilationErrors(); len(problems) > 0 {
		return fmt.Sprint("does not compile: ", problems[0]), nil
	}
	asked := plugincel.CreateAdmissionRequest(q.versioned.Attributes, metav1.GroupVersionResource(q.resource), metav1.GroupVersionKind(q.kind))
	results, left, err := condition.ForInput(context.Background(), q.versioned, asked, inputs, q.namespace, celconfig.RuntimeCELCostBudget)
	if err != nil {
		return "ERROR " + err.Error(), nil
	}
	cost := celconfig.RuntimeCELCostBudget - left
	if results[0].Error != nil {
		return fmt.Sprint("ERROR ", results[0].Error), &cost
	}
	value := vectors.Text(celrun.Plain(results[0].EvalResult))
	if len(value) > 500 {
		value = value[:500] + "..."
	}
	return value, &cost
}
