// Asks the Node authorizer about requests of nodes, over the pods and volumes of objects.yaml: every verb on every
// resource that it tells apart, and on some that it does not, for objects of its own, of another node and of none.
// Further arguments are outputs of this program linked with other releases; what they answer is kept beside.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apiserver/pkg/authentication/user"
	"k8s.io/apiserver/pkg/authorization/authorizer"
	"k8s.io/kubernetes/pkg/auth/nodeidentifier"
	"k8s.io/kubernetes/plugin/pkg/auth/authorizer/node"
	"k8s.io/kubernetes/plugin/pkg/auth/authorizer/rbac/bootstrappolicy"
	"sigs.k8s.io/yaml"

	"bulkhead.dev/oracle/internal/vectors"
)

type slicer interface{ AddResourceSlice(name, node string) }

// What is allowed: `user verb group/resource/subresource` and for which namespaces and names, "all" where for each that
// is asked for.
type answers map[string]any

func main() {
	text, err := os.ReadFile(os.Args[1])
	if err != nil {
		panic(err)
	}
	asked := node.NewAuthorizer(graphOf(string(text)), nodeidentifier.NewDefaultNodeIdentifier(), bootstrappolicy.NodeRules())
	allowed := answers{}
	for _, who := range people {
		for _, question := range questions() {
			places := []string{}
			for _, attributes := range question {
				attributes.User = who
				decision, _, err := asked.Authorize(context.Background(), attributes)
				if err != nil {
					panic(err)
				}
				if decision == authorizer.DecisionAllow {
					places = append(places, attributes.Namespace+"/"+attributes.Name)
				}
			}
			one := question[0]
			key := fmt.Sprintf("%s %s %s/%s/%s%s", who.Name, one.Verb, one.APIGroup, one.Resource, one.Subresource, one.Path)
			if len(places) == len(question) {
				allowed[key] = "all"
			} else if len(places) > 0 {
				allowed[key] = places
			}
		}
	}
	vectors.Print("node", []answers{allowed},
		vectors.Field{Name: "namespaces", Value: namespaces}, vectors.Field{Name: "names", Value: names},
		vectors.Field{Name: "verbs", Value: verbs}, vectors.Field{Name: "resources", Value: resources},
		vectors.Field{Name: "others", Value: differences(os.Args[2:], allowed)})
}

// What other releases answer differently; null where they allow nothing.
func differences(paths []string, allowed answers) map[string]answers {
	found := map[string]answers{}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			panic(err)
		}
		var other struct {
			Kubernetes string
			Cases      []answers
		}
		if err := json.Unmarshal(text, &other); err != nil {
			panic(err)
		}
		different := answers{}
		for key, places := range other.Cases[0] {
			if vectors.Text(places) != vectors.Text(allowed[key]) {
				different[key] = places
			}
		}
		for key := range allowed {
			if _, is := other.Cases[0][key]; !is {
				different[key] = nil
			}
		}
		found[other.Kubernetes] = different
	}
	return found
}

var people = []*user.DefaultInfo{
	{Name: "system:node:one", Groups: []string{"system:nodes", "system:authenticated"}},
	{Name: "system:node:two", Groups: []string{"system:nodes", "system:authenticated"}},
	{Name: "system:node:unseen", Groups: []string{"system:nodes", "system:authenticated"}},
	{Name: "system:node:", Groups: []string{"system:nodes", "system:authenticated"}},
	{Name: "system:node:one-not-grouped", Groups: []string{"system:authenticated"}},
	{Name: "one", Groups: []string{"system:nodes", "system:authenticated"}},
}

var verbs = []string{"get", "list", "watch", "create", "update", "patch", "delete", "deletecollection", "*"}

var resources = map[string][]string{
	"": {
		"secrets", "configmaps", "persistentvolumeclaims", "persistentvolumeclaims/status", "persistentvolumes", "persistentvolumes/status",
		"serviceaccounts", "serviceaccounts/token", "nodes", "nodes/status", "nodes/proxy", "pods", "pods/status", "pods/eviction", "pods/exec",
		"services", "services/status", "events", "endpoints", "namespaces", "secrets/status",
	},
	"coordination.k8s.io":   {"leases", "leases/status"},
	"storage.k8s.io":        {"csinodes", "csinodes/status", "csidrivers", "volumeattachments", "volumeattachments/status"},
	"resource.k8s.io":       {"resourceclaims", "resourceclaims/status", "resourceslices", "resourceslices/status"},
	"certificates.k8s.io":   {"certificatesigningrequests", "podcertificaterequests", "clustertrustbundles"},
	"authentication.k8s.io": {"tokenreviews"},
	"authorization.k8s.io":  {"subjectaccessreviews", "localsubjectaccessreviews"},
	"node.k8s.io":           {"runtimeclasses"},
	"events.k8s.io":         {"events"},
}

var namespaces = []string{"", "shop", "kube-node-lease"}

// For each verb and resource, every namespace with every name.
func questions() [][]authorizer.AttributesRecord {
	found := [][]authorizer.AttributesRecord{{{Verb: "get", Path: "/healthz"}}}
	for group, texts := range resources {
		for _, text := range texts {
			resource, subresource, _ := strings.Cut(text, "/")
			for _, verb := range verbs {
				question := []authorizer.AttributesRecord{}
				for _, namespace := range namespaces {
					for _, name := range names {
						question = append(question, authorizer.AttributesRecord{
							Verb: verb, APIGroup: group, Resource: resource, Subresource: subresource,
							Namespace: namespace, Name: name, ResourceRequest: true,
						})
					}
				}
				found = append(found, question)
			}
		}
	}
	return found
}

// Names of objects.yaml, whatever their kind: most fit one kind only.
var names = []string{"", "one", "two", "none"}

func graphOf(text string) *node.Graph {
	graph := node.NewGraph()
	for _, document := range strings.Split(text, "\n---\n") {
		var head struct {
			Kind     string
			Metadata struct{ Name string }
			Spec     struct{ NodeName string }
		}
		decode(document, &head)
		switch head.Kind {
		case "Pod":
			pod := corev1.Pod{}
			decode(document, &pod)
			if pod.Spec.NodeName != "" {
				graph.AddPod(&pod)
			}
		case "PersistentVolume":
			volume := corev1.PersistentVolume{}
			decode(document, &volume)
			graph.AddPV(&volume)
		case "VolumeAttachment":
			graph.AddVolumeAttachment(head.Metadata.Name, head.Spec.NodeName)
		case "ResourceSlice":
			if with, ok := any(graph).(slicer); ok {
				with.AddResourceSlice(head.Metadata.Name, head.Spec.NodeName)
			}
		}
	}
	names = append(names, used(text)...)
	return graph
}

// The values of `name`, `secretName`, `claimName` and `serviceAccountName`, which are all there is to ask for.
func used(text string) []string {
	found := []string{}
	seen := map[string]bool{"": true, "one": true, "two": true, "none": true}
	for _, line := range strings.Split(text, "\n") {
		for _, key := range []string{"name: ", "secretName: ", "claimName: ", "serviceAccountName: "} {
			_, value, is := strings.Cut(line, key)
			value, _, _ = strings.Cut(strings.Trim(value, " },"), ",")
			if is && !seen[value] {
				seen[value] = true
				found = append(found, value)
			}
		}
	}
	return append(found, "web-scratch")
}

func decode(document string, into any) {
	if err := yaml.Unmarshal([]byte(document), into); err != nil {
		panic(err)
	}
}
