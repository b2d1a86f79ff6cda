package main

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"os"
	"strings"

	"bulkhead.dev/oracle/internal/vectors"
)

// compared notes with each case what other releases answer otherwise: by minor release, the digest of what they show,
// or nothing where they refuse the object.
func compared(paths []string, asked []vector) []string {
	releases := []string{}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		must(err)
		var other struct {
			Kubernetes string
			Cases      []vector
		}
		must(json.Unmarshal(text, &other))
		releases = append(releases, other.Kubernetes)
		minor := strings.Split(other.Kubernetes, ".")[1]
		for i := range asked {
			there := digest(other.Cases[i].Out)
			if there == digest(asked[i].Out) {
				continue
			}
			if asked[i].Others == nil {
				asked[i].Others = map[string]string{}
			}
			asked[i].Others[minor] = there
		}
	}
	return releases
}

// The first 8 hexadecimal digits of the SHA-256 of the compact JSON text, keys sorted.
func digest(shown map[string]any) string {
	if shown == nil {
		return ""
	}
	sum := sha256.Sum256([]byte(vectors.Text(shown)))
	return fmt.Sprintf("%x", sum[:4])
}
