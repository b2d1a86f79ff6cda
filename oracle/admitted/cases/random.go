package main

import (
	"math/rand"
	"reflect"
	"strings"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// How many random objects of a kind.
var kinds = []struct {
	apiVersion, kind string
	count            int
}{
	{"v1", "Pod", 60}, {"v1", "PodTemplate", 10}, {"v1", "ReplicationController", 15},
	{"apps/v1", "Deployment", 30}, {"apps/v1", "ReplicaSet", 15}, {"apps/v1", "StatefulSet", 30}, {"apps/v1", "DaemonSet", 25},
	{"apps/v1", "ControllerRevision", 6}, {"batch/v1", "Job", 30}, {"batch/v1", "CronJob", 20},
	{"v1", "Service", 40}, {"v1", "ServiceAccount", 10}, {"v1", "Secret", 15}, {"v1", "ConfigMap", 15},
	{"v1", "PersistentVolume", 25}, {"v1", "PersistentVolumeClaim", 20}, {"v1", "Namespace", 15}, {"v1", "Node", 10},
	{"v1", "ResourceQuota", 12}, {"v1", "LimitRange", 15}, {"v1", "Endpoints", 12}, {"v1", "Event", 8},
	{"rbac.authorization.k8s.io/v1", "Role", 10}, {"rbac.authorization.k8s.io/v1", "ClusterRole", 10},
	{"rbac.authorization.k8s.io/v1", "RoleBinding", 12}, {"rbac.authorization.k8s.io/v1", "ClusterRoleBinding", 12},
	{"networking.k8s.io/v1", "NetworkPolicy", 25}, {"networking.k8s.io/v1", "Ingress", 20}, {"networking.k8s.io/v1", "IngressClass", 10},
	{"policy/v1", "PodDisruptionBudget", 12}, {"autoscaling/v2", "HorizontalPodAutoscaler", 30}, {"autoscaling/v1", "HorizontalPodAutoscaler", 15},
	{"storage.k8s.io/v1", "StorageClass", 12}, {"storage.k8s.io/v1", "CSIDriver", 10}, {"storage.k8s.io/v1", "VolumeAttachment", 8},
	{"admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration", 15}, {"admissionregistration.k8s.io/v1", "MutatingWebhookConfiguration", 15},
	{"admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicy", 15}, {"admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicyBinding", 12},
	{"admissionregistration.k8s.io/v1", "MutatingAdmissionPolicy", 15}, {"admissionregistration.k8s.io/v1", "MutatingAdmissionPolicyBinding", 12},
	{"scheduling.k8s.io/v1", "PriorityClass", 8}, {"node.k8s.io/v1", "RuntimeClass", 10}, {"discovery.k8s.io/v1", "EndpointSlice", 15},
	{"coordination.k8s.io/v1", "Lease", 8}, {"apiextensions.k8s.io/v1", "CustomResourceDefinition", 25},
	{"certificates.k8s.io/v1", "CertificateSigningRequest", 6}, {"flowcontrol.apiserver.k8s.io/v1", "FlowSchema", 8},
	{"flowcontrol.apiserver.k8s.io/v1", "PriorityLevelConfiguration", 8},
}

type generator struct{ *rand.Rand }

// Where Go tells an empty list or map from none, and Kubernetes refuses it or ignores what is sent.
var least = map[string]int{"policies": 1, "allocatable": 1}

// Values that mean something, by the name of the field.
var words = map[string][]string{
	"protocol": {"TCP", "UDP", ""}, "type": {"RollingUpdate", "OnDelete", "Recreate", "LoadBalancer", "NodePort", "ClusterIP", "ExternalName", "Container", "Pod", "Resource", ""},
	"image": {"nginx", "nginx:1.25", "nginx:latest", "r.example:5000/a", "r.example:5000/a:latest", "Bad//Image", "", "a@sha256:" + strings.Repeat("a", 64), "a:latest@sha256:" + strings.Repeat("0", 64)},
	"name":  {"a", "web", ""}, "kind": {"ServiceAccount", "User", "Group", "Role", ""}, "sessionAffinity": {"ClientIP", "None", ""},
	"externalTrafficPolicy": {"Local", ""}, "restartPolicy": {"Never", "Always", ""}, "serviceAccount": {"old", ""}, "serviceAccountName": {"app", ""},
	"reference": {"r.example/v:1", "r.example/v"}, "timeZone": {"Etc/UTC"}, "completionMode": {"Indexed", "NonIndexed"}, "ip": {"10.0.0.1", ""},
	"podIP": {"10.0.0.1", ""}, "podCIDR": {"10.1.0.0/24", ""},
}

var quantities = []any{"1", "1000m", "0.5", "100m", "1.5Gi", "1024Mi", "512Mi", "1e3", "1E3", "0", "0.0", "1.500", "1500m", "0.1m", "1n", "12e6", "1Ki", "0.5Ki", "1000k",
	"-1", "+1Gi", "01", "1000000", 1, 0.5, 2.5, 1000, "1.1i", "9223372036854775807Ei", "1000E", "123456789012345678901", " 5 ", "1.G", ".5", "3.0001", "1u", "2048", "1025Ki", "0.0001Gi", "100e-3", "1e-10"}
var bad = []any{"abc", "1..", "1x", true, "", "1e", "--1"}
var times = []any{"2024-01-02T03:04:05Z", "2024-01-02T03:04:05.678Z", "2024-01-02T03:04:05+02:00", nil}

func (g generator) pick(values []any) any { return values[g.Intn(len(values))] }

// Some fields are left out, fewer the deeper they stand; some are null, unknown or, rarely, of another type.
func (g generator) object(goType reflect.Type, depth int) map[string]any {
	object := map[string]any{}
	g.fields(object, goType, depth)
	if g.Intn(25) == 0 {
		object["unknownField"] = map[string]any{"a": 1}
	}
	return object
}

func (g generator) fields(object map[string]any, goType reflect.Type, depth int) {
	for i := range goType.NumField() {
		field := goType.Field(i)
		name, options, _ := strings.Cut(field.Tag.Get("json"), ",")
		if name == "" {
			g.fields(object, field.Type, depth)
			continue
		}
		if name == "managedFields" || name == "status" && g.Intn(3) > 0 {
			continue
		}
		optional := strings.Contains(options, "omitempty")
		wanted := 100
		if optional {
			wanted = []int{100, 80, 45, 35, 25, 20, 14, 10}[min(depth, 7)]
			if goType.NumField() > 12 {
				wanted = wanted * 2 / 3
			}
		} else if g.Intn(30) == 0 {
			wanted = 0
		}
		if depth > 9 || g.Intn(100) >= wanted {
			continue
		}
		switch {
		case g.Intn(40) == 0:
			object[name] = nil
		case g.Intn(3000) == 0:
			object[name] = g.pick([]any{1, "text", true, []any{}, map[string]any{}, 1.5, []any{1}})
		default:
			object[name] = g.value(field.Type, name, depth)
		}
	}
}

func (g generator) value(goType reflect.Type, name string, depth int) any {
	switch goType {
	case reflect.TypeOf(resource.Quantity{}):
		if g.Intn(400) == 0 {
			return g.pick(bad)
		}
		return g.pick(quantities)
	case reflect.TypeOf(intstr.IntOrString{}):
		return g.pick([]any{80, "http", "25%", 0, "", 1})
	case reflect.TypeOf(metav1.Time{}):
		return g.pick(times)
	case reflect.TypeOf(metav1.MicroTime{}):
		return g.pick([]any{"2024-01-02T03:04:05.678901Z", "2024-01-02T03:04:05.000000Z", "2024-01-02T03:04:05+02:00", nil})
	case reflect.TypeOf(metav1.Duration{}):
		return g.pick([]any{"5s", "1m30s", "90m"})
	case reflect.TypeOf(runtime.RawExtension{}), reflect.TypeOf(apiextensionsv1.JSON{}):
		return g.pick([]any{map[string]any{"a": nil, "b": []any{1, "x"}}, map[string]any{}})
	case reflect.TypeOf(apiextensionsv1.JSONSchemaPropsOrBool{}):
		if g.Intn(2) == 0 {
			return g.Intn(2) == 0
		}
		return g.object(reflect.TypeOf(apiextensionsv1.JSONSchemaProps{}), depth+2)
	case reflect.TypeOf(apiextensionsv1.JSONSchemaPropsOrArray{}):
		return g.object(reflect.TypeOf(apiextensionsv1.JSONSchemaProps{}), depth+2)
	case reflect.TypeOf(apiextensionsv1.JSONSchemaPropsOrStringArray{}):
		return []any{"a"}
	}
	switch goType.Kind() {
	case reflect.Pointer:
		return g.value(goType.Elem(), name, depth)
	case reflect.String:
		if known, found := words[name]; found {
			return known[g.Intn(len(known))]
		}
		return g.pick([]any{"", "a", "b", "x-1"})
	case reflect.Bool:
		return g.Intn(2) == 0
	case reflect.Float64, reflect.Float32:
		return g.pick([]any{0, 1.5, 2})
	case reflect.Int32, reflect.Int64, reflect.Int, reflect.Uint16, reflect.Uint32:
		return g.pick([]any{0, 1, 5, 80, 30})
	case reflect.Struct:
		return g.object(goType, depth+1)
	case reflect.Slice:
		if goType.Elem().Kind() == reflect.Uint8 {
			return g.pick([]any{"aGVsbG8=", "", "YQ==\n", nil})
		}
		items := []any{}
		for range max(g.Intn(3), least[name]) {
			item := g.value(goType.Elem(), "", depth)
			if g.Intn(60) == 0 {
				item = nil
			}
			items = append(items, item)
		}
		return items
	case reflect.Map:
		entries := map[string]any{}
		for _, key := range []string{"cpu", "memory", "app", "hugepages-2Mi"} {
			if g.Intn(3) == 0 || len(entries) < least[name] {
				entries[key] = g.value(goType.Elem(), "", depth)
				if g.Intn(40) == 0 {
					entries[key] = nil
				}
			}
		}
		return entries
	}
	panic(goType.String())
}
