// Asks which rules an owner of other rules already holds, as the escalation check does.
// Arguments are outputs of this program linked with other releases, to compare with.
package main

import (
	_ "embed"
	"fmt"
	"math/rand/v2"
	"os"

	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/component-helpers/auth/rbac/validation"
	"sigs.k8s.io/yaml"

	"bulkhead.dev/oracle/internal/rules"
	"bulkhead.dev/oracle/internal/vectors"
)

//go:embed cases.yaml
var curatedText []byte

type vector struct {
	Name      string              `json:"name"`
	Owner     []rbacv1.PolicyRule `json:"ownerRules"`
	Servant   []rbacv1.PolicyRule `json:"servantRules"`
	Covered   bool                `json:"covered"`
	Uncovered []rbacv1.PolicyRule `json:"uncovered"`
}

func main() {
	cases := append(curated(), random()...)
	vectors.Print("rbac-covers", cases, vectors.Checked(os.Args[1:], cases)...)
}

func ask(name string, owner, servant []rbacv1.PolicyRule) vector {
	covered, uncovered := validation.Covers(owner, servant)
	return vector{name, owner, servant, covered, uncovered}
}

func curated() []vector {
	var short []struct {
		Name           string
		Owner, Servant []rules.Short
	}
	if err := yaml.UnmarshalStrict(curatedText, &short); err != nil {
		panic(err)
	}
	cases := []vector{}
	for _, one := range short {
		cases = append(cases, ask(one.Name, rules.Expand(one.Owner), rules.Expand(one.Servant)))
	}
	return cases
}

var (
	verbs     = []string{"get", "list", "*"}
	groups    = []string{"", "apps", "*"}
	resources = []string{"pods", "pods/log", "*/log", "*", "pods/*"}
	names     = []string{"x", "w"}
	urls      = []string{"/a", "/a/*", "/a/b", "*"}
)

func random() []vector {
	dice := rand.New(rand.NewPCG(4, 4))
	cases := []vector{}
	for i := range 400 {
		owner, servant := rulesOf(dice, 3), rulesOf(dice, 2)
		if i%3 > 0 {
			servant[0] = narrowed(dice, owner[dice.IntN(len(owner))])
		}
		cases = append(cases, ask(fmt.Sprint("random ", i), owner, servant))
	}
	return cases
}

func rulesOf(dice *rand.Rand, most int) []rbacv1.PolicyRule {
	made := []rbacv1.PolicyRule{}
	for range 1 + dice.IntN(most) {
		rule := rbacv1.PolicyRule{Verbs: some(dice, verbs)}
		if dice.IntN(4) == 0 {
			rule.NonResourceURLs = some(dice, urls)
		} else {
			rule.APIGroups, rule.Resources = some(dice, groups), some(dice, resources)
		}
		if dice.IntN(4) == 0 {
			rule.ResourceNames = some(dice, names)
		}
		made = append(made, rule)
	}
	return made
}

// narrowed asks for part of a rule, at times for one thing more.
func narrowed(dice *rand.Rand, rule rbacv1.PolicyRule) rbacv1.PolicyRule {
	rule.Verbs = []string{rule.Verbs[dice.IntN(len(rule.Verbs))]}
	if len(rule.ResourceNames) == 0 && dice.IntN(3) == 0 {
		rule.ResourceNames = some(dice, names)
	}
	if len(rule.APIGroups) > 0 && dice.IntN(3) == 0 {
		rule.APIGroups = some(dice, groups)
	}
	if rule.Verbs[0] == "*" && dice.IntN(2) == 0 {
		rule.Verbs = []string{"get"}
	}
	return rule
}

func some(dice *rand.Rand, from []string) []string {
	found := []string{}
	for _, word := range from {
		if dice.IntN(len(from)) == 0 {
			found = append(found, word)
		}
	}
	if len(found) == 0 {
		return []string{from[dice.IntN(len(from))]}
	}
	return found
}
