package main

import (
	"strings"

	"bulkhead.dev/oracle/internal/celrun"
	"bulkhead.dev/oracle/internal/vectors"
)

type checked struct {
	Expr   string   `json:"expr"`
	Topic  string   `json:"topic"`
	Repeat []any    `json:"repeat,omitempty"` // the expression is this text, this many times, and these texts around: [before, text, times, after]
	Issues []string `json:"issues"`
	Text   string   `json:"text,omitempty"`
}

// check asks for the whole text of the compiler's refusal, as a new policy's author gets it.
func check(others []string) {
	compiler := celrun.NewCompiler(celrun.ReleaseMinor())
	cases := []checked{}
	for _, topic := range read("check").Topics {
		for _, expression := range topic.all() {
			expression = strings.ReplaceAll(expression, "⏎", "\n")
			text := compiler.Text(expression)
			cases = append(cases, checked{Expr: expression, Topic: topic.Topic, Issues: celrun.Issues(text), Text: text})
		}
	}
	for _, long := range longs() {
		text := compiler.Text(long.text())
		cases = append(cases, checked{Topic: "limits", Repeat: []any{long.before, long.middle, long.times, long.after}, Issues: shortened(celrun.Issues(text))})
	}
	vectors.Print("cel check", cases, vectors.Checked(others, cases)...)
}

type long struct {
	before, middle string
	times          int
	after          string
}

func (l long) text() string { return l.before + strings.Repeat(l.middle, l.times) + l.after }

func shortened(issues []string) []string {
	for i, issue := range issues {
		if len(issue) > 300 {
			issues[i] = issue[:300] + "…"
		}
	}
	return issues
}

func longs() []long {
	found := []long{}
	for _, times := range []int{20, 100, 200, 249, 250, 251, 300, 1000} {
		found = append(found,
			long{"", "(", times, "1" + strings.Repeat(")", times)},
			long{"", "[", times, strings.Repeat("]", times)},
			long{"", "!", times, "true"},
			long{"", "-", times, "(1)"},
			long{"1", " + 1", times, ""},
			long{"true", " && true", times, ""},
			long{"true", " ? 1 : false", times, " ? 1 : 2"},
			long{"object", ".a", times, ""},
			long{"object", "[0]", times, ""},
			long{"'a'", ".trim()", times, ""},
			long{"", "size(", times, "''" + strings.Repeat(")", times)},
			long{"", "{'a': ", times, "1" + strings.Repeat("}", times)},
			long{"", "[1].map(x, ", times, "x" + strings.Repeat(")", times)},
		)
	}
	for _, times := range []int{99990, 99998, 99999, 100001, 200000} {
		found = append(found, long{"'", "a", times, "'"}, long{"'", "😀", times, "'"}, long{"1", " ", times, ""})
	}
	return found
}
