// Package netpol sends a NetworkPolicy through what the API server does to it on creation.
package netpol

import (
	"context"
	"encoding/json"

	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/util/validation/field"
	genericapirequest "k8s.io/apiserver/pkg/endpoints/request"
	"k8s.io/kubernetes/pkg/api/legacyscheme"
	"k8s.io/kubernetes/pkg/apis/networking"
	_ "k8s.io/kubernetes/pkg/apis/networking/install"
	"k8s.io/kubernetes/pkg/registry/networking/networkpolicy"
)

// Create gives the policy with its defaults, as a client would read it back, and what validation finds wrong with it.
func Create(policy *networkingv1.NetworkPolicy) (*networkingv1.NetworkPolicy, field.ErrorList, []string) {
	defaulted := policy.DeepCopy()
	legacyscheme.Scheme.Default(defaulted)

	internal := &networking.NetworkPolicy{}
	must(legacyscheme.Scheme.Convert(defaulted, internal, nil))
	ctx := genericapirequest.WithNamespace(context.Background(), policy.Namespace)
	ctx = genericapirequest.WithRequestInfo(ctx, &genericapirequest.RequestInfo{
		IsResourceRequest: true, APIGroup: "networking.k8s.io", APIVersion: "v1", Resource: "networkpolicies", Verb: "create",
	})
	errors := networkpolicy.Strategy.Validate(ctx, internal)
	warnings := []string(nil)
	if len(errors) == 0 {
		warnings = networkpolicy.Strategy.WarningsOnCreate(ctx, internal)
	}

	// Empty lists do not survive the way through JSON.
	text, err := json.Marshal(defaulted)
	must(err)
	read := &networkingv1.NetworkPolicy{}
	must(json.Unmarshal(text, read))
	return read, errors, warnings
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}
