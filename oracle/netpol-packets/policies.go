package main

import (
	"fmt"
	"math/rand/v2"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"bulkhead.dev/oracle/internal/netpol"
)

type die struct{ *rand.Rand }

// policies are one to four, random, as the API server gives them back.
func policies(seed int) []networkingv1.NetworkPolicy {
	d := die{rand.New(rand.NewPCG(8, uint64(seed)))}
	made := []networkingv1.NetworkPolicy{}
	for i := range 1 + d.IntN(4) {
		policy := networkingv1.NetworkPolicy{ObjectMeta: metav1.ObjectMeta{Namespace: d.one("x", "x", "y"), Name: fmt.Sprint("p", i)}}
		policy.Spec = d.spec()
		created, errors, _ := netpol.Create(&policy)
		if len(errors) > 0 {
			panic(errors.ToAggregate())
		}
		made = append(made, *created)
	}
	return made
}

func (d die) spec() networkingv1.NetworkPolicySpec {
	spec := networkingv1.NetworkPolicySpec{PodSelector: d.podSelector()}
	switch d.IntN(6) {
	case 0:
		spec.PolicyTypes = []networkingv1.PolicyType{networkingv1.PolicyTypeIngress}
	case 1:
		spec.PolicyTypes = []networkingv1.PolicyType{networkingv1.PolicyTypeEgress}
	case 2, 3:
		spec.PolicyTypes = []networkingv1.PolicyType{networkingv1.PolicyTypeIngress, networkingv1.PolicyTypeEgress}
	}
	if d.IntN(4) > 0 {
		for range 1 + d.IntN(2) {
			spec.Ingress = append(spec.Ingress, networkingv1.NetworkPolicyIngressRule{Ports: d.ports(), From: d.peers()})
		}
	}
	if d.IntN(3) > 0 {
		for range 1 + d.IntN(2) {
			spec.Egress = append(spec.Egress, networkingv1.NetworkPolicyEgressRule{Ports: d.ports(), To: d.peers()})
		}
	}
	return spec
}

func (d die) ports() []networkingv1.NetworkPolicyPort {
	ports := []networkingv1.NetworkPolicyPort{}
	for range d.IntN(3) {
		port := networkingv1.NetworkPolicyPort{}
		if d.IntN(2) == 0 {
			protocol := corev1.Protocol(d.one("TCP", "UDP", "SCTP"))
			port.Protocol = &protocol
		}
		switch d.IntN(5) {
		case 0, 1:
			number := intstr.FromInt32([]int32{53, 80, 8080}[d.IntN(3)])
			port.Port = &number
		case 2:
			name := intstr.FromString(d.one("http", "http", "dns", "web", "none"))
			port.Port = &name
		case 3:
			first, last := intstr.FromInt32([]int32{50, 80, 8080}[d.IntN(3)]), []int32{8080, 8089, 9000}[d.IntN(3)]
			port.Port, port.EndPort = &first, &last
		}
		ports = append(ports, port)
	}
	return ports
}

func (d die) peers() []networkingv1.NetworkPolicyPeer {
	peers := []networkingv1.NetworkPolicyPeer{}
	for range d.IntN(3) {
		peer := networkingv1.NetworkPolicyPeer{}
		switch d.IntN(7) {
		case 0, 1:
			selector := d.podSelector()
			peer.PodSelector = &selector
		case 2, 3:
			selector := d.namespaceSelector()
			peer.NamespaceSelector = &selector
		case 4:
			pods, namespaces := d.podSelector(), d.namespaceSelector()
			peer.PodSelector, peer.NamespaceSelector = &pods, &namespaces
		default:
			peer.IPBlock = d.block()
		}
		peers = append(peers, peer)
	}
	return peers
}

func (d die) block() *networkingv1.IPBlock {
	block := []networkingv1.IPBlock{
		{CIDR: "0.0.0.0/0"},
		{CIDR: "0.0.0.0/0", Except: []string{"10.0.0.0/8"}},
		{CIDR: "0.0.0.0/0", Except: []string{"192.0.2.0/24", "10.0.2.0/24"}},
		{CIDR: "10.0.0.0/16", Except: []string{"10.0.1.0/24", "10.0.1.2/32"}},
		{CIDR: "192.0.2.10/32"},
		{CIDR: "10.0.1.0/30"},
		{CIDR: "::/0"},
		{CIDR: "::/0", Except: []string{"fd00::/8"}},
		{CIDR: "fd00::/8", Except: []string{"fd00::1:0/112"}},
		{CIDR: "2001:db8::/48"},
	}[d.IntN(10)]
	return &block
}

func (d die) podSelector() metav1.LabelSelector {
	switch d.IntN(7) {
	case 0, 1:
		return metav1.LabelSelector{}
	case 2, 3:
		return metav1.LabelSelector{MatchLabels: map[string]string{"app": d.one("a", "b", "c")}}
	case 4:
		return metav1.LabelSelector{MatchLabels: map[string]string{"tier": d.one("front", "back")}}
	case 5:
		return expression("app", d.operator(), "a", "b")
	default:
		return expression("tier", d.operator(), "front")
	}
}

func (d die) namespaceSelector() metav1.LabelSelector {
	switch d.IntN(5) {
	case 0:
		return metav1.LabelSelector{}
	case 1, 2:
		return metav1.LabelSelector{MatchLabels: map[string]string{"kubernetes.io/metadata.name": d.one("x", "y", "z")}}
	case 3:
		return metav1.LabelSelector{MatchLabels: map[string]string{"team": d.one("red", "blue")}}
	default:
		return expression("team", d.operator(), "red")
	}
}

func expression(key string, operator metav1.LabelSelectorOperator, values ...string) metav1.LabelSelector {
	if operator == metav1.LabelSelectorOpExists || operator == metav1.LabelSelectorOpDoesNotExist {
		values = nil
	}
	return metav1.LabelSelector{MatchExpressions: []metav1.LabelSelectorRequirement{{Key: key, Operator: operator, Values: values}}}
}

func (d die) operator() metav1.LabelSelectorOperator {
	return metav1.LabelSelectorOperator(d.one("In", "NotIn", "Exists", "DoesNotExist"))
}

func (d die) one(words ...string) string { return words[d.IntN(len(words))] }
