package main

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/spf13/pflag"
	"go.etcd.io/etcd/server/v3/etcdmain"
	"k8s.io/component-base/cli"
	_ "k8s.io/component-base/metrics/prometheus/clientgo" // registers the metrics of API clients
	_ "k8s.io/component-base/metrics/prometheus/version"  // registers the version metric
	apiserver "k8s.io/kubernetes/cmd/kube-apiserver/app"
	controllermanager "k8s.io/kubernetes/cmd/kube-controller-manager/app"
	scheduler "k8s.io/kubernetes/cmd/kube-scheduler/app"
	kwokconfig "sigs.k8s.io/kwok/pkg/config"
	kwok "sigs.k8s.io/kwok/pkg/kwok/cmd"
	kwoklog "sigs.k8s.io/kwok/pkg/log"
	"sigs.k8s.io/kwok/pkg/utils/signals"
)

// components maps a subcommand to the upstream program's entry point, which returns the exit code.
var components = map[string]func() int{
	partEtcd:              runEtcd,
	partAPIServer:         func() int { return cli.Run(apiserver.NewAPIServerCommand()) },
	partControllerManager: func() int { return cli.Run(controllermanager.NewControllerManagerCommand()) },
	partScheduler:         func() int { return cli.Run(scheduler.NewSchedulerCommand()) },
	partKwok:              runKwok,
}

func componentNames() string {
	return strings.Join(slices.Sorted(maps.Keys(components)), ", ")
}

func runEtcd() int {
	etcdmain.Main(os.Args)
	return 0
}

// runKwok follows kwok's own main function.
func runKwok() int {
	// component-base, linked for the other parts, has put a --version flag here that clashes with kwok's.
	pflag.CommandLine = pflag.NewFlagSet(os.Args[0], pflag.ExitOnError)

	flags := pflag.NewFlagSet("global", pflag.ContinueOnError)
	flags.ParseErrorsAllowlist.UnknownFlags = true
	flags.Usage = func() {}

	ctx, _ := kwoklog.InitFlags(signals.SetupSignalContext(), flags)
	ctx, err := kwokconfig.InitFlags(ctx, flags)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	command := kwok.NewCommand(ctx)
	command.PersistentFlags().AddFlagSet(flags)
	if err := command.ExecuteContext(ctx); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}
