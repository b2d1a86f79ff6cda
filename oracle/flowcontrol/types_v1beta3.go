//go:build before_1_29

package main

import (
	flowcontrol "k8s.io/api/flowcontrol/v1beta3"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	client "k8s.io/client-go/kubernetes/typed/flowcontrol/v1beta3"
)

type (
	flowSchema    = flowcontrol.FlowSchema
	priorityLevel = flowcontrol.PriorityLevelConfiguration
)

const apiVersion = "flowcontrol.apiserver.k8s.io/v1beta3"

func flowcontrolOf(clientset kubernetes.Interface) client.FlowcontrolV1beta3Interface {
	return clientset.FlowcontrolV1beta3()
}

func request(factory informers.SharedInformerFactory) {
	factory.Flowcontrol().V1beta3().FlowSchemas().Informer()
	factory.Flowcontrol().V1beta3().PriorityLevelConfigurations().Informer()
}
