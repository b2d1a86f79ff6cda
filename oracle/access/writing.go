package main

import (
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// rulesOf are those of a role, if it exists where a binding of that namespace looks for it.
func (p policy) rulesOf(ref rbacv1.RoleRef, namespace string) []rbacv1.PolicyRule {
	for _, role := range p.clusterRoles {
		if ref.Kind == "ClusterRole" && role.Name == ref.Name {
			return role.Rules
		}
	}
	for _, role := range p.roles {
		if ref.Kind == "Role" && role.Name == ref.Name && role.Namespace == namespace {
			return role.Rules
		}
	}
	return nil
}

// write is a role or a binding that someone who is bound would make or change.
func (d dice) write(made policy) writing {
	namespace := d.one(spaces)
	user := d.IntN(len(callers))
	if fitting := made.everyoneBound(namespace); len(fitting) > 0 && !d.in(6) {
		user = fitting[d.IntN(len(fitting))]
	}
	meta := metav1.ObjectMeta{Name: d.one(names), Namespace: namespace}
	asked := writing{user: user}
	switch d.IntN(4) {
	case 0:
		role := &rbacv1.Role{ObjectMeta: meta, Rules: d.handedOn(made, user, namespace)}
		asked.object = role
		if !d.in(3) {
			old := role.DeepCopy()
			d.changed(&old.ObjectMeta, func() { old.Rules = d.rules(false) })
			asked.old = d.orNothing(old, &rbacv1.Role{})
		}
	case 1:
		meta.Namespace = ""
		role := &rbacv1.ClusterRole{ObjectMeta: meta, Rules: d.handedOn(made, user, "")}
		if d.in(4) {
			role.AggregationRule = d.aggregation()
		}
		asked.object = role
		if !d.in(3) {
			old := role.DeepCopy()
			d.changed(&old.ObjectMeta, func() {
				if d.in(2) {
					old.Rules = d.rules(true)
				}
				if d.in(2) {
					old.AggregationRule = d.aggregation()
				}
			})
			asked.old = d.orNothing(old, &rbacv1.ClusterRole{})
		}
	case 2:
		binding := &rbacv1.RoleBinding{ObjectMeta: meta, Subjects: d.subjects(), RoleRef: d.ref(made, namespace)}
		asked.object = binding
		if !d.in(3) {
			old := binding.DeepCopy()
			d.changed(&old.ObjectMeta, func() { old.Subjects = d.subjects() })
			asked.old = d.orNothing(old, &rbacv1.RoleBinding{})
		}
	default:
		meta.Namespace = ""
		binding := &rbacv1.ClusterRoleBinding{ObjectMeta: meta, Subjects: d.subjects(), RoleRef: d.ref(made, "")}
		asked.object = binding
		if !d.in(3) {
			old := binding.DeepCopy()
			d.changed(&old.ObjectMeta, func() { old.Subjects = d.subjects() })
			asked.old = d.orNothing(old, &rbacv1.ClusterRoleBinding{})
		}
	}
	return asked
}

// orNothing: what does not exist is created by an update as well (server-side apply), where the storage shows an empty object.
func (d dice) orNothing(old, empty runtime.Object) runtime.Object {
	if d.in(5) {
		return empty
	}
	return old
}

// changed makes what was there before: in one or more of what it says, or in nothing but what the garbage collector changes.
func (d dice) changed(meta *metav1.ObjectMeta, content func()) {
	if d.in(2) {
		meta.OwnerReferences = []metav1.OwnerReference{{APIVersion: "v1", Kind: "ConfigMap", Name: "owner", UID: "1"}}
	}
	if d.in(3) {
		meta.Finalizers = []string{"example.com/f"}
	}
	if d.in(4) {
		meta.ManagedFields = []metav1.ManagedFieldsEntry{{Manager: "m"}}
	}
	if d.in(3) {
		meta.Labels = map[string]string{"changed": "yes"}
	}
	if d.in(2) {
		content()
	}
}

func (d dice) aggregation() *rbacv1.AggregationRule {
	if d.in(4) {
		return &rbacv1.AggregationRule{}
	}
	return &rbacv1.AggregationRule{ClusterRoleSelectors: []metav1.LabelSelector{{MatchLabels: map[string]string{"a": "b"}}}}
}

func (p policy) everyoneBound(namespace string) []int {
	found := []int{}
	for _, binding := range p.clusterRoleBindings {
		found = append(found, bound(binding.Subjects, "")...)
	}
	for _, binding := range p.roleBindings {
		if binding.Namespace == namespace {
			found = append(found, bound(binding.Subjects, namespace)...)
		}
	}
	return found
}

// handedOn are rules of the policy, mostly such as the user may hold, at times narrowed or with one thing more.
func (d dice) handedOn(made policy, user int, namespace string) []rbacv1.PolicyRule {
	held := newAsking(made).rules(callers[user].info(), namespace)
	if len(held) == 0 || d.in(5) {
		return d.rules(namespace == "")
	}
	given := []rbacv1.PolicyRule{}
	for range 1 + d.IntN(2) {
		rule := *held[d.IntN(len(held))].DeepCopy()
		if len(rule.Verbs) > 0 && d.in(2) {
			rule.Verbs = []string{d.one(rule.Verbs)}
		}
		if d.in(4) {
			rule.Verbs = append(rule.Verbs, d.one(ruleVerbs))
		}
		if len(rule.Resources) > 0 && d.in(3) {
			rule.Resources = []string{d.one(ruleParts)}
		}
		if len(rule.ResourceNames) == 0 && d.in(4) {
			rule.ResourceNames = d.some(names, 2)
		}
		if len(rule.NonResourceURLs) > 0 && d.in(3) {
			rule.NonResourceURLs = d.some(ruleURLs, 2)
		}
		given = append(given, rule)
	}
	return given
}
