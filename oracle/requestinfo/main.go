// Asks the API server's request parser what a method and a URL are a request for.
// Arguments are outputs of this program linked with other releases, to compare with.
package main

import (
	"net/http"
	"os"
	"strings"

	"github.com/go-logr/logr"
	"k8s.io/apimachinery/pkg/util/sets"
	"k8s.io/apiserver/pkg/endpoints/request"
	"k8s.io/klog/v2"

	"bulkhead.dev/oracle/internal/vectors"
)

type vector struct {
	Method          string   `json:"method"`
	URL             string   `json:"url"`
	ResourceRequest bool     `json:"isResourceRequest"`
	Path            string   `json:"path"`
	Verb            string   `json:"verb"`
	APIPrefix       string   `json:"apiPrefix,omitempty"`
	APIGroup        string   `json:"apiGroup,omitempty"`
	APIVersion      string   `json:"apiVersion,omitempty"`
	Namespace       string   `json:"namespace,omitempty"`
	Resource        string   `json:"resource,omitempty"`
	Subresource     string   `json:"subresource,omitempty"`
	Name            string   `json:"name,omitempty"`
	Parts           []string `json:"parts,omitempty"`
	Error           string   `json:"error,omitempty"`
}

func main() {
	klog.SetLogger(logr.Discard())

	// The prefixes of kube-apiserver.
	factory := request.RequestInfoFactory{APIPrefixes: sets.NewString("api", "apis"), GrouplessAPIPrefixes: sets.NewString("api")}

	cases := []vector{}
	for _, line := range strings.Split(strings.TrimSpace(requests), "\n") {
		method, url, _ := strings.Cut(line, " ")
		asked, err := http.NewRequest(method, url, nil)
		if err != nil {
			panic(err)
		}
		info, err := factory.NewRequestInfo(asked)
		answer := vector{
			method, url, info.IsResourceRequest, info.Path, info.Verb, info.APIPrefix, info.APIGroup, info.APIVersion,
			info.Namespace, info.Resource, info.Subresource, info.Name, info.Parts, "",
		}
		if err != nil {
			answer.Error = err.Error()
		}
		cases = append(cases, answer)
	}
	vectors.Print("requestinfo", cases, vectors.Checked(os.Args[1:], cases)...)
}
