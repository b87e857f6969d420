package main

import (
	_ "embed"
	"os"
	"strings"

	nodefast "sigs.k8s.io/kwok/kustomize/stage/node/fast"
	nodelease "sigs.k8s.io/kwok/kustomize/stage/node/heartbeat-with-lease"
)

// podStages replaces kwok's own pod-ready stage: it adds the failures that tests ask for by image.
//
//go:embed stages.yaml
var podStages string

// endStages replaces kwok's own stages of how pods end: pods that a finalizer holds or that never stop, and
// the pods of copy Jobs.
//
//go:embed stages-end.yaml
var endStages string

// writeStages writes what kwok does to nodes and pods.
func writeStages(path string) error {
	stages := strings.Join([]string{
		nodefast.DefaultNodeInit,
		nodelease.DefaultNodeHeartbeatWithLease,
		podStages,
		endStages,
	}, "\n---\n")
	return os.WriteFile(path, []byte(stages), 0o644)
}
