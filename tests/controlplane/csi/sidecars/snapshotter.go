package sidecars

import (
	"context"
	"errors"

	snapshotscheme "github.com/kubernetes-csi/external-snapshotter/client/v8/clientset/versioned/scheme"
	snapshotinformers "github.com/kubernetes-csi/external-snapshotter/client/v8/informers/externalversions"
	common "github.com/kubernetes-csi/external-snapshotter/v8/pkg/common-controller"
	"github.com/kubernetes-csi/external-snapshotter/v8/pkg/metrics"
	sidecarcontroller "github.com/kubernetes-csi/external-snapshotter/v8/pkg/sidecar-controller"
	"github.com/kubernetes-csi/external-snapshotter/v8/pkg/snapshotter"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes/scheme"
)

// controlSnapshots runs snapshot-controller, which ties snapshots to their contents, for all drivers.
func controlSnapshots(ctx context.Context, s *sidecar) error {
	if err := snapshotscheme.AddToScheme(scheme.Scheme); err != nil {
		return err
	}
	factory := snapshotinformers.NewSharedInformerFactory(s.snapshots, resync)
	core := informers.NewSharedInformerFactory(s.client, resync)
	own := factory.Snapshot().V1()
	control := common.NewCSISnapshotCommonController(s.snapshots, s.client,
		own.VolumeSnapshots(), own.VolumeSnapshotContents(), own.VolumeSnapshotClasses(), nil, nil, nil,
		core.Core().V1().PersistentVolumeClaims(), core.Core().V1().PersistentVolumes(), nil,
		metrics.NewMetricsManager(), resync, pauses(), pauses(), pauses(), pauses(),
		false, true,
		false, // no snapshots of groups: their definitions are not installed
	)
	factory.Start(ctx.Done())
	core.Start(ctx.Done())
	if err := allSynced(factory.WaitForCacheSync(ctx.Done())); err != nil {
		return err
	}
	if err := allSynced(core.WaitForCacheSync(ctx.Done())); err != nil {
		return err
	}
	go control.Run(workers, ctx.Done(), nil)
	return nil
}

// snapshot runs csi-snapshotter, which has one driver take and delete snapshots.
func snapshot(ctx context.Context, s *sidecar) error {
	if len(s.addresses) != 1 {
		return errors.New("want one --csi-address")
	}
	if err := snapshotscheme.AddToScheme(scheme.Scheme); err != nil {
		return err
	}
	one, err := connect(ctx, s.addresses[0])
	if err != nil {
		return err
	}
	factory := snapshotinformers.NewSharedInformerFactory(s.snapshots, resync)
	own := factory.Snapshot().V1()
	control := sidecarcontroller.NewCSISnapshotSideCarController(s.snapshots, s.client, one.name,
		own.VolumeSnapshotContents(), own.VolumeSnapshotClasses(), snapshotter.NewSnapshotter(one.connection), nil,
		callLimit, resync, "snapshot", -1, "groupsnapshot", -1,
		true, // names snapshots to the driver: tests choose calls by them
		pauses(), false, nil, nil, pauses())
	factory.Start(ctx.Done())
	if err := allSynced(factory.WaitForCacheSync(ctx.Done())); err != nil {
		return err
	}
	go control.Run(workers, ctx.Done(), nil)
	return nil
}
