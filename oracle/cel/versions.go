package main

import (
	"encoding/json"
	"os"
	"reflect"

	"bulkhead.dev/oracle/internal/celrun"
	"bulkhead.dev/oracle/internal/vectors"
)

const oldest = 28

type versioned struct {
	Expr     string `json:"expr"`
	Topic    string `json:"topic"`
	Data     string `json:"data,omitempty"`
	Compiles string `json:"compiles"` // 1 or 0 for each version of the language, from 1.28 on
	Results  []span `json:"results"`
}

// span is what became of the expression in the versions 1.since to 1.until.
type span struct {
	Since uint `json:"since"`
	Until uint `json:"until"`
	celrun.Result
}

// difference is what a release itself says in its own version of the language, where the newest release says something else of that version.
type difference struct {
	Kubernetes string        `json:"kubernetes"`
	Index      int           `json:"index"`
	Result     celrun.Result `json:"result"`
}

// versions asks in every version of the language that the release knows; others are the answers of older releases.
func versions(others []string) {
	given := read("libraries")
	activations := activations(given)
	newest := celrun.ReleaseMinor()
	compilers := map[uint]celrun.Compiler{}
	for minor := uint(oldest); minor <= newest; minor++ {
		compilers[minor] = celrun.NewCompiler(minor)
	}
	cases, seen := []versioned{}, map[string]bool{}
	for _, topic := range append(given.Topics, read("versions").Topics...) {
		if len(topic.With) > 0 {
			continue
		}
		for _, expression := range topic.all() {
			if key := topic.Data + "\x00" + expression; seen[key] {
				continue
			} else {
				seen[key] = true
			}
			one := versioned{Expr: expression, Topic: topic.Topic, Data: topic.Data}
			for minor := uint(oldest); minor <= newest; minor++ {
				one.add(minor, settled(compilers[minor], expression, activations[topic.Data]))
			}
			cases = append(cases, one)
		}
	}
	header := []vectors.Field{
		{Name: "data", Value: given.Data}, {Name: "authorizer", Value: given.Rules},
		{Name: "language", Value: "A server of 1.N compiles new and changed expressions in the language of 1.(N-1), and runs stored ones in its own, 1.N."},
		{Name: "extensionCost", Value: "Calls of the libraries are charged from 1.32: by the gates StrictCostEnforcementForVAP and StrictCostEnforcementForWebhooks of the release (off by default in 1.30 and 1.31, on from 1.32, gone in 1.35), not by the language's version. Before, a call of a library costs 1."},
	}
	vectors.Print("cel versions", cases, append(header, compare(others, cases)...)...)
}

func (v *versioned) add(minor uint, result celrun.Result) {
	result.Type = "" // 1.28 does not tell
	if result.Issues == nil {
		v.Compiles += "1"
	} else {
		v.Compiles += "0"
	}
	if last := len(v.Results) - 1; last >= 0 && reflect.DeepEqual(v.Results[last].Result, result) {
		v.Results[last].Until = minor
		return
	}
	v.Results = append(v.Results, span{minor, minor, result})
}

func (v *versioned) in(minor uint) celrun.Result {
	for _, span := range v.Results {
		if span.Since <= minor && minor <= span.Until {
			return span.Result
		}
	}
	panic("no such version")
}

func compare(paths []string, cases []versioned) []vectors.Field {
	releases, differences := []string{}, []difference{}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			panic(err)
		}
		var other struct {
			Kubernetes string
			Cases      []versioned
		}
		if err := json.Unmarshal(text, &other); err != nil {
			panic(err)
		}
		if len(other.Cases) != len(cases) {
			panic(path + ": another number of cases")
		}
		releases = append(releases, other.Kubernetes)
		for i := range cases {
			own := other.Cases[i].Results[len(other.Cases[i].Results)-1]
			if vectors.Text(own.Result) != vectors.Text(cases[i].in(own.Until)) {
				differences = append(differences, difference{other.Kubernetes, i, own.Result})
			}
		}
	}
	return []vectors.Field{{Name: "checked", Value: releases}, {Name: "differences", Value: differences}}
}
