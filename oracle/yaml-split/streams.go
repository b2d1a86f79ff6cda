package main

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"unicode/utf16"
)

type stream struct{ name, in string }

var texts = []string{
	// separators
	"a: 1\n---\nb: 2\n", "---\na: 1\n---\nb: 2\n", "a: 1\n---\n", "---\n", "---", "a: 1\n---", "a: 1\n--- \nb: 2\n", "a: 1\n---\t\nb: 2\n", "a: 1\n--- # c\nb: 2\n", "a: 1\n---# c\nb: 2\n", "a: 1\n---#c\nb: 2\n", "a: 1\n--- b\nc: 2\n", "a: 1\n--- {b: 2}\n", "a: 1\n---b: 2\n", "a: 1\n---- \nb: 2\n", "a: 1\n------\nb: 2\n", "--- a\n", "--- |\n  a\n", "a: 1\n ---\nb: 2\n", "a: 1\n  ---\n", "a: 1\n\t---\nb: 2\n", "a: 1\n...\nb: 2\n", "a: 1\n...\n---\nb: 2\n", "a: 1\n---\n...\n---\nb: 2\n", "a: 1\n---\n...\nb: 2\n", "a: 1\n... # c\n---\nb: 2\n", "--- # c\n--- # d\na: 1\n", "a: 1\n\n\n---\n\n\nb: 2\n", "\n\n---\na: 1\n", "# c\n---\na: 1\n", "a: 1\n--- \u00a0\nb: 2\n", "a: 1\n---\v\nb: 2\n", "a: 1\n---\u2028\nb: 2\n",

	// separators inside scalars and collections
	"a: |\n  x\n  ---\n  y\nb: 1\n", "a: |\n  x\n---\nb: 1\n", "a: |\nb\n---\nc\n", "a: 'x\n---\ny'\n", "a: \"x\n---\ny\"\n", "a: 'x\n  ---\n  y'\n", "a: [\n---\n]\n", "a: [\n1\n---\nb: 2\n", "- ---\n", "a: x\n  ---\n  y\n", "a: |\n  x\n  --- # z\n", "a: >-\n  x\n\n---\nb: 1\n", "data:\n  f: |\n    a\n    ---\n    b\n---\nc: 1\n", "a: 1 # ---\n---\nb: 2\n", "# a\n# ---\n---\nb: 2\n",

	// empty documents
	"", "\n", " \n", "# c\n", "---\n---\n---\n", "---\n# c\n---\na: 1\n---\n# d\n", "null\n", "~\n", "a: 1\n---\nnull\n---\nb: 2\n", "a: 1\n---\n \n---\nb: 2\n", "a: 1\n---\n{}\n---\n[]\n---\n''\n", "0\n---\nfalse\n---\n\"\"\n", "a: 1\n---\n!!null\n---\nb: 2\n", "a: 1\n---\n\t\n---\nb: 2\n", "a: 1\n---\n|\n---\nb: 2\n",

	// line ends and marks
	"a: 1\r\n---\r\nb: 2\r\n", "a: 1\r---\rb: 2\r", "a: 1\n---\r\nb: 2\n", "a: 1\r\n--- # c\r\nb: 2", "a: |\r\n  x\r\n  y\r\n---\r\nb: 1\r\n", "a: 'x\r\n\r\n  y'\r\n", "\ufeffa: 1\n---\nb: 2\n", "\ufeff---\na: 1\n", "a: 1\n---\n\ufeffb: 2\n", "\ufeff\ufeffa: 1\n", "a: 1\n\ufeff---\nb: 2\n", "\ufeff{\"a\":1}", "a: 1\u0085---\u0085b: 2\n", "a: 1\n\u2028---\nb: 2\n", "a: |\n  x\r  y\n", "a: |\n  x\r\n  y\r\n", "a: \"x\ry\"\n", "a: 1\r\r\nb: 2\n", "a: 1", "a: 1\n---\nb: 2", "a: |\n  x", "a: |+\n  x\n\n", "a: |+\n  x\n\n---\nb: |+\n  y\n\n", "a: |+\n  x\n\n\n...\n",

	// directives
	"%YAML 1.1\n---\na: 1\n", "%YAML 1.1\n---\na: 1\n---\nb: 2\n", "a: 1\n---\n%YAML 1.1\n---\nb: 2\n", "%TAG !e! tag:yaml.org,2002:\n---\na: !e!str 1\n", "a: 1\n...\n%YAML 1.1\n---\nb: 2\n",

	// anchors do not cross
	"a: &x 1\n---\nb: *x\n", "a: &x 1\n---\nb: &x 2\nc: *x\n",

	// errors in the first, a middle and the last document
	"a: [\n---\nb: 2\n", "a: 1\n---\nb: [\n---\nc: 3\n", "a: 1\n---\nb: [\n", "a: 1\n---\nb: *x\n---\nc: 3\n", "a: 1\n---\nb: .nan\n---\nc: 3\n", "a: 1\n---\n[a]: b\n---\nc: 3\n", "a: 1\n--- x\nb: 2\n---\nc: 3\n", "a: 1\n--- x\n---\nc: 3\n", "--- x\na: 1\n---\nb: 2\n", "a: 1\n---\nb: 2\n c: 3\n---\nd: 4\n", "a: 1\n---\n\tb: 2\n---\nc: 3\n", "a: 1\n---\nb: \x01\n---\nc: 3\n", "a: 1\n---\nb: ***HIDDEN***\n---\nc: 3\n", "a: 'x\n---\nb: 2\n---\nc: 'y\n", "%x\na: 1\n---\nb: 2\n", "a: @\n---\nb: [\n---\nc: {\n", "a: \x00\n---\nb: 2\n",

	// JSON
	"{\"a\":1}", "{\"a\":1}\n", "{\"a\":1}{\"b\":2}", "{\"a\":1} {\"b\":2}\n{\"c\":3}\n", "{\"a\":1}\n{\"b\":2}\n{\"c\":3}\n", " \n\t{\"a\":1}", "{}", "{}{}", "{}\n---\n{}\n", "{\"a\":1}\n---\n{\"b\":2}\n", "{\"a\":1}---\n{\"b\":2}\n", "{\"a\":1}\n---\nb: 2\n", "{\"a\":1}\n---\nb: 2\n---\n{\"c\":3}\n", "{\"a\":1}\n{\"b\":2}\n---\nc: 3\n", "{\"a\":1}\nb: 2\n", "a: 1\n---\n{\"b\":2}\n", "a: 1\n---\n{\"b\":2}{\"c\":3}\n", "---\n{\"a\":1}\n", "---\n{\"a\":1}\n---\n{\"b\":2}\n", "# c\n{\"a\":1}\n", "{\"a\":1}\n# c\n", "{\"a\":1} # c\n", "{\"a\":1}\n---\n", "{\"a\":1}\n---\n---\n{\"b\":2}\n",
	"[{\"a\":1}]", "[{\"a\":1},{\"b\":2}]\n", "[1]\n[2]\n", "[1]\n---\n[2]\n", "\"a\"\n", "1\n", "null", "{\"a\":1}\nnull\n{\"b\":2}\n", "{\"a\":null}", "{\"a\":1,}", "{\"a\":1,\n\"b\":2,}\n", "{a: 1}", "{a: 1}\n---\nb: 2\n", "{a: 1}{b: 2}", "{ }\n", "{\n}\n", "{a}\n", "{'a': 1}\n", "{\"a\": yes}\n", "{\"a\": 0400}\n", "{\"a\": 1} {b: 2}\n", "{\"a\":1}\n---\n{b: 2}\n", "{\"a\":1}\n{b: 2}\n", "{\"a\":1}\n{\"b\":2}\n{c: 3}\n", "{\"a\":1}\n{\"b\":2}\n{\n---\nc: 3\n", "{\"a\":1}\n---\n{\"b\":2\n---\nc: 3\n", "{\"a\":1}x\n", "{\"a\":1}\nx\n", "{\"a\":1}]\n", "{\"a\":\"b\nc\"}\n", "{\"a\":\"\tb\"}\n", "{\"a\":1 // c\n}\n", "{\"a\":1}\n---\n{\"b\":2}\n---\n{\"c\":3}\n", "{\"a\":1}\n\n\n---\nb: 2\n", "{\"a\":1}   \n---\nb: 2\n", "{\"a\":1}\r\n---\r\n{\"b\":2}\r\n", "{\"a\":1}\n--- # c\n{\"b\":2}\n", "{\"a\":1}\n---x\n{\"b\":2}\n",
	"{\"a\":1,\"a\":2}", "{\"a\":{\"b\":1,\"b\":2}}", "{\"a\":1e400}", "{\"a\":9007199254740993}", "{\"a\":123456789012345678901234567890}", "{\"a\":1.0}", "{\"a\":1.50}", "{\"a\":-0}", "{\"a\":1E3}", "{\"a\":\"\\u003c<\\/\\ud83d\\ude00\\ud83d\"}", "{\"a\":\"\u2028\"}", "{ \"a\" : [ 1 , 2 ] }", "{\"b\":1,\"a\":2}", "{\"\":1}", "{\"a\":\"\x01\"}", "{\"a\":\"\xff\"}", "{\"a\":\xff}",
	"{{ .Values.x }}\n", "{{- if x }}\na: 1\n{{- end }}\n", "a: {{ x }}\n", "{{ include \"x\" . }}\n---\na: 1\n", "<html>\n", "\x1f\x8b\x08\x00", "a: 1\n---\n{{ x }}\n---\nb: 2\n",

	// invalid text is replaced before it is parsed
	"a: \xff\n", "a: \xff\n---\nb: 2\n", "a: 1\n---\nb: \xc3(\n---\nc: 3\n", "# \xff\na: 1\n", "a: \xed\xa0\x80\n",
}

