// Asks what validating admission is shown when an object is created: as `admitted`, then prepared by the strategy of
// its kind. Without the status. Arguments are outputs of this program linked with other releases.
package main

import (
	"bufio"
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"io"
	"os"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	kyaml "k8s.io/apimachinery/pkg/util/yaml"
	genericapirequest "k8s.io/apiserver/pkg/endpoints/request"
	"k8s.io/apiserver/pkg/registry/rest"
	"k8s.io/kubernetes/pkg/registry/apps/daemonset"
	"k8s.io/kubernetes/pkg/registry/apps/deployment"
	"k8s.io/kubernetes/pkg/registry/apps/replicaset"
	"k8s.io/kubernetes/pkg/registry/apps/statefulset"
	"k8s.io/kubernetes/pkg/registry/batch/cronjob"
	"k8s.io/kubernetes/pkg/registry/core/namespace"
	"k8s.io/kubernetes/pkg/registry/core/pod"
	"k8s.io/kubernetes/pkg/registry/core/podtemplate"
	"k8s.io/kubernetes/pkg/registry/core/replicationcontroller"
	"k8s.io/kubernetes/pkg/registry/core/service"
	"k8s.io/kubernetes/pkg/registry/core/serviceaccount"
	"sigs.k8s.io/yaml"

	"bulkhead.dev/oracle/admitted/builtin"
	"bulkhead.dev/oracle/internal/vectors"
)

//go:embed objects.yaml
var objects []byte

var strategies = map[string]rest.RESTCreateStrategy{
	"Pod": pod.Strategy, "PodTemplate": podtemplate.Strategy, "ReplicationController": replicationcontroller.Strategy,
	"Deployment": deployment.Strategy, "ReplicaSet": replicaset.Strategy, "StatefulSet": statefulset.Strategy,
	"DaemonSet": daemonset.Strategy, "CronJob": cronjob.Strategy, "Namespace": namespace.Strategy,
	"Service": service.Strategy, "ServiceAccount": serviceaccount.Strategy,
}

type vector struct {
	In  json.RawMessage `json:"in"`
	Out map[string]any  `json:"out"`
	// By minor release, where it differs.
	Others map[string]map[string]any `json:"others,omitempty"`
}

func main() {
	asked := []vector{}
	documents := kyaml.NewYAMLReader(bufio.NewReader(bytes.NewReader(objects)))
	for {
		document, err := documents.Read()
		if err == io.EOF {
			break
		}
		must(err)
		text, err := yaml.YAMLToJSON(document)
		must(err)
		asked = append(asked, vector{In: text, Out: created(text)})
	}
	releases := []string{}
	for _, path := range os.Args[1:] {
		text, err := os.ReadFile(path)
		must(err)
		var other struct {
			Kubernetes string
			Cases      []vector
		}
		must(json.Unmarshal(text, &other))
		releases = append(releases, other.Kubernetes)
		for i := range asked {
			if vectors.Text(other.Cases[i].Out) != vectors.Text(asked[i].Out) {
				if asked[i].Others == nil {
					asked[i].Others = map[string]map[string]any{}
				}
				asked[i].Others[strings.Split(other.Kubernetes, ".")[1]] = other.Cases[i].Out
			}
		}
	}
	vectors.Print("admitted/created", asked, vectors.Field{Name: "others", Value: releases})
}

func created(in []byte) map[string]any {
	var kind metav1.TypeMeta
	must(json.Unmarshal(in, &kind))
	group, version, found := strings.Cut(kind.APIVersion, "/")
	if !found {
		group, version = "", group
	}
	shown, err := builtin.Shown(in, func(internal runtime.Object) {
		ctx := genericapirequest.WithNamespace(context.Background(), "default")
		ctx = genericapirequest.WithRequestInfo(ctx, &genericapirequest.RequestInfo{
			IsResourceRequest: true, APIGroup: group, APIVersion: version, Verb: "create",
		})
		strategies[kind.Kind].PrepareForCreate(ctx, internal)
	})
	must(err)
	delete(shown, "status")
	return shown
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}
