package vectors

import (
	"encoding/json"
	"os"
	"sort"
)

// Difference is a case to which another release gives another answer.
type Difference struct {
	Kubernetes string          `json:"kubernetes"`
	Index      int             `json:"index"`
	Case       json.RawMessage `json:"case"`
}

// Checked compares the cases with what the same program printed when linked with other releases.
func Checked[T any](paths []string, cases []T) []Field {
	releases, differences := []string{Kubernetes()}, []Difference{}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			panic(err)
		}
		var other struct {
			Kubernetes string
			Cases      []json.RawMessage
		}
		if err := json.Unmarshal(text, &other); err != nil {
			panic(err)
		}
		if len(other.Cases) != len(cases) {
			panic(path + ": another number of cases")
		}
		releases = append(releases, other.Kubernetes)
		for i, one := range cases {
			if Text(one) != string(other.Cases[i]) {
				differences = append(differences, Difference{other.Kubernetes, i, other.Cases[i]})
			}
		}
	}
	sort.Strings(releases)
	return []Field{{"checked", releases}, {"differences", differences}}
}
