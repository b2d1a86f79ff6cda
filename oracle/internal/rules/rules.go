// Package rules reads RBAC rules written short: {v: verbs, g: apiGroups, r: resources, names: resourceNames, u: nonResourceURLs}.
package rules

import rbacv1 "k8s.io/api/rbac/v1"

type Short struct {
	Verbs           []string `json:"v"`
	APIGroups       []string `json:"g"`
	Resources       []string `json:"r"`
	ResourceNames   []string `json:"names"`
	NonResourceURLs []string `json:"u"`
}

func Expand(short []Short) []rbacv1.PolicyRule {
	rules := []rbacv1.PolicyRule{}
	for _, rule := range short {
		rules = append(rules, rbacv1.PolicyRule{
			Verbs: rule.Verbs, APIGroups: rule.APIGroups, Resources: rule.Resources,
			ResourceNames: rule.ResourceNames, NonResourceURLs: rule.NonResourceURLs,
		})
	}
	return rules
}
