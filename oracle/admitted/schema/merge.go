package main

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
)

// merge makes one table of those of several releases, given from old to new. What not all of them have is followed by
// ` +N`, since 1.N, and ` -N`, until 1.N; a field that changed stands there more than once.
func merge(paths []string) {
	var minors, releases []string
	kinds, structs := newest{}, map[string]newest{}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			panic(err)
		}
		var one table
		if err := json.Unmarshal(text, &one); err != nil {
			panic(err)
		}
		minor := strings.Split(one.Releases[0], ".")[1]
		minors, releases = append(minors, minor), append(releases, one.Releases[0])
		for kind, name := range one.Kinds {
			kinds.add(kind+"\x00"+name, minor)
		}
		for _, line := range one.Structs {
			name, fields, _ := strings.Cut(line, "|")
			if structs[name] == nil {
				structs[name] = newest{}
			}
			for i, field := range strings.Split(fields, "|") {
				structs[name].add(field, minor)
				structs[name][field].order = i
			}
		}
	}

	roots := map[string]string{}
	for key, entry := range kinds {
		kind, name, _ := strings.Cut(key, "\x00")
		if roots[kind] != "" {
			panic(kind + " has two types")
		}
		roots[kind] = name + entry.span(minors)
	}
	merged := map[string][]string{}
	for name, fields := range structs {
		merged[name] = fields.lines(minors)
	}
	print(releases, roots, merged)
}

// newest are texts, with the releases that have them and their place in the newest of these.
type newest map[string]*entry

type entry struct {
	minors []string
	order  int
}

func (n newest) add(text, minor string) {
	if n[text] == nil {
		n[text] = &entry{}
	}
	n[text].minors = append(n[text].minors, minor)
}

func (n newest) lines(minors []string) []string {
	texts := []string{}
	for text := range n {
		texts = append(texts, text)
	}
	slices.SortFunc(texts, func(a, b string) int {
		if n[a].order != n[b].order {
			return n[a].order - n[b].order
		}
		return strings.Compare(a, b)
	})
	lines := []string{}
	for _, text := range texts {
		if text != "" {
			lines = append(lines, text+n[text].span(minors))
		}
	}
	return lines
}

func (e *entry) span(minors []string) string {
	first, last := slices.Index(minors, e.minors[0]), slices.Index(minors, e.minors[len(e.minors)-1])
	if last-first+1 != len(e.minors) {
		panic(fmt.Sprint("gone and come again: ", e.minors))
	}
	text := ""
	if first > 0 {
		text += " +" + minors[first]
	}
	if last < len(minors)-1 {
		text += " -" + minors[last]
	}
	return text
}
