// Asks the API server's own flow control: which FlowSchema takes a request, how many seats each priority level has, and
// how many seats a request takes.
//
//	flowcontrol objects            the objects that this release has of its own
//	flowcontrol merge FILE...      those of several releases, each once for each span
//	flowcontrol random [FILE...]   random configurations and requests; files are the same of other releases
package main

import (
	"os"

	"github.com/go-logr/logr"
	"k8s.io/klog/v2"

	"bulkhead.dev/oracle/internal/vectors"
)

// vector holds one of the two.
type vector struct {
	Config   *config   `json:"config,omitempty"`
	Estimate *estimate `json:"estimate,omitempty"`
}

func main() {
	klog.SetLogger(logr.Discard())
	switch os.Args[1] {
	case "objects":
		printObjects()
	case "merge":
		printSpans(os.Args[2:])
	case "random":
		cases := []vector{}
		for _, each := range configs(60, 16) {
			cases = append(cases, vector{Config: each})
		}
		for _, each := range estimates(900) {
			cases = append(cases, vector{Estimate: each})
		}
		vectors.Print("flowcontrol", cases, vectors.Checked(os.Args[2:], cases)...)
	}
}
