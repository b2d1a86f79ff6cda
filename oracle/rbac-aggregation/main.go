// Asks the cluster role aggregation controller which rules it would write.
// Arguments are outputs of this program linked with other releases, to compare with.
package main

import (
	_ "embed"
	"os"

	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"

	"bulkhead.dev/oracle/internal/aggregation"
	"bulkhead.dev/oracle/internal/rules"
	"bulkhead.dev/oracle/internal/vectors"
)

//go:embed cases.yaml
var casesText []byte

type vector struct {
	Name         string                         `json:"name"`
	ClusterRoles []map[string]any               `json:"clusterRoles"`
	Rules        map[string][]rbacv1.PolicyRule `json:"rules"`
	Errors       map[string]string              `json:"errors,omitempty"`
}

func main() {
	var short []struct {
		Name  string
		Roles []struct {
			Name      string
			Labels    map[string]string
			Aggregate *[]metav1.LabelSelector
			Rules     []rules.Short
		}
	}
	if err := yaml.UnmarshalStrict(casesText, &short); err != nil {
		panic(err)
	}

	cases := []vector{}
	for _, one := range short {
		roles := []rbacv1.ClusterRole{}
		for _, role := range one.Roles {
			made := rbacv1.ClusterRole{ObjectMeta: metav1.ObjectMeta{Name: role.Name, Labels: role.Labels}, Rules: rules.Expand(role.Rules)}
			if role.Aggregate != nil {
				made.AggregationRule = &rbacv1.AggregationRule{ClusterRoleSelectors: *role.Aggregate}
			}
			roles = append(roles, made)
		}
		asked := vector{Name: one.Name, ClusterRoles: vectors.PlainAll(roles), Rules: map[string][]rbacv1.PolicyRule{}}
		settled, errors := aggregation.Settle(roles)
		for _, role := range settled {
			if role.AggregationRule != nil {
				asked.Rules[role.Name] = append([]rbacv1.PolicyRule{}, role.Rules...)
			}
		}
		asked.Errors = errors
		cases = append(cases, asked)
	}
	vectors.Print("rbac-aggregation", cases, vectors.Checked(os.Args[1:], cases)...)
}
