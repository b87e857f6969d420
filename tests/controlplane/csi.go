package main

import (
	"context"
	"embed"
	"fmt"
	"os"
	"path/filepath"

	snapshotv1 "github.com/kubernetes-csi/external-snapshotter/client/v8/apis/volumesnapshot/v1"
	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"sigs.k8s.io/yaml"
)

// Names of the parts that `--csi` adds.
const (
	partCSIDriver       = "csi-driver"
	partProvisioner     = "csi-provisioner"
	partResizer         = "csi-resizer"
	partSnapshotter     = "csi-snapshotter"
	partSnapshotControl = "snapshot-controller"
	partCopier          = "copier"
)

var csiParts = []string{partCSIDriver, partProvisioner, partResizer, partSnapshotter, partSnapshotControl, partCopier}

// openCSIProgram opens the program of the CSI parts, which is beside this one. A later build may remove the
// file; what is open can be run on.
func openCSIProgram() (*os.File, error) {
	own, err := os.Executable()
	if err != nil {
		return nil, err
	}
	return os.Open(own + "-csi")
}

// csiDriver is a CSI driver by its short name.
type csiDriver string

// The drivers: one that can do all that a driver of folders can, and one that makes empty volumes only, so
// that no driver can copy from one to the other.
const (
	driverFolders csiDriver = "folders"
	driverPlain   csiDriver = "plain"
)

var csiDrivers = []csiDriver{driverFolders, driverPlain}

// name is that of the object CSIDriver.
func (d csiDriver) name() string { return string(d) + ".csi.wellhead.dev" }

func (d csiDriver) root(files layout) string { return filepath.Join(files.csi(), string(d)) }

// socket has a path that is no longer than the control socket's, as both may have 107 bytes.
func (d csiDriver) socket(files layout) string { return filepath.Join(files.dir, string(d)+".sock") }

func csiSpec(name string, files layout, kubeconfig string, port int) partSpec {
	address := fmt.Sprintf("127.0.0.1:%d", port)
	args := []string{"--health=" + address}
	if name != partCSIDriver {
		args = append(args, "--kubeconfig="+kubeconfig)
	}
	of := func(d csiDriver) string { return d.name() + "=" + d.root(files) }
	all, plain := driverFolders.socket(files), driverPlain.socket(files)
	switch name {
	case partCSIDriver:
		args = append(args, "--driver="+of(driverFolders)+","+all, "--plain-driver="+of(driverPlain)+","+plain)
	case partProvisioner:
		args = append(args, "--csi-address="+all, "--csi-address="+plain)
	case partResizer, partSnapshotter:
		args = append(args, "--csi-address="+all)
	case partCopier:
		args = append(args, "--driver="+of(driverFolders), "--driver="+of(driverPlain), "--faults="+filepath.Join(files.csi(), "copier", "faults"))
	}
	return partSpec{csi: true, port: port, health: "http://" + address + "/healthz", args: args}
}

//go:embed csi/crd/*.yaml
var snapshotDefinitions embed.FS

// populateCSI creates what the CSI parts and their users need.
func (c cluster) populateCSI(ctx context.Context) error {
	if err := c.defineSnapshots(ctx); err != nil {
		return err
	}
	no := false
	for _, one := range csiDrivers {
		object := &storagev1.CSIDriver{
			ObjectMeta: metav1.ObjectMeta{Name: one.name()},
			Spec:       storagev1.CSIDriverSpec{AttachRequired: &no, PodInfoOnMount: &no},
		}
		if _, err := c.client.StorageV1().CSIDrivers().Create(ctx, object, metav1.CreateOptions{}); err != nil {
			return fmt.Errorf("create CSI driver %s: %w", object.Name, err)
		}
	}
	for _, class := range csiStorageClasses() {
		if _, err := c.client.StorageV1().StorageClasses().Create(ctx, class, metav1.CreateOptions{}); err != nil {
			return fmt.Errorf("create storage class %s: %w", class.Name, err)
		}
	}
	for _, tier := range []string{"silver", "gold"} {
		class := &storagev1.VolumeAttributesClass{
			ObjectMeta: metav1.ObjectMeta{Name: tier},
			DriverName: driverFolders.name(),
			Parameters: map[string]string{"tier": tier},
		}
		if _, err := c.client.StorageV1().VolumeAttributesClasses().Create(ctx, class, metav1.CreateOptions{}); err != nil {
			return fmt.Errorf("create volume attributes class %s: %w", tier, err)
		}
	}
	for name, policy := range map[string]snapshotv1.DeletionPolicy{
		"csi-snapshots": snapshotv1.VolumeSnapshotContentDelete, "csi-snapshots-retain": snapshotv1.VolumeSnapshotContentRetain,
	} {
		class := &snapshotv1.VolumeSnapshotClass{
			ObjectMeta: metav1.ObjectMeta{Name: name}, Driver: driverFolders.name(), DeletionPolicy: policy,
		}
		if policy == snapshotv1.VolumeSnapshotContentDelete {
			class.Annotations = map[string]string{"snapshot.storage.kubernetes.io/is-default-class": "true"}
		}
		if _, err := c.snapshots.SnapshotV1().VolumeSnapshotClasses().Create(ctx, class, metav1.CreateOptions{}); err != nil {
			return fmt.Errorf("create snapshot class %s: %w", name, err)
		}
	}
	return nil
}

