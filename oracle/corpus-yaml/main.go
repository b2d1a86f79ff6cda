// Reads every YAML and JSON file of a folder as kubectl does, and prints a digest of each document.
package main

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"bulkhead.dev/oracle/internal/kubectl"
	"bulkhead.dev/oracle/internal/vectors"
)

type file struct {
	Path  string   `json:"path"`
	Docs  []string `json:"docs"`
	Error string   `json:"error,omitempty"`
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
			files = append(files, digest(root, path))
		}
		return nil
	})
	if err != nil {
		panic(err)
	}
	vectors.Print("corpus-yaml", files)
}

func digest(root, path string) file {
	relative, _ := filepath.Rel(root, path)
	documents, problem := kubectl.Documents(path)
	read := file{Path: filepath.ToSlash(relative), Docs: []string{}, Error: problem}
	for _, document := range documents {
		var value any
		if err := json.Unmarshal([]byte(document), &value); err != nil {
			panic(path + ": " + err.Error())
		}
		sum := sha256.Sum256([]byte(canonical(value)))
		read.Docs = append(read.Docs, fmt.Sprintf("%x", sum[:8]))
	}
	return read
}
