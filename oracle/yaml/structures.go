package main

import "fmt"

var structureTexts = []string{
	// empty documents, markers, directives
	"", "\n", " ", "# only a comment\n", "---\n", "---", "--- ", "--- # c\n", "...\n", "---\n...\n", "---\n---\n", "a: 1\n---\nb: 2\n", "a: 1\n...\n", "a: 1\n...\nb: 2\n", "a: 1\n... # end\n",
	"--- a\n", "--- {a: 1}\n", "--- |\n x\n", "---a\n", "a: ---\n", "a:\n---\n", "a: 1\n--- \n", "a: x\n  ---\n", "a: x\n  --- y\n", "- ---\n", "-- a\n", "...a\n", "a: |\n  x\n...\n", "a: 'x\n--- y'\n", "a: \"x\n---\"\n",
	"%YAML 1.1\n---\na: yes\n", "%YAML 1.2\n---\na: yes\n", "%YAML 1.3\n---\na: 1\n", "%YAML 2.0\n---\na: 1\n", "%YAML 1.1\na: 1\n", "%YAML 1.1\n%YAML 1.1\n---\na: 1\n", "%YAML\n---\na: 1\n", "%TAG ! tag:x,2000:\n---\na: !b 1\n",
	"%TAG !e! tag:yaml.org,2002:\n---\na: !e!str 1\n", "%TAG !e! tag:yaml.org,2002:\n%TAG !e! tag:x,2000:\n---\na: 1\n", "%FOO bar\n---\na: 1\n", "%TAG !! tag:x,2000:\n---\na: !!str 1\n", "a: 1\n%YAML 1.1\n", "# c\n%YAML 1.1\n---\na: 1\n", " %YAML 1.1\n---\na: 1\n",

	// duplicate keys
	"a: 1\na: 2\n", "a: 1\nb: 2\na: 3\n", "x:\n  a: 1\n  a: 2\n", "a:\n  b: 1\na:\n  c: 2\n", "{a: 1, a: 2}\n", "1: a\n1: b\n", "0x1: a\n1: b\n", "1: a\n\"1\": b\n", "yes: a\ntrue: b\n", "yes: a\n\"true\": b\n", "1.0: a\n1: b\n", "1.0: a\n\"1\": b\n", "010: a\n8: b\n", "- a: 1\n  a: 2\n", "a: 1\n\"a\": 2\n", "a: 1\n? a\n: 2\n", "a: [1]\na: null\n",

	// merge keys
	"a: &a {x: 1}\nb:\n  <<: *a\n", "a: &a {x: 1}\nb:\n  <<: *a\n  x: 2\n", "a: &a {x: 1}\nb:\n  x: 2\n  <<: *a\n", "a: &a {x: 1, y: 1}\nb: &b {x: 2}\nc:\n  <<: [*a, *b]\n", "a: &a {x: 1}\nb: &b {x: 2, y: 2}\nc:\n  <<: [*b, *a]\n", "b:\n  <<: {x: 1}\n  y: 2\n", "b:\n  <<: [{x: 1}, {x: 2, z: 3}]\n", "{<<: {x: 1}, y: 2}\n", "{y: 2, <<: {x: 1, y: 1}}\n",
	"a: &a {x: 1}\nb: &b {x: 2, y: 2}\nc:\n  <<: *a\n  <<: *b\n", "a: &a {x: 1}\nb: &b {x: 2, y: 2}\nc:\n  <<: *b\n  <<: *a\n", "\"<<\": {x: 1}\n", "'<<': {x: 1}\n", "a: &a {x: 1}\nb:\n  \"<<\": *a\n", "!!str <<: {x: 1}\n", "!!merge <<: {x: 1}\n", "!!merge x: {y: 1}\n", "<<: 1\n", "<<: a\n", "<<: null\n", "<<:\n", "<<: []\n", "<<: {}\n", "<<: [1]\n", "<<: [null]\n", "<<: [[{x: 1}]]\n", "<<: [{x: 1}, 1]\n",
	"a: &a [{x: 1}]\nb:\n  <<: *a\n", "a: &a 1\nb:\n  <<: *a\n", "a: &a {x: 1}\nb: &b {<<: *a, y: 2}\nc: {<<: *b}\n", "a: &a {x: {p: 1}}\nb:\n  <<: *a\n  x: {q: 2}\n", "a: &a {x: 1}\nb:\n  x: 2\n  <<: *a\n  x: 3\n", "a: &a\n  <<: *a\n", "- <<\n", "a: <<\n", "<< : {x: 1}\n", "? <<\n: {x: 1}\n", "- <<: {x: 1}\n  y: 2\n", "<<: {<<: {x: 1}, y: 2}\n", "<<: {1: a}\n1: b\n", "<<: {1: a}\n\"1\": b\n", "x: null\n<<: {x: 1}\n", "<<: {x: 1}\nx:\n", "<<: &m {x: 1}\ny: *m\n", "<<: !!map {x: 1}\n", "<<: ! {x: 1}\n",

	// anchors and aliases
	"a: &a 1\nb: *a\n", "a: &a [1]\nb: *a\n", "a: &a {k: v}\nb: *a\n", "a: &a 1\nb: &a 2\nc: *a\n", "a: *a\n", "b: *nope\n", "a: &a [*a]\n", "a: &a {b: *a}\n", "&a [*a]\n", "&a {b: *a}\n", "&a a: *a\n", "&k k: v\nb: *k\n", "a: &k k\n*k : v\n", "a: &k k\n*k: v\n", "a: &k [k]\n*k : v\n", "a: &a\nb: *a\n", "- &a a\n- *a\n- &b b\n- *b\n", "[&a a, *a]\n", "[&a a,*a]\n", "{a: &a b, c: *a}\n", "a: &a b\nc: *a d\n", "a: &a b\nc: *a,\n", "a: & b\n", "a: &a &b c\n", "&a\nb: *a\n", "a: &a\n  b: 1\nc: *a\n", "a: &a |\n  x\nb: *a\n", "a: &a\n- 1\nb: *a\n", "- &a\n- *a\n", "a: &x\n  b: &y\n    c: *x\n", "*a\n", "- *a\n- &a 1\n",

	// indentation and sequences
	"a:\n- 1\n- 2\n", "a:\n  - 1\n  - 2\n", "a:\n - 1\n  - 2\n", "a:\n  - 1\n - 2\n", "- - 1\n  - 2\n- 3\n", "-\n  a: 1\n", "-\n  - 1\n", "- a: 1\n  b: 2\n", "- a: 1\n b: 2\n", "- a: 1\n   b: 2\n", "a:\n  b: 1\n c: 2\n", "a:\n   b: 1\n  c: 2\n", " a: 1\nb: 2\n", "a: 1\n b: 2\n", "a: 1\n  b\n", "a:\n  b\n  c\n", "a:\nb: 1\n", "a:\n\n\n  b: 1\n", "- a\n-b\n", "-a\n", "- a\nb: 1\n", "a: 1\n- b\n", "a: - 1\n", "a:\n  - b: 1\n    c:\n    - d\n    - e\n", "-\n-\n", "- \n- a\n", "a:\n  -\n", "a: b: c\n", "a: b\n  c: d\n", "a\n", "a\nb\n", "a\nb: 1\n", "a:\n  b\nc\n", "a:1\n", "a :1\n", "a : 1\n", "a:  1  \n", "a:    # c\n  b\n", "a: # c\n", "a: 1# c\n", "a: 1 #c\n", "# c\na: 1\n  # d\n", "a:\n  # c\n  b: 1\n# d\n  c: 2\n", "a: b # c\n  d\n", "a:\n  - 1\n  # c\n  - 2\n", "a: [1, # c\n 2]\n", "a: 'x' # c\n", "a: 'x'# c\n",
	"?\n", "? a\n", "? a\n? b\n", "? a\n: b\n? c\n", "? a\n:\n", "?\n: b\n", ": a\n", ":\n", "? - a\n: - b\n", "? a: b\n: c\n", "? |\n  a\n: b\n", "? a\nb: c\n", "a: 1\n? b\n: 2\n", "? a\n: ? b\n  : c\n", "? a : b\n", "?a: b\n", "- ? a\n  : b\n", "- : a\n", "! a: b\n", "!!str a: b\n", "!!map\na: b\n", "!!map a: b\n", "!!seq\n- a\n", "!!set\n? a\n? b\n", "!!omap\n- a: 1\n", "a: !!set\n  b:\n", "a: !x\n  b: c\n", "a: !x\n- b\n", "a: !!str\nb: 1\n", "- !!str\n- a\n", "a: !!str\n",

	// flow collections
	"[]\n", "{}\n", "[ ]\n", "{ }\n", "[a]\n", "[a,]\n", "[a,,b]\n", "[,]\n", "[,a]\n", "[a b, c]\n", "[a: b, c]\n", "[a: b, c: d]\n", "[? a : b]\n", "[? a]\n", "[a:b]\n", "[a:, b]\n", "[: a]\n", "[:a]\n", "[a : b]\n", "[\"a\":b]\n", "[\"a\": b]\n", "['a':b]\n",
	"{a}\n", "{a, b}\n", "{a: }\n", "{a:}\n", "{a: 1,}\n", "{a: 1,, b: 2}\n", "{,}\n", "{a:1}\n", "{\"a\":1}\n", "{'a':1}\n", "{a: b: c}\n", "{a: 1 b: 2}\n", "{? a : b}\n", "{? a}\n", "{?}\n", "{: a}\n", "{a: [}\n", "{a: ]}\n", "[{]}\n", "[a}\n", "{a]\n", "[\n", "{\n", "]\n", "}\n", "[a]]\n", "[a] b\n", "[a]: b\n", "{a: b}: c\n", "{a: b} # c\n", "{a: b}# c\n", "[a]\n[b]\n", "[a, [b, {c: d}], {e: [f]}]\n", "{\"a\": {\"b\": [1, 2.5, true, null, \"x\"]}}\n",
	"a: [\n  b,\n  c\n]\n", "a: [\n  b\n  ]\n", "a:\n  b: [\n    c\n  ]\n", "a:\n  b: [\n    c\n]\n", "a:\n  b: [\nc\n]\n", "a: {\n  b: c\n}\nd: e\n", "a:\n  b: {\n  c: d\n  }\n  e: f\n", "a:\n  b: {\n  c: d\n}\n  e: f\n", "a:\n  - [\n    b\n  ]\n  - c\n", "- [a,\nb]\n- c\n", "a: [b\n, c]\n", "a: [b,\n\n c]\n", "[a,\n# c\nb]\n", "[a#b]\n", "[a #b\n]\n", "[a\nb]\n", "{a\nb: c}\n", "{a: b\nc}\n", "{a:\n b}\n", "[- a]\n", "[-a]\n", "[-]\n", "[a, -]\n", "{-: a}\n", "[--- a]\n", "[\n--- a]\n", "[a\n---\n]\n", "[|\n a]\n", "[!!str 1, !x a, ! 1]\n", "[!!str, a]\n", "{!!str : a}\n", "[&a , *a]\n", "{a: &b , c: *b}\n", "[a, b: c, d]\n", "[[a, b]: c]\n", "[{a: b}: c]\n", "{[a]: b}\n", "[?a, ?]\n", "[a?b]\n", "{a?b: c}\n", "{http://a.b/c: d}\n", "[http://a.b/c]\n", "{a: http://b:80}\n", "[a:b:c]\n", "[::]\n", "[::1]\n", "{a: ::1}\n", "a: ::1\n", "a: 1::\n", "a: b:\n", "{a: b:}\n", "[a,b]\n", "{a: 1,b: 2}\n", "{a: 'b','c': d}\n", "{\"a\":\"b\",\"c\":\"d\"}\n", "[\"a\",\"b\"]\n", "{a: \"b\"c}\n",

	// quoted scalars over several lines, also indented no deeper than their key
	"a: \"b\n  c\"\n", "a: \"b\n c\"\n", "a: \"b\nc\"\n", "a: 'b\nc'\n", "a: 'b\n\nc'\n", "a: 'b\n\n\nc'\n", "a: 'b  \n  c'\n", "a: \"b \\\n  c\"\n", "a: \"b\\\n  \\ c\"\n", "a: \"b\\n\n  c\"\n", "x:\n  a: 'b\nc'\n  d: e\n", "x:\n  a: 'b\n  c'\n  d: e\n", "x:\n  a: \"b\n  c\"\n  d: e\n", "x:\n  a: \"b\nc\"\n  d: e\n", "x:\n- 'a\nb'\n- c\n", "x:\n  - 'a\n  b'\n  - c\n", "x:\n  args: ['a\nb']\n", "a: 'b\n# c\nd'\n", "a: 'b\nc: d'\ne: f\n", "a: \"b\n", "a: 'b\n", "a: \"b\n\nc: d\n", "'a\nb': c\n", "\"a\nb\": c\n", "? 'a\nb'\n: c\n", "a: \"\n  b\n  \"\n", "a: '\n\n  b\n\n'\n", "a: \"b\n\tc\"\n", "a: \"\tb\t\"\n", "a: \"b\\\n\n  c\"\n", "a: \"b\\\tc\"\n",

	// plain scalars over several lines
	"a: b\n  c\n  d\n", "a: b\n\n  c\n", "a: b\n\n\n  c\n", "a: b\n  c # d\n", "a: b\n  # d\n  c\n", "a: b\n  - c\n", "a: b\n  c: d\n", "a: b\nc\n", "a: b\n c\nd: e\n", "- a\n  b\n- c\n", "- a\n b\n", "- a\nb\n", "a:\n  1\n  2\n", "a: 1\n  \n", "a: yes\n  no\n", "a: b\n  'c'\n", "a: b\n  \"c\n", "a: b\n  [c\n", "a: b\n  *c\n", "a: b\n\tc\n", "a: b\n \tc\n", "a: b  \n   c   \n", "a b\n c: d\n", "a\n b: c\n",
}

