package main

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

var fragments = []string{
	"a", "b", "key", "1", "0400", "yes", "null", "'q'", "\"d\"", "'q\nr'", "\"d\n  e\"", "x y", "2024-01-01", "1.5", "~",
	": ", ": ", ": ", ":\n", "- ", "- ", "? ", "\n", "\n", "\n", "\n  ", "\n  ", "\n  ", "\n    ", "\n    ", "\n- ", "\n  - ", "\n ", " ", "  ", "\t",
	"[", "]", "{", "}", ", ", ",", "|\n", ">-\n", "|+\n", "&x ", "*x", "!!str ", "!t ", "<<: ", "# c\n", " # c\n", "#", ":", "-", "---\n", "...\n", "\r\n",
}

// random is what grammar tables miss: half fragments strung together, half trees written in a random style and then bruised.
func random() []document {
	dice := rand.New(rand.NewPCG(1, 1))
	documents := []document{}
	for i := range 300 {
		text := ""
		for range 3 + dice.IntN(12) {
			text += fragments[dice.IntN(len(fragments))]
		}
		documents = append(documents, document{fmt.Sprintf("random fragments %d", i), text})
	}
	for i := range 300 {
		text := node(dice, 0, 3)
		if i%2 == 1 {
			text = bruise(dice, text)
		}
		documents = append(documents, document{fmt.Sprintf("random tree %d", i), strings.TrimPrefix(text, "\n") + "\n"})
	}
	return documents
}

func bruise(dice *rand.Rand, text string) string {
	at := dice.IntN(len(text))
	switch dice.IntN(3) {
	case 0:
		return text[:at] + text[at+1:]
	case 1:
		return text[:at] + fragments[dice.IntN(len(fragments))] + text[at:]
	default:
		return text[:at] + fragments[dice.IntN(len(fragments))] + text[at+1:]
	}
}

var words = []string{"a", "nginx:1.25", "0755", "1e3", "on", "~", "'it''s'", "\"a\\tb\"", "8080", "-1", "a b", "x#y", "null", "1_000", "", "10.0.0.0/8", "http://a:80", "100m", "2024-01-01", "=", "'a\n\n b'", "a\n b"}

// node is a random value at an indentation, written after "key:" or "-".
func node(dice *rand.Rand, indent, depth int) string {
	pad := "\n" + strings.Repeat(" ", indent)
	switch choice := dice.IntN(10); {
	case depth == 0 || choice < 3:
		word := words[dice.IntN(len(words))]
		return " " + strings.ReplaceAll(word, "\n ", pad+" ")
	case choice < 6:
		text := ""
		for i := range 1 + dice.IntN(3) {
			text += pad + []string{"a", "b", "yes", "1", "'q'"}[(i+dice.IntN(3))%5] + ":" + node(dice, indent+1+dice.IntN(3), depth-1)
		}
		return text
	case choice < 8:
		text := ""
		for range 1 + dice.IntN(3) {
			text += pad + "-" + node(dice, indent+2, depth-1)
		}
		return text
	case choice < 9:
		return " " + flow(dice, depth)
	default:
		header := []string{" |", " >", " |-", " >+", " |1"}[dice.IntN(5)]
		return header + pad + " line one" + pad + "  line two" + pad + pad + " line three"
	}
}

func flow(dice *rand.Rand, depth int) string {
	if depth == 0 {
		return []string{"a", "1", "yes", "'q'", "\"d\"", "0x1F"}[dice.IntN(6)]
	}
	parts := []string{}
	if dice.IntN(2) == 0 {
		for range dice.IntN(4) {
			parts = append(parts, flow(dice, depth-1))
		}
		return "[" + strings.Join(parts, ", ") + "]"
	}
	for i := range dice.IntN(4) {
		parts = append(parts, string(rune('a'+i))+": "+flow(dice, depth-1))
	}
	return "{" + strings.Join(parts, ", ") + "}"
}
