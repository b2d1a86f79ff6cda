package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"sort"
	"strconv"
	"strings"
	"unicode/utf16"
)

// canonical is JSON.stringify of ECMAScript over objects whose keys are sorted by UTF-16 code units.
func canonical(value any) string {
	switch value := value.(type) {
	case map[string]any:
		keys := []string{}
		for key := range value {
			keys = append(keys, key)
		}
		sort.Slice(keys, func(i, j int) bool {
			return slices.Compare(utf16.Encode([]rune(keys[i])), utf16.Encode([]rune(keys[j]))) < 0
		})
		members := []string{}
		for _, key := range keys {
			members = append(members, quote(key)+":"+canonical(value[key]))
		}
		return "{" + strings.Join(members, ",") + "}"
	case []any:
		items := []string{}
		for _, item := range value {
			items = append(items, canonical(item))
		}
		return "[" + strings.Join(items, ",") + "]"
	case string:
		return quote(value)
	case float64:
		if value == 0 {
			return "0" // also of -0
		}
		text, _ := json.Marshal(value) // writes numbers as ECMAScript does
		return string(text)
	case bool:
		return strconv.FormatBool(value)
	case nil:
		return "null"
	}
	panic(fmt.Sprintf("%T", value))
}

var escapes = map[rune]string{'"': `\"`, '\\': `\\`, '\b': `\b`, '\f': `\f`, '\n': `\n`, '\r': `\r`, '\t': `\t`}

func quote(text string) string {
	quoted := strings.Builder{}
	quoted.WriteByte('"')
	for _, char := range text {
		if escape, found := escapes[char]; found {
			quoted.WriteString(escape)
		} else if char < ' ' {
			fmt.Fprintf(&quoted, `\u%04x`, char)
		} else {
			quoted.WriteRune(char)
		}
	}
	quoted.WriteByte('"')
	return quoted.String()
}
