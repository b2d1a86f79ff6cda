// Asks Kubernetes' CEL about expressions: `cel libraries`, `cel json`, `cel check`, `cel versions`, each with the answers of other releases to compare.
package main

import (
	"embed"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"sigs.k8s.io/yaml"

	"bulkhead.dev/oracle/internal/celrun"
	"bulkhead.dev/oracle/internal/vectors"
)

//go:embed *.yaml
var files embed.FS

// suite is a file of cases: expressions stand one a line; a line that begins with # is not one.
type suite struct {
	Data   map[string]json.RawMessage
	Rules  []celrun.Rule
	Topics []topic
}

// topic is expressions about one thing; each «name» in them stands for each of the texts under that name in turn.
type topic struct {
	Topic       string
	Data        string
	With        map[string][]string
	Expressions string
}

type vector struct {
	Expr  string `json:"expr"`
	Topic string `json:"topic"`
	Data  string `json:"data,omitempty"`
	celrun.Result
}

func main() {
	switch name := os.Args[1]; name {
	case "versions":
		versions(os.Args[2:])
	case "check":
		check(os.Args[2:])
	default:
		values(name, os.Args[2:])
	}
}

// values asks in the newest version of the language that the release knows; others are the answers of other releases.
func values(name string, others []string) {
	given := read(name)
	activations := activations(given)
	compiler := celrun.NewCompiler(celrun.ReleaseMinor())
	cases, seen := []vector{}, map[string]bool{}
	for _, topic := range given.Topics {
		for _, expression := range topic.all() {
			if key := topic.Data + "\x00" + expression; !seen[key] {
				seen[key] = true
				result := settled(compiler, expression, activations[topic.Data])
				cases = append(cases, vector{expression, topic.Topic, topic.Data, result})
			}
		}
	}
	header := append([]vectors.Field{{Name: "data", Value: given.Data}, {Name: "authorizer", Value: given.Rules}}, vectors.Checked(others, cases)...)
	vectors.Print("cel "+name, cases, header...)
}

// settled is the result if asking again gives no other; where Go's order of a map's keys decides, there is no case.
func settled(compiler celrun.Compiler, expression string, data celrun.Activation) celrun.Result {
	result := compiler.Run(expression, data)
	for range 20 {
		if result.Cost == nil || *result.Cost > 10000 {
			break
		}
		if again := compiler.Run(expression, data); vectors.Text(again) != vectors.Text(result) {
			fmt.Fprintln(os.Stderr, "not settled:", expression)
			os.Exit(1)
		}
	}
	return result
}

func activations(given suite) map[string]celrun.Activation {
	authz := celrun.Authorizer(given.Rules)
	activations := map[string]celrun.Activation{"": celrun.NewActivation([]byte("{}"), authz)}
	for key, text := range given.Data {
		var exact string // JSON text in a string keeps its numbers as written
		if json.Unmarshal(text, &exact) == nil {
			text = []byte(exact)
		}
		activations[key] = celrun.NewActivation(text, authz)
	}
	return activations
}

func read(name string) suite {
	text, err := files.ReadFile(name + ".yaml")
	if err != nil {
		panic(err)
	}
	var given suite
	if err := yaml.UnmarshalStrict(text, &given); err != nil {
		panic(err)
	}
	return given
}

func (t topic) all() []string {
	expressions := lines(t.Expressions)
	names := slices.Sorted(maps.Keys(t.With))
	for _, name := range names {
		hole, filled := "«"+name+"»", []string{}
		for _, expression := range expressions {
			if !strings.Contains(expression, hole) {
				filled = append(filled, expression)
				continue
			}
			for _, text := range t.With[name] {
				filled = append(filled, strings.ReplaceAll(expression, hole, text))
			}
		}
		expressions = filled
	}
	return expressions
}

func lines(text string) []string {
	expressions := []string{}
	for _, line := range strings.Split(text, "\n") {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "# ") {
			expressions = append(expressions, line)
		}
	}
	return expressions
}
