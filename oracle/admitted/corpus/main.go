// Prints what admission is shown of each object of a folder of manifests, as a digest.
package main

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"

	"bulkhead.dev/oracle/admitted/builtin"
	"bulkhead.dev/oracle/internal/kubectl"
	"bulkhead.dev/oracle/internal/vectors"
)

type file struct {
	Path string `json:"path"`
	// One for each document: the digest, `refused`, or nothing for a kind that is not built in, and for the old versions
	// of one, which no release in use serves.
	Docs []string `json:"docs"`
}

func main() {
	root := os.Args[1]
	files := []file{}
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		switch filepath.Ext(path) {
		case ".yaml", ".yml", ".json":
			relative, _ := filepath.Rel(root, path)
			documents, _ := kubectl.Documents(path)
			asked := file{Path: filepath.ToSlash(relative), Docs: []string{}}
			for _, document := range documents {
				asked.Docs = append(asked.Docs, digest(document))
			}
			files = append(files, asked)
		}
		return nil
	})
	if err != nil {
		panic(err)
	}
	vectors.Print("admitted/corpus", files)
}

var stable = regexp.MustCompile(`(^|/)v[0-9]+$`)

func digest(document string) string {
	var header struct{ Kind, APIVersion string }
	_ = json.Unmarshal([]byte(document), &header)
	if !stable.MatchString(header.APIVersion) || !builtin.Has(header.APIVersion, header.Kind) {
		return ""
	}
	shown, err := builtin.Admitted([]byte(document))
	if err != nil {
		return "refused"
	}
	sum := sha256.Sum256([]byte(vectors.Text(shown)))
	return fmt.Sprintf("%x", sum[:4])
}
