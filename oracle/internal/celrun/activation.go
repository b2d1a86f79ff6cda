package celrun

import (
	"bytes"
	"context"
	"encoding/json"

	"github.com/google/cel-go/interpreter"

	"k8s.io/apimachinery/pkg/runtime/schema"
	utiljson "k8s.io/apimachinery/pkg/util/json"
	"k8s.io/apiserver/pkg/admission"
	"k8s.io/apiserver/pkg/authentication/user"
	"k8s.io/apiserver/pkg/authorization/authorizer"
	"k8s.io/apiserver/pkg/cel/library"
)

// Activation is the variables of a request. What is not given is null, as admission has it.
type Activation map[string]any

func (a Activation) ResolveName(name string) (any, bool) {
	value := a[name]
	return value, true
}

func (a Activation) Parent() interpreter.Activation { return nil }

// NewActivation reads the variables from JSON as the API server reads unstructured objects:
// a number without a fraction or an exponent that fits is an int, any other a double.
func NewActivation(text []byte, authz authorizer.AuthorizerFunc) Activation {
	variables := map[string]any{}
	if err := utiljson.Unmarshal(bytes.TrimSpace(text), &variables); err != nil {
		panic(err)
	}
	requester := &user.DefaultInfo{Name: "alice", UID: "1", Groups: []string{"dev", "system:authenticated"}}
	resource := admission.NewAttributesRecord(nil, nil, schema.GroupVersionKind{Version: "v1", Kind: "Pod"}, "default", "web",
		schema.GroupVersionResource{Version: "v1", Resource: "pods"}, "", admission.Create, nil, false, requester)
	variables["authorizer"] = library.NewAuthorizerVal(requester, authz)
	variables["authorizer.requestResource"] = library.NewResourceAuthorizerVal(requester, authz, resource)
	return variables
}

// Rule is one line of the authorizer that the cases ask: the first whose set fields all equal the request's decides.
type Rule struct {
	Match    map[string]string `json:"match"`
	Decision string            `json:"decision"`
	Reason   string            `json:"reason,omitempty"`
	Error    string            `json:"error,omitempty"`
}

// Authorizer answers from the rules; what none of them matches gets no opinion.
func Authorizer(rules []Rule) authorizer.AuthorizerFunc {
	return func(_ context.Context, asked authorizer.Attributes) (authorizer.Decision, string, error) {
		fields := map[string]string{
			"user": asked.GetUser().GetName(), "verb": asked.GetVerb(), "namespace": asked.GetNamespace(), "name": asked.GetName(),
			"group": asked.GetAPIGroup(), "resource": asked.GetResource(), "subresource": asked.GetSubresource(), "path": asked.GetPath(),
		}
	rules:
		for _, rule := range rules {
			for name, wanted := range rule.Match {
				if fields[name] != wanted {
					continue rules
				}
			}
			var err error
			if rule.Error != "" {
				err = problem(rule.Error)
			}
			switch rule.Decision {
			case "allow":
				return authorizer.DecisionAllow, rule.Reason, err
			case "deny":
				return authorizer.DecisionDeny, rule.Reason, err
			}
			return authorizer.DecisionNoOpinion, rule.Reason, err
		}
		return authorizer.DecisionNoOpinion, "", nil
	}
}

type problem string

func (p problem) Error() string { return string(p) }

// JSON is v as JSON text.
func JSON(v any) []byte {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return text
}
