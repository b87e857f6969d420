package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	snapshots "github.com/kubernetes-csi/external-snapshotter/client/v8/clientset/versioned"
	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	apiextensions "k8s.io/apiextensions-apiserver/pkg/client/clientset/clientset"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
)

// cluster is what the supervisor puts into the API server so that workloads can run.
type cluster struct {
	client      kubernetes.Interface
	definitions apiextensions.Interface
	snapshots   snapshots.Interface
}

func newCluster(config *rest.Config) (c cluster, err error) {
	if c.client, err = kubernetes.NewForConfig(config); err != nil {
		return c, err
	}
	if c.definitions, err = apiextensions.NewForConfig(config); err != nil {
		return c, err
	}
	c.snapshots, err = snapshots.NewForConfig(config)
	return c, err
}

// populate creates the nodes and storage classes.
func (c cluster) populate(ctx context.Context, nodes int) error {
	for number := range nodes {
		node := simulatedNode(fmt.Sprintf("node-%d", number))
		if _, err := c.client.CoreV1().Nodes().Create(ctx, node, metav1.CreateOptions{}); err != nil {
			return fmt.Errorf("create %s: %w", node.Name, err)
		}
	}
	for _, class := range storageClasses() {
		if _, err := c.client.StorageV1().StorageClasses().Create(ctx, class, metav1.CreateOptions{}); err != nil {
			return fmt.Errorf("create storage class %s: %w", class.Name, err)
		}
	}
	return nil
}

// awaitUsable returns when a pod could be created and scheduled: every node is Ready and the
// namespace `default` has its service account, without which admission refuses pods.
func (c cluster) awaitUsable(ctx context.Context) error {
	var missing error
	err := wait.PollUntilContextCancel(ctx, pollInterval, true, func(ctx context.Context) (bool, error) {
		missing = c.unusable(ctx)
		return missing == nil, nil
	})
	if err != nil && missing != nil {
		return fmt.Errorf("the cluster is not usable: %w: %w", context.Cause(ctx), missing)
	}
	return err
}

func (c cluster) unusable(ctx context.Context) error {
	if _, err := c.client.CoreV1().ServiceAccounts("default").Get(ctx, "default", metav1.GetOptions{}); err != nil {
		return err
	}
	nodes, err := c.client.CoreV1().Nodes().List(ctx, metav1.ListOptions{})
	if err != nil {
		return err
	}
	for _, node := range nodes.Items {
		if !schedulable(&node) {
			return fmt.Errorf("%s is not ready", node.Name)
		}
	}
	return nil
}

func schedulable(node *corev1.Node) bool {
	for _, condition := range node.Status.Conditions {
		if condition.Type == corev1.NodeReady && condition.Status == corev1.ConditionTrue {
			// The controller manager takes its not-ready taint away a moment later.
			return len(node.Spec.Taints) == 0
		}
	}
	return false
}

func simulatedNode(name string) *corev1.Node {
	capacity := corev1.ResourceList{
		corev1.ResourceCPU:              resource.MustParse("32"),
		corev1.ResourceMemory:           resource.MustParse("256Gi"),
		corev1.ResourcePods:             resource.MustParse("1000"),
		corev1.ResourceEphemeralStorage: resource.MustParse("1Ti"),
		"nvidia.com/gpu":                resource.MustParse("8"),
	}
	return &corev1.Node{
		ObjectMeta: metav1.ObjectMeta{
			Name: name,
			Labels: map[string]string{
				corev1.LabelHostname:     name,
				corev1.LabelOSStable:     "linux",
				corev1.LabelArchStable:   "amd64",
				corev1.LabelTopologyZone: "zone-" + strings.TrimPrefix(name, "node-"),
			},
			Annotations: map[string]string{"kwok.x-k8s.io/node": "fake"},
		},
		Status: corev1.NodeStatus{Capacity: capacity, Allocatable: capacity},
	}
}

// storageClasses are all provisioned by the controller manager itself, as empty folders.
func storageClasses() []*storagev1.StorageClass {
	class := func(name string, mode storagev1.VolumeBindingMode) *storagev1.StorageClass {
		reclaim, expand := corev1.PersistentVolumeReclaimDelete, true
		return &storagev1.StorageClass{
			ObjectMeta:           metav1.ObjectMeta{Name: name},
			Provisioner:          "kubernetes.io/host-path",
			ReclaimPolicy:        &reclaim,
			VolumeBindingMode:    &mode,
			AllowVolumeExpansion: &expand,
		}
	}
	standard := class("standard", storagev1.VolumeBindingImmediate)
	standard.Annotations = map[string]string{"storageclass.kubernetes.io/is-default-class": "true"}
	return []*storagev1.StorageClass{
		standard,
		class("fast", storagev1.VolumeBindingImmediate),
		class("standard-wait", storagev1.VolumeBindingWaitForFirstConsumer),
	}
}

// removeVolumeFolders deletes the folders that the host-path provisioner made under /tmp, outside the
// control plane's own folder. It does what it can: the API server may be dead.
func (c cluster) removeVolumeFolders() {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	volumes, err := c.client.CoreV1().PersistentVolumes().List(ctx, metav1.ListOptions{})
	if err != nil {
		return
	}
	for _, volume := range volumes.Items {
		// Of other volumes, and of other folders, a test may have said anything.
		if path := volume.Spec.HostPath; path != nil && filepath.Dir(filepath.Clean(path.Path)) == "/tmp/hostpath_pv" {
			_ = os.RemoveAll(filepath.Clean(path.Path))
		}
	}
}
