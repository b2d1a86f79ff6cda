// Asks kubectl's reader which documents a stream holds.
// Arguments are outputs of this program linked with other releases, to compare with.
package main

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/yaml"

	"bulkhead.dev/oracle/internal/kubectl"
	"bulkhead.dev/oracle/internal/vectors"
)

type vector struct {
	Name     string   `json:"name"`
	In       *string  `json:"in,omitempty"`
	InBase64 string   `json:"inBase64,omitempty"`
	Docs     []string `json:"docs"`
	Error    string   `json:"error,omitempty"`
	// Further is what the decoder gives when it is asked on after an error, which kubectl does not do.
	Further []step `json:"further,omitempty"`
}

type step struct {
	Doc   string `json:"doc,omitempty"`
	Error string `json:"error,omitempty"`
}

func main() {
	folder, err := os.MkdirTemp("", "oracle")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(folder)

	cases := []vector{}
	texts := map[string]bool{}
	for _, stream := range append(streams(), random()...) {
		if texts[stream.in] {
			continue
		}
		texts[stream.in] = true
		path := filepath.Join(folder, "in.yaml")
		if err := os.WriteFile(path, []byte(stream.in), 0o600); err != nil {
			panic(err)
		}
		asked := vector{Name: stream.name, Docs: []string{}}
		if utf8.ValidString(stream.in) {
			asked.In = &stream.in
		} else {
			asked.InBase64 = base64.StdEncoding.EncodeToString([]byte(stream.in))
		}
		documents, problem := kubectl.Documents(path)
		asked.Docs = append(asked.Docs, documents...)
		asked.Error = problem
		if problem != "" {
			asked.Further = further(stream.in)
		}
		cases = append(cases, asked)
	}
	vectors.Print("yaml-split", cases, vectors.Checked(os.Args[1:], cases)...)
}

// further asks the decoder under kubectl's reader until the end, or until it only repeats itself.
func further(in string) []step {
	// As kubectl opens files: a byte order mark decides the encoding, and what is not text is replaced.
	reader := transform.NewReader(strings.NewReader(in), unicode.BOMOverride(unicode.UTF8.NewDecoder()))
	decoder := yaml.NewYAMLOrJSONDecoder(reader, 4096)
	steps := []step{}
	failed := false
	for {
		extension := runtime.RawExtension{}
		err := decoder.Decode(&extension)
		if err == io.EOF {
			return steps
		}
		next := step{Doc: string(bytes.TrimSpace(extension.Raw))}
		if err != nil {
			next = step{Error: err.Error()}
		}
		switch {
		case !failed:
			failed = err != nil
		case len(steps) > 0 && next.Error != "" && steps[len(steps)-1] == next:
			return append(slices.Clip(steps), step{Error: "and so on"})
		case next.Doc != "" && next.Doc != "null" || err != nil:
			steps = append(steps, next)
		}
		if len(steps) > 100 {
			panic(fmt.Sprintf("no end: %q", in))
		}
	}
}
