// Command controlplane is a real Kubernetes control plane in one binary, for tests and demos.
//
// Each part (etcd, kube-apiserver, kube-controller-manager, kube-scheduler, kwok) is the upstream
// program, linked as a subcommand and run in a process of its own, so that each can be killed,
// stopped and started again. `controlplane supervise` runs them all.
package main

import (
	"fmt"
	"os"
)

func main() {
	if len(os.Args) < 2 {
		fail(fmt.Errorf("usage: controlplane supervise --dir DIR | controlplane PART [flags]"))
	}
	name, args := os.Args[1], os.Args[2:]
	if name == "supervise" {
		if err := runSupervise(args); err != nil {
			fail(err)
		}
		return
	}
	run, ok := components[name]
	if !ok {
		fail(fmt.Errorf("unknown subcommand %q: want supervise, %s", name, componentNames()))
	}
	// The linked programs read os.Args themselves.
	os.Args = append([]string{name}, args...)
	os.Exit(run())
}

func fail(err error) {
	fmt.Fprintf(os.Stderr, "controlplane: %v\n", err)
	os.Exit(1)
}
