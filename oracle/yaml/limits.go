package main

import (
	"fmt"
	"strings"
)

// generate is a recipe for a document too large to be written down; README.md says how each kind is built.
type generate struct {
	Kind  string `json:"kind"`
	Depth int    `json:"depth,omitempty"`
	Width int    `json:"width,omitempty"`
}

func limits() []generate {
	recipes := []generate{}
	for _, kind := range []string{"flow-sequence", "flow-mapping", "block-sequence"} {
		for _, depth := range []int{100, 1000, 9999, 10000, 10001} {
			recipes = append(recipes, generate{Kind: kind, Depth: depth})
		}
	}
	for _, depth := range []int{100, 1000} {
		recipes = append(recipes, generate{Kind: "block-mapping", Depth: depth})
	}
	for _, bomb := range [][2]int{{2, 10}, {3, 9}, {4, 9}, {5, 9}, {6, 9}, {7, 9}, {9, 9}, {20, 2}, {2, 400}, {3, 100}} {
		recipes = append(recipes, generate{Kind: "alias-bomb", Depth: bomb[0], Width: bomb[1]})
	}
	for _, width := range []int{1000, 5000, 20000} {
		recipes = append(recipes, generate{Kind: "one-anchor", Width: width})
	}
	for _, width := range []int{1000, 1024, 1025, 3000} {
		for _, kind := range []string{"long-key", "long-quoted-key", "long-flow-key", "long-explicit-key", "long-multiline-value"} {
			recipes = append(recipes, generate{Kind: kind, Width: width})
		}
	}
	return recipes
}

func (g generate) name() string {
	return fmt.Sprintf("%s %d %d", g.Kind, g.Depth, g.Width)
}

func (g generate) text() string {
	switch g.Kind {
	case "flow-sequence":
		return strings.Repeat("[", g.Depth) + strings.Repeat("]", g.Depth)
	case "flow-mapping":
		return strings.Repeat("{a: ", g.Depth) + strings.Repeat("}", g.Depth)
	case "block-sequence":
		return strings.Repeat("- ", g.Depth) + "x\n"
	case "block-mapping":
		text := ""
		for depth := range g.Depth {
			text += strings.Repeat(" ", depth) + "a:\n"
		}
		return text + strings.Repeat(" ", g.Depth) + "x\n"
	case "alias-bomb":
		text := "a0: &a0 [" + commas("x", g.Width) + "]\n"
		for level := 1; level < g.Depth; level++ {
			text += fmt.Sprintf("a%d: &a%d [%s]\n", level, level, commas(fmt.Sprintf("*a%d", level-1), g.Width))
		}
		return text
	case "one-anchor":
		return "a: &a {k: v}\nb:\n" + strings.Repeat("- *a\n", g.Width)
	case "long-key":
		return strings.Repeat("k", g.Width) + ": v\n"
	case "long-quoted-key":
		return "\"" + strings.Repeat("k", g.Width) + "\": v\n"
	case "long-flow-key":
		return "{" + strings.Repeat("k", g.Width) + ": v}\n"
	case "long-explicit-key":
		return "? " + strings.Repeat("k", g.Width) + "\n: v\n"
	case "long-multiline-value":
		return "k: " + strings.Repeat("w\n ", g.Width/3) + "w\n"
	}
	panic(g.Kind)
}

func commas(word string, count int) string {
	return strings.TrimSuffix(strings.Repeat(word+",", count), ",")
}
