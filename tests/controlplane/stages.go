package main

import (
	_ "embed"
	"os"
	"strings"

	nodefast "sigs.k8s.io/kwok/kustomize/stage/node/fast"
	nodelease "sigs.k8s.io/kwok/kustomize/stage/node/heartbeat-with-lease"
	podfast "sigs.k8s.io/kwok/kustomize/stage/pod/fast"
)

// podStages replaces kwok's own pod-ready stage: it adds the failures that tests ask for by image.
//
//go:embed stages.yaml
var podStages string

// writeStages writes what kwok does to nodes and pods.
func writeStages(path string) error {
	stages := strings.Join([]string{
		nodefast.DefaultNodeInit,
		nodelease.DefaultNodeHeartbeatWithLease,
		podfast.DefaultPodComplete,
		podfast.DefaultPodDelete,
		podStages,
	}, "\n---\n")
	return os.WriteFile(path, []byte(stages), 0o644)
}
