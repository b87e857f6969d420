package sidecars

import (
	"context"
	"errors"
	"fmt"

	"github.com/kubernetes-csi/csi-lib-utils/metrics"
	"github.com/kubernetes-csi/external-resizer/v2/pkg/controller"
	"github.com/kubernetes-csi/external-resizer/v2/pkg/csi"
	"github.com/kubernetes-csi/external-resizer/v2/pkg/modifier"
	"github.com/kubernetes-csi/external-resizer/v2/pkg/modifycontroller"
	"github.com/kubernetes-csi/external-resizer/v2/pkg/resizer"
	"k8s.io/client-go/informers"
)

// resize runs external-resizer, which expands volumes and changes their attributes, for one driver.
func resize(ctx context.Context, s *sidecar) error {
	if len(s.addresses) != 1 {
		return errors.New("want one --csi-address")
	}
	// Its own connection waits for 30 s only. This one waits for ever, and has done so when it returns.
	one, err := connect(ctx, s.addresses[0])
	if err != nil {
		return err
	}
	if err := one.connection.Close(); err != nil {
		return err
	}
	driver, err := csi.New(ctx, s.addresses[0], callLimit, metrics.NewCSIMetricsManagerForSidecar(one.name))
	if err != nil {
		return err
	}
	factory := informers.NewSharedInformerFactory(s.client, resync)
	expand, err := resizer.NewResizerFromClient(driver, callLimit, s.client, one.name)
	if err != nil {
		return fmt.Errorf("expansion: %w", err)
	}
	modify, err := modifier.NewModifierFromClient(driver, callLimit, s.client, factory, false, one.name)
	if err != nil {
		return fmt.Errorf("attributes: %w", err)
	}
	expansion := controller.NewResizeController(expand.Name(), expand, s.client, resync, factory, pauses(), true, longestPause)
	attributes := modifycontroller.NewModifyController(modify.Name(), modify, s.client, resync, longestPause, false, factory, pauses())
	factory.Start(ctx.Done())
	if err := allSynced(factory.WaitForCacheSync(ctx.Done())); err != nil {
		return err
	}
	go expansion.Run(workers, ctx, nil)
	go attributes.Run(workers, ctx, nil)
	return nil
}