func streams() []stream {
	found := []stream{}
	for i, text := range texts {
		found = append(found, stream{fmt.Sprintf("stream %d", i), text})
	}
	found = append(found, wide()...)
	// The separator and the line reader work over buffers of 4,096 bytes.
	for _, length := range []int{4080, 4090, 4091, 4092, 4093, 4094, 4095, 4096, 4097} {
		line := "# " + strings.Repeat("x", length-3) + "\n"
		found = append(found, stream{fmt.Sprintf("separator after %d bytes", length), line + "---\na: 1\n---\nb: 2\n"})
		blank := strings.Repeat(" ", length)
		found = append(found, stream{fmt.Sprintf("JSON after %d blanks", length), blank + "{\"a\":1}{\"b\":2}"})
	}
	return found
}

func wide() []stream {
	little, big := "\xff\xfe", "\xfe\xff"
	for _, unit := range utf16.Encode([]rune("a: é\n---\nb: \U0001f600\n")) {
		little += string([]byte{byte(unit), byte(unit >> 8)})
		big += string([]byte{byte(unit >> 8), byte(unit)})
	}
	return []stream{{"UTF-16LE with mark", little}, {"UTF-16BE with mark", big}, {"UTF-16LE without mark", little[2:]}, {"UTF-16LE odd", little + "x"}}
}

var pieces = []string{
	"a: 1\n", "b:\n  c: 2\n", "- d\n", "{\"e\":5}\n", "{\"f\":6}", "{g: 7}\n", "# h\n", "\n", "---\n", "---\n", "---\n", "--- # i\n", "---", "...\n", "[\n", "j: |\n  ---\n  k\n", "l: 'm\n---\nn'\n", " \n", "null\n", "%YAML 1.1\n", "o: *p\n", "q: \"r\n", "\r\n", "---\r\n", "s: yes\r\n", "t: [u,\n", "v]\n", "--- w\n",
}

func random() []stream {
	dice := rand.New(rand.NewPCG(2, 2))
	found := []stream{}
	for i := range 400 {
		text := ""
		for range 2 + dice.IntN(7) {
			text += pieces[dice.IntN(len(pieces))]
		}
		found = append(found, stream{fmt.Sprintf("random %d", i), text})
	}
	return found
}
