// Command csi is the CSI parts of the control plane: drivers, sidecars, and what does the work of copy Jobs.
//
// It is a program of its own because the sidecars and k8s.io/kubernetes register the same feature gates with
// different specifications, which no process survives.
package main

import (
	"fmt"
	"os"

	"wellhead.dev/controlplane/csi/copier"
	"wellhead.dev/controlplane/csi/folders"
	"wellhead.dev/controlplane/csi/sidecars"
)

func main() {
	if len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, "usage: csi PART [flags]")
		os.Exit(1)
	}
	os.Exit(run(os.Args[1], os.Args[2:]))
}

func run(name string, args []string) int {
	switch name {
	case "csi-driver":
		return folders.Run(name, args, func(address string) error {
			return sidecars.ServeHealth(address, func() bool { return true })
		})
	case "copier":
		return copier.Run(name, args)
	default:
		return sidecars.Run(name, args)
	}
}