// Block scalars: each header over each body.
var blockHeaders = []string{"|", "|-", "|+", ">", ">-", ">+", "|2", "|2-", "|-2", "|+1", ">2", ">1-", "|9", "|0", "|10", "|--", "|+-", "| # c", "|# c", "| x", "|-x", "!!str |", "!!int |", "&a |", "!!binary |", "| |"}

var blockBodies = []string{
	"  a\n", "  a", "  a\n\n\n", "  a\n  b\n\n  c\n", "  a\n    b\n  c\n", "\n\n  a\n", "    \n  a\n", "  a\n b\n", "  a \n  b\t\n", "  \ta\n", "  a\n\n\n    b\n\n  c\n", "", "\n\n", "  # a\n  b\n", "  a\n# b\n", "  a\n---\n", "  - a\n  - b\n", "   a\n  b\n", " a\n",
}

var blockTexts = []string{
	"a: |\nb: c\n", "a: |\n\nb: c\n", "a: |+\n\nb: c\n", "a: |\n  x\nb: c\n", "a: |+\n  x\n\n\nb: c\n", "a: |-\n  x\n\n\nb: c\n", "- |\n a\n- >\n b\n", "- |\na\n", "|\na\n", "|\n a\nb\n", "--- |\na\nb\n", "--- >\na\nb\n", "a:\n  - |\n    x\n    y\n  - z\n", "a:\n  - |\n  x\n", "a: >\n  x\n  y\n\n  z\n   w\n  v\n", "a: >\n\n  x\n\n\n  y\n", "a: >\n   x\n  y\n", "a: |\n\tx\n", "a: |\n \tx\n", "a: |\n  x\n\ty\n", "a: |2\n    x\n  y\n", "a: |1\n  x\n y\n", "a: |3\n  x\n", "? |\n  k\n: |\n  v\n", "a: |\n  x\n  ", "a: |\n  x\n    ", "a: |+\n  x\n   ", "a: |\r\n  x\r\n  y\r\n", "a: >\r\n  x\r\n  y\r\n", "a: |\n  x\r  y\n",
}

func structures() []document {
	documents := []document{}
	for i, text := range append(structureTexts, blockTexts...) {
		documents = append(documents, document{fmt.Sprintf("structure %d", i), text})
	}
	for _, header := range blockHeaders {
		for i, body := range blockBodies {
			documents = append(documents, document{fmt.Sprintf("block %s body %d", header, i), "a: " + header + "\n" + body})
		}
	}
	return documents
}
