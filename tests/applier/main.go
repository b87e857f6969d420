// Command applier applies folders of manifests as Flux does: with the apply library of its
// kustomize-controller, that controller's options, and pruning by an inventory.
//

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/fluxcd/cli-utils/pkg/kstatus/polling"
	"github.com/fluxcd/pkg/ssa"
	"github.com/fluxcd/pkg/ssa/utils"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/apiutil"
)

// The group of Flux's Kustomization, under which its annotations and labels stand.
const group = "kustomize.toolkit.fluxcd.io"

// Longest time that one run may take.
const limit = 2 * time.Minute

// A kustomization is what kustomize-controller knows of one object of that kind.
type kustomization struct {
	name, namespace string
	// File that stands for the inventory in the object's status.
	inventory string
	// Folder of manifests; empty where the Kustomization is deleted.
	folder string
	prune  bool
}

func main() {
	var it kustomization
	kubeconfig := flag.String("kubeconfig", "", "kubeconfig of the cluster")
	flag.StringVar(&it.name, "name", "", "name of the Kustomization")
	flag.StringVar(&it.namespace, "namespace", "", "namespace of the Kustomization")
	flag.StringVar(&it.inventory, "inventory", "", "file that keeps what was applied")
	flag.StringVar(&it.folder, "folder", "", "manifests; left out: the Kustomization is deleted")
	flag.BoolVar(&it.prune, "prune", true, "delete what left the folder")
	flag.Parse()
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	if err := run(ctx, *kubeconfig, it); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, kubeconfig string, it kustomization) error {
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		return err
	}
	manager, err := newManager(config)
	if err != nil {
		return err
	}
	objects, err := read(it.folder)
	if err != nil {
		return err
	}
	before, err := readInventory(it.inventory)
	if err != nil {
		return err
	}
	if len(objects) > 0 {
		if err := apply(ctx, manager, it, objects); err != nil {
			return err
		}
	}
	if it.prune {
		if err := prune(ctx, manager, it, missing(before, objects)); err != nil {
			return err
		}
	}
	return writeInventory(it.inventory, objects)
}

func newManager(config *rest.Config) (*ssa.ResourceManager, error) {
	http, err := rest.HTTPClientFor(config)
	if err != nil {
		return nil, err
	}
	mapper, err := apiutil.NewDynamicRESTMapper(config, http)
	if err != nil {
		return nil, err
	}
	kube, err := client.New(config, client.Options{Mapper: mapper})
	if err != nil {
		return nil, err
	}
	poller := polling.NewStatusPoller(kube, mapper, polling.Options{})
	owner := ssa.Owner{Field: "kustomize-controller", Group: group}
	return ssa.NewResourceManager(kube, poller, owner), nil
}

// Options of kustomize-controller's `apply`.
func apply(ctx context.Context, manager *ssa.ResourceManager, it kustomization, objects []*unstructured.Unstructured) error {
	manager.SetOwnerLabels(objects, it.name, it.namespace)
	options := ssa.DefaultApplyOptions()
	options.ForceSelector = map[string]string{group + "/force": "enabled"}
	options.ExclusionSelector = map[string]string{group + "/reconcile": "disabled", group + "/ssa": "Ignore"}
	options.IfNotPresentSelector = map[string]string{group + "/ssa": "IfNotPresent"}
	changes, err := manager.ApplyAll(ctx, objects, options)
	report(changes)
	return err
}

// Options of kustomize-controller's `prune`, which its finalizer uses, too.
func prune(ctx context.Context, manager *ssa.ResourceManager, it kustomization, stale []*unstructured.Unstructured) error {
	changes, err := manager.DeleteAll(ctx, stale, ssa.DeleteOptions{
		PropagationPolicy: metav1.DeletePropagationBackground,
		Inclusions:        manager.GetOwnerLabels(it.name, it.namespace),
		Exclusions:        map[string]string{group + "/prune": "disabled", group + "/reconcile": "disabled"},
	})
	report(changes)
	return err
}

func report(changes *ssa.ChangeSet) {
	if changes != nil {
		for _, change := range changes.Entries {
			fmt.Println(change.String())
		}
	}
}

// Every object of the folder, however deep, as kustomize-controller's generated kustomization has it.
func read(folder string) ([]*unstructured.Unstructured, error) {
	var objects []*unstructured.Unstructured
	if folder == "" {
		return nil, nil
	}
	err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || filepath.Ext(path) != ".yaml" {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		found, err := utils.ReadObjects(bytes.NewReader(text))
		objects = append(objects, found...)
		return err
	})
	return objects, err
}

// What was applied before and is not among the objects now.
func missing(before, now []*unstructured.Unstructured) []*unstructured.Unstructured {
	present := map[string]bool{}
	for _, object := range now {
		present[utils.FmtUnstructured(object)] = true
	}
	var stale []*unstructured.Unstructured
	for _, object := range before {
		if !present[utils.FmtUnstructured(object)] {
			stale = append(stale, object)
		}
	}
	return stale
}

func readInventory(path string) ([]*unstructured.Unstructured, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var objects []*unstructured.Unstructured
	return objects, json.Unmarshal(text, &objects)
}

func writeInventory(path string, objects []*unstructured.Unstructured) error {
	known := []*unstructured.Unstructured{}
	for _, object := range objects {
		one := &unstructured.Unstructured{}
		one.SetGroupVersionKind(object.GroupVersionKind())
		one.SetNamespace(object.GetNamespace())
		one.SetName(object.GetName())
		known = append(known, one)
	}
	text, err := json.Marshal(known)
	if err != nil {
		return err
	}
	return os.WriteFile(path, text, 0o644)
}
