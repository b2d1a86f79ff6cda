//go:build !before_1_31

package main

import (
	"k8s.io/apiserver/pkg/storage"
	"k8s.io/apiserver/pkg/storage/feature"
)

// Every etcd of these years tells its progress when it is asked; without one to ask the API server believes none does.
type anEtcd struct{ feature.FeatureSupportChecker }

func (anEtcd) Supports(storage.Feature) bool { return true }

func init() { feature.DefaultFeatureSupportChecker = anEtcd{feature.DefaultFeatureSupportChecker} }
