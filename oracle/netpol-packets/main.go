// Asks kube-network-policies, packet by packet, what random policies allow in small clusters.
package main

import (
	"context"
	"fmt"
	"net"
	"strings"

	"github.com/go-logr/logr"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes/fake"
	"k8s.io/klog/v2"
	"sigs.k8s.io/kube-network-policies/pkg/api"
	"sigs.k8s.io/kube-network-policies/pkg/network"
	"sigs.k8s.io/kube-network-policies/pkg/networkpolicy"

	"bulkhead.dev/oracle/internal/vectors"
)

// vector holds one matrix for each protocol and port. Row and column are the endpoints of the cluster: its pods,
// then its external addresses. 1 is allowed, 0 is not; . was not asked: a pod and itself, or two external addresses.
type vector struct {
	Cluster  int                          `json:"cluster"`
	Policies []networkingv1.NetworkPolicy `json:"policies"`
	Allowed  map[string][]string          `json:"allowed"`
}

var probes = []struct {
	protocol corev1.Protocol
	port     int
}{{"TCP", 80}, {"TCP", 8080}, {"TCP", 8090}, {"UDP", 53}, {"UDP", 80}, {"SCTP", 80}}

func main() {
	klog.SetLogger(logr.Discard())
	clusters := clusters()
	cases := []vector{}
	for i := range 300 {
		cases = append(cases, ask(i%len(clusters), clusters[i%len(clusters)], policies(i)))
	}
	vectors.Print("netpol-packets", cases,
		vectors.Field{Name: "sigs.k8s.io/kube-network-policies", Value: vectors.Module("sigs.k8s.io/kube-network-policies")},
		vectors.Field{Name: "clusters", Value: plain(clusters)})
}

func ask(number int, cluster cluster, policies []networkingv1.NetworkPolicy) vector {
	asked := vector{Cluster: number, Policies: policies, Allowed: map[string][]string{}}
	engine := networkpolicy.NewPolicyEngine(cluster, []api.PolicyEvaluator{evaluator(cluster, policies)})
	addresses := cluster.addresses()
	for i, probe := range probes {
		rows := []string{}
		for from, source := range addresses {
			row := strings.Builder{}
			for to, destination := range addresses {
				if from == to || from >= len(cluster.Pods) && to >= len(cluster.Pods) {
					row.WriteByte('.')
					continue
				}
				allowed, err := engine.EvaluatePacket(context.Background(), &network.Packet{
					ID: uint32(i), Family: cluster.family(), Proto: probe.protocol,
					SrcIP: net.ParseIP(source), SrcPort: 40000, DstIP: net.ParseIP(destination), DstPort: probe.port,
				})
				if err != nil {
					panic(err)
				}
				if allowed {
					row.WriteByte('1')
				} else {
					row.WriteByte('0')
				}
			}
			rows = append(rows, row.String())
		}
		asked.Allowed[fmt.Sprint(probe.protocol, "/", probe.port)] = rows
	}
	return asked
}

// The evaluator reads informers; their stores are filled by hand.
func evaluator(cluster cluster, policies []networkingv1.NetworkPolicy) api.PolicyEvaluator {
	factory := informers.NewSharedInformerFactory(fake.NewClientset(), 0)
	namespaces, pods, netpols := factory.Core().V1().Namespaces(), factory.Core().V1().Pods(), factory.Networking().V1().NetworkPolicies()
	made := networkpolicy.NewStandardNetworkPolicy("node", namespaces, pods, netpols)
	for _, namespace := range cluster.Namespaces {
		must(namespaces.Informer().GetStore().Add(&namespace))
	}
	for _, pod := range cluster.Pods {
		must(pods.Informer().GetStore().Add(&pod))
	}
	for _, policy := range policies {
		must(netpols.Informer().GetStore().Add(&policy))
	}
	return made
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}
