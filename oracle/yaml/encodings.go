package main

import (
	"fmt"
	"unicode/utf16"
)

// Line ends, tabs, marks, and bytes that are not text.
var rawTexts = []string{
	"a: 1\r\nb: 2\r\n", "a: 1\rb: 2\r", "a: 1\n\rb: 2\n", "a:\r\n- 1\r\n- 2\r\n", "a: 'b\r\n  c'\r\n", "a: b\r\n  c\r\n", "\r\n", "\r", "a: \"b\rc\"\n", "# c\ra: 1\n",
	"a: 1\u0085b: 2\n", "a: 1\u2028b: 2\n", "a: 1\u2029b: 2\n", "a: x\u0085  y\n", "a: x\u2028  y\n", "a: 'x\u0085y'\n", "a: 'x\u2028y'\n", "a: \"x\u2028 y\"\n", "a: |\n  x\u0085  y\n", "a: |\n  x\u2028  y\n", "# c\u0085a: 1\n", "# c\u2028a: 1\n", "[a,\u0085b]\n", "a\u0085: b\n", "a: \u00a0b\n", "a:\u00a0b\n", "a: \u3000b\n", "a: b\u00a0# c\n", "a: \u200bb\n", "a: \u00adb\n",
	"\ufeffa: 1\n", "\ufeff", "\ufeff\ufeffa: 1\n", "\ufeff---\na: 1\n", "a: \ufeffb\n", "a: 1\n\ufeffb: 2\n", "# c\n\ufeffa: 1\n", "'\ufeff': 1\n", " \ufeffa: 1\n", "\ufeff# c\na: 1\n",
	"a:\t1\n", "a: \t1\n", "a:\t\n", "\ta: 1\n", "a:\n\tb: 1\n", "a:\n  \tb: 1\n", "a:\n \t\n  b: 1\n", "a:\n\t\n  b: 1\n", "a: 1\t\n", "a: 1\t# c\n", "a: 1 \t# c\n", "a\t: 1\n", "a: b\tc\n", "-\ta\n", "-\t- a\n", "- \ta\n", "-\ta: 1\n", "- a:\t1\n  b: 2\n", "[a,\tb]\n", "[\ta]\n", "{a:\tb}\n", "{\n\ta: b\n}\n", "[\n\ta,\n\tb\n]\n", "a: [\n\tb\n]\n", "?\ta\n:\tb\n", "\t\n", "\t# c\n", " \t# c\na: 1\n", "a: 1\n\t# c\n", "a: 1\n\t\nb: 2\n", "a: 'b\t'\n", "a: '\tb\n\tc'\n", "---\ta\n", "---\t\na: 1\n", "a: |\t\n  b\n", "a: &x\tb\n", "a: !!str\t1\n", "a: b\n\t- c\n", "\"a\"\t: 1\n", "a: \"b\"\t\n", "%YAML\t1.1\n---\na: 1\n",
	"a: \x00\n", "a: b\x00c\n", "\x00", "a: 1\n\x00", "a: 1\n\x00b: 2\n", "a: \"\x00\"\n", "# \x00\na: 1\n", "a: |\n  \x00\n",
	"a: \x01\n", "a: \x07\n", "a: \x08\n", "a: \x0b\n", "a: \x0c\n", "a: \x1b[31m\n", "a: \x1f\n", "a: \x7f\n", "a: \u0080\n", "a: \u009f\n", "a: \"\x01\"\n", "# \x01\na: 1\n", "a: |\n  \x01\n", "a: \ufffe\n", "a: \uffff\n", "a: \ufffd\n", "a: \ue000\n", "a: \U0001f600\n", "a: \U0010ffff\n", "\U0001f600: \U0001f600\n", "a: e\u0301\n", "a: \u202e\n",
	"a: \xff\n", "a: \xc3\n", "a: \xc3(\n", "a: \xe2\x82\n", "a: \xed\xa0\x80\n", "a: \xf4\x90\x80\x80\n", "a: \xc0\x80\n", "a: \x80\n", "# \xff\na: 1\n", "\xff\xfe", "\xfe\xff", "a: \"\xff\"\n", "a: |\n  \xff\n",
	"a: <b> & 'c'\n", "a: \"<\\u2028>\"\n", "a: \"\\0\\x01\\x7f\"\n", "a: \\\n", "a: \"\\\\\"\n", "a: \"\\\"\"\n", "<a>: &b c\n", "é: è\n",
}

func encodings() []document {
	documents := []document{}
	for i, text := range rawTexts {
		documents = append(documents, document{fmt.Sprintf("text %d", i), text})
	}
	for _, text := range []string{"a: é\n", "a: \U0001f600\n", ""} {
		documents = append(documents,
			document{"UTF-16LE with mark " + text, wide(text, true, true)},
			document{"UTF-16BE with mark " + text, wide(text, false, true)},
			document{"UTF-16LE without mark " + text, wide(text, true, false)},
		)
	}
	return append(documents,
		document{"UTF-16LE odd length", wide("a: 1\n", true, true) + "x"},
		document{"UTF-16LE lone surrogate", wide("a: ", true, true) + "\x00\xd8\n\x00"},
		document{"UTF-16LE reversed surrogates", wide("a: ", true, true) + "\x00\xdc\x00\xd8\n\x00"},
		document{"UTF-32LE with mark", "\xff\xfe\x00\x00a\x00\x00\x00"},
	)
}

func wide(text string, little, mark bool) string {
	units := utf16.Encode([]rune(text))
	if mark {
		units = append([]uint16{0xfeff}, units...)
	}
	bytes := []byte{}
	for _, unit := range units {
		low, high := byte(unit), byte(unit>>8)
		if little {
			bytes = append(bytes, low, high)
		} else {
			bytes = append(bytes, high, low)
		}
	}
	return string(bytes)
}
