package main

import (
	_ "embed"
	"sort"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"

	"bulkhead.dev/oracle/internal/rules"
)

//go:embed cases.yaml
var curatedText []byte

type policy struct {
	Name                string
	Roles               []rbacv1.Role
	ClusterRoles        []rbacv1.ClusterRole
	RoleBindings        []rbacv1.RoleBinding
	ClusterRoleBindings []rbacv1.ClusterRoleBinding
	Requests            []request
}

type request struct {
	User        string   `json:"as"`
	Groups      []string `json:"groups"`
	Verb        string   `json:"v"`
	APIGroup    string   `json:"g"`
	Resource    string   `json:"r"`
	Subresource string   `json:"s"`
	Name        string   `json:"name"`
	Namespace   string   `json:"ns"`
	Path        string   `json:"path"`
}

func curated() []policy {
	var short []struct {
		Name                              string
		Roles, ClusterRoles               map[string][]rules.Short
		RoleBindings, ClusterRoleBindings []string
		Requests                          []request
	}
	if err := yaml.UnmarshalStrict(curatedText, &short); err != nil {
		panic(err)
	}
	policies := []policy{}
	for _, short := range short {
		made := policy{Name: short.Name, Requests: short.Requests}
		for _, name := range sortedKeys(short.ClusterRoles) {
			made.ClusterRoles = append(made.ClusterRoles, clusterRole(name, rules.Expand(short.ClusterRoles[name])))
		}
		for _, name := range sortedKeys(short.Roles) {
			made.Roles = append(made.Roles, role(name, rules.Expand(short.Roles[name])))
		}
		for _, text := range short.ClusterRoleBindings {
			words := strings.Fields(text)
			made.ClusterRoleBindings = append(made.ClusterRoleBindings, clusterRoleBinding(words[0], words[1], words[2:]))
		}
		for _, text := range short.RoleBindings {
			words := strings.Fields(text)
			made.RoleBindings = append(made.RoleBindings, roleBinding(words[0], words[1], words[2:]))
		}
		policies = append(policies, made)
	}
	return policies
}

func clusterRole(name string, rules []rbacv1.PolicyRule) rbacv1.ClusterRole {
	return rbacv1.ClusterRole{ObjectMeta: metav1.ObjectMeta{Name: name}, Rules: rules}
}

func role(key string, rules []rbacv1.PolicyRule) rbacv1.Role {
	return rbacv1.Role{ObjectMeta: meta(key), Rules: rules}
}

func clusterRoleBinding(name, ref string, to []string) rbacv1.ClusterRoleBinding {
	return rbacv1.ClusterRoleBinding{ObjectMeta: metav1.ObjectMeta{Name: name}, RoleRef: roleRef(ref), Subjects: subjects(to)}
}

func roleBinding(key, ref string, to []string) rbacv1.RoleBinding {
	return rbacv1.RoleBinding{ObjectMeta: meta(key), RoleRef: roleRef(ref), Subjects: subjects(to)}
}

func meta(key string) metav1.ObjectMeta {
	namespace, name, _ := strings.Cut(key, "/")
	return metav1.ObjectMeta{Namespace: namespace, Name: name}
}

func roleRef(ref string) rbacv1.RoleRef {
	kind, name, _ := strings.Cut(ref, "/")
	return rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: kind, Name: name}
}

func subjects(to []string) []rbacv1.Subject {
	subjects := []rbacv1.Subject{}
	for _, text := range to {
		kind, name, _ := strings.Cut(text, "/")
		subject := rbacv1.Subject{Kind: kind, Name: name}
		if kind == rbacv1.ServiceAccountKind {
			subject.Namespace, subject.Name, _ = strings.Cut(name, "/")
		}
		subjects = append(subjects, subject)
	}
	return subjects
}

func sortedKeys[T any](byName map[string]T) []string {
	names := []string{}
	for name := range byName {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}
