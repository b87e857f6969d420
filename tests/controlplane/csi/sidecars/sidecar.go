// Package sidecars runs the controllers of external-provisioner, external-resizer and external-snapshotter.
//
// Their own main functions link k8s.io/apiserver/pkg/server for signals and leader election, which takes a
// thousand packages; these call the constructors of their packages, with the defaults of their flags where
// a comment does not say why not.
package sidecars

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"os"
	"sync/atomic"
	"time"

	"github.com/kubernetes-csi/csi-lib-utils/connection"
	"github.com/kubernetes-csi/csi-lib-utils/metrics"
	"github.com/kubernetes-csi/csi-lib-utils/rpc"
	snapshots "github.com/kubernetes-csi/external-snapshotter/client/v8/clientset/versioned"
	"google.golang.org/grpc"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/util/workqueue"
	"k8s.io/klog/v2"
)

const (
	// callLimit is how long a driver may take for a call; upstream's is the same for all but the snapshotter.
	callLimit = 10 * time.Second
	// Upstream's longest pause between two attempts is 5 minutes: a test cannot wait for it.
	firstPause, longestPause = 500 * time.Millisecond, 5 * time.Second
	resync                   = 30 * time.Second
	workers                  = 10
)

// sidecar is what all of them have.
type sidecar struct {
	client    kubernetes.Interface
	snapshots snapshots.Interface
	addresses []string // sockets of drivers
}

// program starts a sidecar's controllers and returns when they follow the cluster.
type program func(context.Context, *sidecar) error

// programs by the name of their part.
var programs = map[string]program{
	"csi-provisioner":     provision,
	"csi-resizer":         resize,
	"csi-snapshotter":     snapshot,
	"snapshot-controller": controlSnapshots,
}

// Run is the main function of a sidecar; it returns the exit code.
func Run(name string, args []string) int {
	start, ok := programs[name]
	if !ok {
		fmt.Fprintf(os.Stderr, "no part is called %q\n", name)
		return 1
	}
	flags := flag.NewFlagSet(name, flag.ExitOnError)
	klog.InitFlags(flags)
	kubeconfig := flags.String("kubeconfig", "", "how to reach the API server")
	health := flags.String("health", "", "`ADDRESS` that answers GET /healthz once everything runs")
	one := &sidecar{}
	flags.Func("csi-address", "absolute path of a driver's socket; may be repeated", func(path string) error {
		one.addresses = append(one.addresses, path)
		return nil
	})
	_ = flags.Parse(args) // ends the process itself
	if err := one.run(start, *kubeconfig, *health); err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", name, err)
		return 1
	}
	return 0
}

func (s *sidecar) run(start program, kubeconfig, health string) error {
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		return err
	}
	// The default of 5 requests per second makes parallel tests wait.
	config.QPS, config.Burst = 200, 400
	if s.client, err = kubernetes.NewForConfig(config); err != nil {
		return err
	}
	if s.snapshots, err = snapshots.NewForConfig(config); err != nil {
		return err
	}
	serves := &atomic.Bool{}
	ended := make(chan error, 1)
	go func() { ended <- ServeHealth(health, serves.Load) }()
	if err := start(context.Background(), s); err != nil {
		return err
	}
	serves.Store(true)
	return <-ended
}

// ServeHealth answers GET /healthz; it returns only with an error.
func ServeHealth(address string, serves func() bool) error {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(answer http.ResponseWriter, _ *http.Request) {
		if !serves() {
			http.Error(answer, "starting", http.StatusServiceUnavailable)
		}
	})
	return http.ListenAndServe(address, mux)
}

// pauses is how long after a failure an object is tried again.
func pauses() workqueue.TypedRateLimiter[string] {
	return workqueue.NewTypedItemExponentialFailureRateLimiter[string](firstPause, longestPause)
}

// driver is one that answers.
type driver struct {
	connection  *grpc.ClientConn
	name        string
	plugin      rpc.PluginCapabilitySet
	controllers rpc.ControllerCapabilitySet
}

// connect waits until a driver answers. When its connection is lost, the process ends, as upstream's do, and
// is started again.
func connect(ctx context.Context, address string) (*driver, error) {
	connection, err := connection.Connect(ctx, address, metrics.NewCSIMetricsManagerForSidecar(""),
		connection.WithTimeout(0), connection.OnConnectionLoss(exit))
	if err != nil {
		return nil, err
	}
	if err := rpc.ProbeForever(ctx, connection, callLimit); err != nil {
		return nil, err
	}
	one := &driver{connection: connection}
	ctx, cancel := context.WithTimeout(ctx, callLimit)
	defer cancel()
	if one.name, err = rpc.GetDriverName(ctx, connection); err != nil {
		return nil, err
	}
	if one.plugin, err = rpc.GetPluginCapabilities(ctx, connection); err != nil {
		return nil, err
	}
	one.controllers, err = rpc.GetControllerCapabilities(ctx, connection)
	return one, err
}

// exit is connection.ExitOnConnectionLoss without its file in /dev.
func exit(context.Context) bool {
	fmt.Fprintln(os.Stderr, "lost connection to the CSI driver, exiting")
	os.Exit(1)
	return false
}

var errNotSynced = errors.New("the caches do not fill")

// allSynced turns the answer of an informer factory into an error.
func allSynced[T comparable](synced map[T]bool) error {
	for kind, one := range synced {
		if !one {
			return fmt.Errorf("%w: %v", errNotSynced, kind)
		}
	}
	return nil
}
