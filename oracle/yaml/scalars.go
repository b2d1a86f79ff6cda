package main

import "strings"

// One plain scalar a word; each is asked as a value and as a key.
const plainScalars = `
0 1 -1 +1 -0 +0 00 01 -01 +01 007 08 09 -08 018 0777 -0777 +0777 0400 0644 0755 0o0 0o7 0o400 -0o400 +0o7 0o8 0O17 0o 0o_7
0x0 0x1F 0x1f 0X1F -0x1F +0x1F 0xG 0x 0x_1F 0x1_F 0xFFFFFFFFFFFFFFFF 0x10000000000000000 0x1p4 0x1.8p1
0b0 0b1 0b101 0B101 -0b11 +0b11 0b2 0b 0b_1 0b1_0 -0b 0b11111111111111111111111111111111111111111111111111111111111111111
1_000 1__000 _1 1_ -_1 1_000.5 0_7 0_8 1_e3 1e_3 1,000 12:30:45 1:2 190:20:30.15 -1:30 01:30
9007199254740991 9007199254740992 9007199254740993 -9007199254740993 9223372036854775807 9223372036854775808
-9223372036854775808 -9223372036854775809 18446744073709551615 18446744073709551616 -18446744073709551616
123456789012345678901234567890 0777777777777777777777 01777777777777777777777 02000000000000000000000
0.0 -0.0 +0.0 .5 -.5 +.5 5. -5. . -. +. .. ... 0.1 1.0 1.10 1.5e3 1.5E3 1.5e+3 1.5e-3 1e3 1E3 1e+3 1e-3 1e 1e+ e3 .e3 .5e3 5.e3
1e21 1e20 1e-6 1e-7 123456789.123456789 0.30000000000000004 100000000000000000000.0 1e308 1e309 1e400 -1e400 1e-400 4.9e-324
1.2.3 1.2.3.4 10.0.0.1 1.0_1 .5_5 ._5 0.5.5 00.5 08.5 09.0 08e1 1.e 0e0 1d 1f 1L 1n 1i 1m 100m 1Gi 1K 5s
.inf .Inf .INF -.inf +.inf .nan .NaN .NAN -.nan inf Inf NaN nan -Inf +Inf Infinity .iNF .infinity .Infinity
yes Yes YES yEs no No NO on On ON oN off Off OFF y Y n N true True TRUE tRUE false False FALSE fALSE t f T F
~ ~~ null Null NULL nULL nil None = == << <<< - -- --- + * & ! % @ | > ? : , # [ ] { } "" '' ->
2024-01-01 2024-1-1 2024-01-32 2024-13-01 2024-02-30 2024-01-01T00:00:00Z 2024-01-01t00:00:00z 2024-01-01T00:00:00+02:00
2024-01-01T00:00:00.123456789Z 2024-01-01T00:00:00 2024-01-01T24:00:00Z 20240101 2024-01 2024- 0000-01-01 10000-01-01 12-01-01
a a.b a/b a:b a#b a=b a,b a[b] a{b} a&b a*b a!b a%b a|b a>b a"b a'b a\b \n a\n :a -a ?a @a ${VAR} $a {{a}} <a> é 日本 😀`

