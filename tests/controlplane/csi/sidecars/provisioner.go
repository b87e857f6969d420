package sidecars

import (
	"context"
	"time"

	provisioner "github.com/kubernetes-csi/external-provisioner/v6/pkg/controller"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/util/workqueue"
	csitrans "k8s.io/csi-translation-lib"
	"sigs.k8s.io/sig-storage-lib-external-provisioner/v13/controller"
)

// provision runs external-provisioner for each driver.
func provision(ctx context.Context, s *sidecar) error {
	for _, address := range s.addresses {
		one, err := connect(ctx, address)
		if err != nil {
			return err
		}
		if err := s.provisionFor(ctx, one); err != nil {
			return err
		}
	}
	return nil
}

func (s *sidecar) provisionFor(ctx context.Context, one *driver) error {
	factory := informers.NewSharedInformerFactory(s.client, provisioner.ResyncPeriodOfCsiNodeInformer)
	claims := factory.Core().V1().PersistentVolumeClaims()
	classes := factory.Storage().V1().StorageClasses()
	// Asking for them makes the factory start them.
	claimInformer, _ := claims.Informer(), classes.Informer()
	plugin := provisioner.NewCSIProvisioner(
		s.client, callLimit, "controlplane-"+one.name, "pvc", -1, one.connection, s.snapshots, one.name,
		one.plugin, one.controllers, "", false, true, csitrans.New(), classes.Lister(), nil, nil, claims.Lister(), nil, nil,
		true, // names claims to the driver: tests choose calls by them
		"", nil, false, true, nil)
	control := controller.NewProvisionController(ctx, s.client, one.name, plugin,
		controller.LeaderElection(false),
		controller.FailedProvisionThreshold(0), controller.FailedDeleteThreshold(0),
		controller.RateLimiter(pauses()), controller.CreateProvisionedPVLimiter(pauses()),
		controller.RetryIntervalMax(longestPause),
		controller.Threadiness(workers),
		controller.ClaimsInformer(claimInformer),
		controller.AddFinalizer(true),
	)
	queue := workqueue.NewTypedRateLimitingQueueWithConfig(pauses(), workqueue.TypedRateLimitingQueueConfig[string]{Name: "claims"})
	cloning := provisioner.NewCloningProtectionController(s.client, claims.Lister(), claimInformer, queue, one.controllers)
	restoring := provisioner.NewSnapshotFinalizerController(s.snapshots, claims.Lister(), one.controllers, 5*time.Second)
	factory.Start(ctx.Done())
	if err := allSynced(factory.WaitForCacheSync(ctx.Done())); err != nil {
		return err
	}
	if cloning != nil {
		go cloning.Run(ctx, 1, nil)
	}
	if restoring != nil {
		go restoring.Run(ctx, nil)
	}
	go control.Run(ctx)
	return nil
}
