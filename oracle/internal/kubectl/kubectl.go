// Package kubectl reads a file with the code behind `kubectl -f`.
package kubectl

import (
	"strings"

	utilerrors "k8s.io/apimachinery/pkg/util/errors"
	"k8s.io/cli-runtime/pkg/resource"
)

// Documents are the JSON texts that kubectl makes of a file, and what ended the reading early, if anything did.
func Documents(path string) (documents []string, problem string) {
	visitor := resource.NewLocalBuilder().Unstructured().
		Schema(recorder{&documents}).
		ContinueOnError().
		FilenameParam(false, &resource.FilenameOptions{Filenames: []string{path}}).
		Do()
	err := visitor.Visit(func(*resource.Info, error) error { return nil })

	// Documents that are no Kubernetes objects are errors too; only a failure to parse ends the stream.
	for _, each := range flatten(err) {
		if reason, found := strings.CutPrefix(each.Error(), "error parsing "+path+": "); found {
			problem = reason
		}
	}
	return documents, problem
}

func flatten(err error) []error {
	if aggregate, ok := err.(utilerrors.Aggregate); ok {
		return utilerrors.Flatten(aggregate).Errors()
	}
	if err != nil {
		return []error{err}
	}
	return nil
}

// kubectl hands every document to the schema before it looks at what is in it.
type recorder struct{ documents *[]string }

func (r recorder) ValidateBytes(data []byte) error {
	*r.documents = append(*r.documents, string(data))
	return nil
}