// Spaced or quoted ones.
var phrases = []string{
	"2024-01-01 00:00:00", "2024-01-01 00:00:00.5", "2024-01-01 00:00:00 +2", "2001-12-14 21:59:43.10 -5", "1 2", "0 x", "a b", "a  b",
	"a # comment", "a #", "a: b", "a : b", "- a", "- - a", "? a", "! a", "!", "!!str", "& a", "* a",
	`"0400"`, `"yes"`, `"null"`, `"~"`, `"1"`, `"<<"`, `"="`, `'0400'`, `'yes'`, `''''`, `'it''s'`, `""`, `"" a`, `'a' b`, `"a"b`,
	`"\n\t\r\0\a\b\v\f\e\"\/\\\N\_\L\P"`, `"\x41\u0041\U00000041"`, `"\U0001F600"`, `"\uD83D\uDE00"`, `"\uD83D"`, `"\U00110000"`, `"\x4"`, `"\q"`, `"\'"`, `"\ "`, `'\n'`,
	`!!str 1`, `!!str`, `!!str null`, `!!str "1"`, `!!str yes`, `!!str 0400`, `!!int 1`, `!!int "1"`, `!!int 0400`, `!!int a`, `!!int 1.5`, `!!int ""`, `!!int yes`,
	`!!float 1`, `!!float 1.5`, `!!float "1.5"`, `!!float a`, `!!float .inf`, `!!float 0x10`, `!!bool yes`, `!!bool "yes"`, `!!bool true`, `!!bool 1`, `!!bool a`,
	`!!null ""`, `!!null null`, `!!null a`, `!!null`, `!!timestamp 2024-01-01`, `!!timestamp "2024-01-01"`, `!!timestamp a`, `!!timestamp 2024-01-01T00:00:00+02:00`,
	`!!binary aGVsbG8=`, `!!binary "aGVs bG8="`, `!!binary /w==`, `!!binary a`, `!!binary 1`, `!!binary ""`, `!!value =`, `!!merge <<`, `!!yaml a`,
	`!!seq [a]`, `!!map {a: b}`, `!!seq {a: b}`, `!!map [a]`, `!!str [a]`, `!!int {a: b}`, `!!seq a`, `!!map a`, `!!set {a, b}`, `!!set {a: null}`, `!!omap [a: 1, b: 2]`, `!!pairs [a: 1]`,
	`!custom a`, `!custom 1`, `!custom yes`, `!custom "1"`, `!custom`, `!custom [1, yes]`, `!custom {a: 0400}`, `!Ref a`, `!GetAtt a.b`, `!a!b c`, `!<tag:yaml.org,2002:str> 1`, `!<tag:yaml.org,2002:int> "1"`, `!<x> 1`, `!<> 1`,
	`! 1`, `! yes`, `! "1"`, `! [1]`, `! {a: 1}`, `!!unknown 1`, `!!unknown a`, `!!python/object:os.system a`, `!%41 a`, `!!s%74r 1`, `!!%zz 1`, `!a,b c`,
	`&a 1`, `&a yes`, `&a`, `&a !!str 1`, `!!str &a 1`, `&a &b 1`, `!!str !!int 1`, `&a "x"`, `*a`, `&- x`, `&a.b x`, `&a,b x`, `&é x`, `&1 x`,
	"|", ">", "|-", ">+", "%a", "@a", "`a`", "- a: b", "\"a", "'a", "a\"", "[a", "{a", "a]", "a}",
}

func scalars() []document {
	documents := []document{}
	for _, scalar := range append(strings.Fields(plainScalars), phrases...) {
		documents = append(documents,
			document{"value " + scalar, "a: " + scalar + "\n"},
			document{"flow item " + scalar, "[" + scalar + "]\n"},
		)
	}
	return documents
}

func keys() []document {
	documents := []document{}
	for _, scalar := range append(strings.Fields(plainScalars), phrases...) {
		documents = append(documents, document{"key " + scalar, scalar + ": v\n"})
	}
	for _, scalar := range []string{"1", "0400", "yes", "null", "~", "1.5", "[a]", "{a: b}", "2024-01-01", "'a'", "a", "", "<<", "!!str 1", "&x a", "|\n  a\n", "- a\n- b"} {
		documents = append(documents,
			document{"explicit key " + scalar, "? " + scalar + "\n: v\n"},
			document{"explicit key without value " + scalar, "? " + scalar + "\n"},
			document{"flow key " + scalar, "{" + scalar + ": v}\n"},
			document{"flow key without value " + scalar, "{" + scalar + "}\n"},
			document{"flow pair " + scalar, "[" + scalar + ": v]\n"},
		)
	}
	return documents
}