// defineSnapshots creates the resources of snapshots and returns when they are served.
func (c cluster) defineSnapshots(ctx context.Context) error {
	const folder = "csi/crd"
	entries, err := snapshotDefinitions.ReadDir(folder)
	if err != nil {
		return err
	}
	client := c.definitions.ApiextensionsV1().CustomResourceDefinitions()
	for _, entry := range entries {
		text, err := snapshotDefinitions.ReadFile(folder + "/" + entry.Name())
		if err != nil {
			return err
		}
		definition := &apiextensionsv1.CustomResourceDefinition{}
		if err := yaml.Unmarshal(text, definition); err != nil {
			return fmt.Errorf("%s: %w", entry.Name(), err)
		}
		if _, err := client.Create(ctx, definition, metav1.CreateOptions{}); err != nil {
			return fmt.Errorf("create %s: %w", definition.Name, err)
		}
	}
	return wait.PollUntilContextCancel(ctx, pollInterval, true, func(ctx context.Context) (bool, error) {
		classes, err := c.snapshots.SnapshotV1().VolumeSnapshotClasses().List(ctx, metav1.ListOptions{})
		if err != nil || classes == nil {
			return false, nil // not served yet
		}
		all, err := client.List(ctx, metav1.ListOptions{})
		if err != nil {
			return false, err
		}
		for _, definition := range all.Items {
			if !established(&definition) {
				return false, nil
			}
		}
		return true, nil
	})
}

func established(definition *apiextensionsv1.CustomResourceDefinition) bool {
	for _, condition := range definition.Status.Conditions {
		if condition.Type == apiextensionsv1.Established && condition.Status == apiextensionsv1.ConditionTrue {
			return true
		}
	}
	return false
}

// csiStorageClasses are those of the drivers; csi/folders says what the parameters mean.
func csiStorageClasses() []*storagev1.StorageClass {
	class := func(name string, driver csiDriver, parameters map[string]string) *storagev1.StorageClass {
		reclaim, mode, expand := corev1.PersistentVolumeReclaimDelete, storagev1.VolumeBindingImmediate, driver == driverFolders
		return &storagev1.StorageClass{
			ObjectMeta:           metav1.ObjectMeta{Name: name},
			Provisioner:          driver.name(),
			Parameters:           parameters,
			ReclaimPolicy:        &reclaim,
			VolumeBindingMode:    &mode,
			AllowVolumeExpansion: &expand,
		}
	}
	wait := class("csi-wait", driverFolders, map[string]string{"pool": "standard"})
	mode := storagev1.VolumeBindingWaitForFirstConsumer
	wait.VolumeBindingMode = &mode
	retain := class("csi-retain", driverFolders, map[string]string{"pool": "standard"})
	policy := corev1.PersistentVolumeReclaimRetain
	retain.ReclaimPolicy = &policy
	fixed := class("csi-fixed", driverFolders, map[string]string{"pool": "standard"})
	expand := false
	fixed.AllowVolumeExpansion = &expand
	return []*storagev1.StorageClass{
		class("csi", driverFolders, map[string]string{"pool": "standard"}),
		class("csi-fast", driverFolders, map[string]string{"pool": "fast"}),
		class("csi-alone", driverFolders, map[string]string{"pool": "alone", "onlyOwnPool": "true"}),
		class("csi-small", driverFolders, map[string]string{"pool": "small", "maxBytes": "2147483648"}),
		class("csi-node", driverFolders, map[string]string{"pool": "node", "nodeExpansion": "true"}),
		wait, retain, fixed,
		class("csi-plain", driverPlain, nil),
	}
}
