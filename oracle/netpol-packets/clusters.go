package main

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/kube-network-policies/pkg/api"

	"bulkhead.dev/oracle/internal/vectors"
)

type cluster struct {
	Namespaces []corev1.Namespace
	Pods       []corev1.Pod
	External   []string
}

// clusters are of three namespaces with three pods each; half of them speak IPv6.
// The same port name stands for different numbers in different pods, and for none in some.
func clusters() []cluster {
	made := []cluster{}
	for variant := range 6 {
		one := cluster{External: []string{"192.0.2.10", "203.0.113.5"}}
		if variant%2 == 1 {
			one.External = []string{"2001:db8::10", "2001:db8:1::5"}
		}
		for i, name := range []string{"x", "y", "z"} {
			labels := map[string]string{"kubernetes.io/metadata.name": name}
			if i != variant%3 {
				labels["team"] = []string{"red", "blue"}[(i+variant)%2]
			}
			one.Namespaces = append(one.Namespaces, corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name, Labels: labels}})
			for j, pod := range []string{"a", "b", "c"} {
				one.Pods = append(one.Pods, makePod(variant, i, j, name, pod))
			}
		}
		made = append(made, one)
	}
	return made
}

func makePod(variant, i, j int, namespace, name string) corev1.Pod {
	pod := corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name, Labels: map[string]string{"app": name}}}
	if (i+j+variant)%2 == 0 {
		pod.Labels["tier"] = []string{"front", "back"}[(j+variant)%2]
	}
	ports := []corev1.ContainerPort{
		{Name: "http", ContainerPort: []int32{80, 8080, 8090}[(i+j+variant)%3], Protocol: corev1.ProtocolTCP},
		{Name: "dns", ContainerPort: 53, Protocol: corev1.ProtocolUDP},
	}
	pod.Spec.Containers = []corev1.Container{{Name: "main", Ports: ports[:1+(i+variant)%2]}, {Name: "side"}}
	if (i*3+j+variant)%4 == 0 {
		pod.Spec.Containers[0].Ports[0].Name = "web"
	}
	pod.Status.Phase = corev1.PodRunning
	pod.Status.PodIP = fmt.Sprintf("10.0.%d.%d", i+1, j+1)
	if variant%2 == 1 {
		pod.Status.PodIP = fmt.Sprintf("fd00::%d:%d", i+1, j+1)
	}
	pod.Status.PodIPs = []corev1.PodIP{{IP: pod.Status.PodIP}}
	return pod
}

func (c cluster) addresses() []string {
	addresses := []string{}
	for _, pod := range c.Pods {
		addresses = append(addresses, pod.Status.PodIP)
	}
	return append(addresses, c.External...)
}

func (c cluster) family() corev1.IPFamily {
	if c.External[0] == "192.0.2.10" {
		return corev1.IPv4Protocol
	}
	return corev1.IPv6Protocol
}

// GetPodInfoByIP makes a cluster what the engine looks its endpoints up in.
func (c cluster) GetPodInfoByIP(address string) (*api.PodInfo, bool) {
	for _, pod := range c.Pods {
		if pod.Status.PodIP != address {
			continue
		}
		for _, namespace := range c.Namespaces {
			if namespace.Name == pod.Namespace {
				return api.NewPodInfo(&pod, namespace.Labels, nil, ""), true
			}
		}
	}
	return nil, false
}

type plainCluster struct {
	Namespaces []map[string]any `json:"namespaces"`
	Pods       []map[string]any `json:"pods"`
	External   []string         `json:"external"`
}

func plain(clusters []cluster) []plainCluster {
	made := []plainCluster{}
	for _, one := range clusters {
		made = append(made, plainCluster{vectors.PlainAll(one.Namespaces), vectors.PlainAll(one.Pods), one.External})
	}
	return made
}
