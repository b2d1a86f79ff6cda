// Asks sigs.k8s.io/yaml what JSON it makes of a YAML document.
// Arguments are outputs of this program linked with other releases, to compare with.
package main

import (
	"encoding/base64"
	"fmt"
	"os"
	"sort"
	"unicode/utf8"

	"sigs.k8s.io/yaml"

	"bulkhead.dev/oracle/internal/vectors"
)

type document struct{ name, in string }

type answer struct {
	Out      string `json:"out,omitempty"`
	OutBytes int    `json:"outBytes,omitempty"`
	Error    string `json:"error,omitempty"`
}

type vector struct {
	Name     string    `json:"name"`
	In       *string   `json:"in,omitempty"`
	InBase64 string    `json:"inBase64,omitempty"`
	Generate *generate `json:"generate,omitempty"`
	answer
	AnyOf []answer `json:"anyOf,omitempty"`
}

func main() {
	cases := []vector{}
	texts := map[string]bool{}
	for _, group := range [][]document{scalars(), keys(), structures(), encodings(), random()} {
		for _, document := range group {
			if !texts[document.in] {
				texts[document.in] = true
				cases = append(cases, ask(document))
			}
		}
	}
	for _, recipe := range limits() {
		cases = append(cases, askLarge(recipe))
	}
	header := append(vectors.Checked(os.Args[1:], cases), vectors.Field{Name: "sigs.k8s.io/yaml", Value: vectors.Module("sigs.k8s.io/yaml")})
	vectors.Print("yaml", cases, header...)
}

func ask(document document) vector {
	asked := vector{Name: document.name}
	if utf8.ValidString(document.in) {
		asked.In = &document.in
	} else {
		asked.InBase64 = base64.StdEncoding.EncodeToString([]byte(document.in))
	}

	// Two keys that differ in YAML may be one in JSON; which one wins follows Go's random map order.
	seen := map[answer]bool{}
	for range 200 {
		seen[convert(document.in)] = true
	}
	answers := []answer{}
	for answer := range seen {
		answers = append(answers, answer)
	}
	sort.Slice(answers, func(i, j int) bool { return answers[i].Out+answers[i].Error < answers[j].Out+answers[j].Error })
	if len(answers) == 1 {
		asked.answer = answers[0]
	} else {
		asked.AnyOf = answers
	}
	return asked
}

func askLarge(recipe generate) vector {
	made := convert(recipe.text())
	made.OutBytes, made.Out = len(made.Out), ""
	return vector{Name: recipe.name(), Generate: &recipe, answer: made}
}

func convert(text string) (got answer) {
	defer func() {
		if reason := recover(); reason != nil {
			got = answer{Error: fmt.Sprint("panic: ", reason)}
		}
	}()
	out, err := yaml.YAMLToJSON([]byte(text))
	if err != nil {
		return answer{Error: err.Error()}
	}
	return answer{Out: string(out)}
}
