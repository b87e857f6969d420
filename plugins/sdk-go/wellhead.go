// Package wellhead lets plugins for Wellhead be written in Go.
//
// A plugin is a WebAssembly component that edits a pipeline, the spec of a stateful workload, before
// the host turns it into Kubernetes objects. A transformer edits and a validator judges:
//
//	package main
//
//	import (
//		_ "embed"
//
//		wellhead "github.com/wellhead-dev/wellhead/plugins/sdk-go"
//		"github.com/wellhead-dev/wellhead/plugins/sdk-go/transformer"
//	)
//
//	//go:embed config.schema.json
//	var schema string
//
//	type Config struct {
//		Team string `json:"team"`
//	}
//
//	func init() {
//		wellhead.Describe(wellhead.Info{
//			Name:         "team-label",
//			Version:      "0.1.0",
//			Description:  "Labels the pods with the team that owns them",
//			ConfigSchema: schema,
//			Writes:       []string{"podLabels.team"},
//		})
//		transformer.Register(transform)
//	}
//
//	func transform(pipeline wellhead.Pipeline, config Config) error {
//		if config.Team == "" {
//			return wellhead.Reject("the team has no name").At("config.team").Hint("write its name")
//		}
//		pipeline.Because("each pod names its team")
//		return pipeline.SetPodLabel("team", config.Team)
//	}
//
//	func main() {}
//
// # Reading and editing
//
// [Pipeline] belongs to the host. Each getter reads it as the plugins before this one left it, and
// each setter is one edit, which the host checks and records. A pointer is nil where the field is not
// set; a setter that takes one removes the field when it is nil. Nothing has to be closed or dropped.
//
// # Errors
//
// A function that returns an error rejects the pipeline, and nothing that it edited is kept. An edit
// that the host refuses is an [*EditError]: returned as it is, or wrapped, it becomes a rejection with
// the host's own words, path and hint. [Reject] makes a rejection with a path and a hint of the
// plugin's own; any other error becomes its text. A panic becomes a rejection with its message and
// line.
//
// # What a plugin must not expect
//
// There is no clock, no file, no network and no randomness, and each call starts afresh: nothing in
// memory survives it. The same pipeline and config always give the same edits, as long as they do
// not depend on the order in which Go walks over a map, which is why [SortedKeys] is here.
package wellhead

import (
	"cmp"
	"maps"
	"slices"

	"github.com/wellhead-dev/wellhead/plugins/sdk-go/internal/registry"
)

// Info is what a plugin says about itself to the person who is about to use it.
type Info struct {
	// Name is the plugin's name, e.g. `storage-class`.
	Name string
	// Version is the plugin's version, as semantic versioning has it.
	Version string
	// Description says what the plugin does, in one sentence.
	Description string
	// ConfigSchema is the JSON Schema (draft 2020-12) of the config. The host checks the config
	// against it before the plugin runs.
	ConfigSchema string
	// Writes are patterns of the fields that the plugin writes, e.g. `containers.*.image`, or
	// `tolerations[+]` for items that it adds. The plugin asks; the operator grants.
	Writes []string
	// Opens are patterns of the protected fields that it writes, e.g. `serviceAccountName`. The plugin
	// asks; the operator opens.
	Opens []string
	// Facts are the names of the facts that it reads, e.g. `storageClasses`; see [Fact]. The plugin
	// asks; the operator grants.
	Facts []string
	// License is the licence, as an SPDX expression, e.g. `Apache-2.0`.
	License string
	// Homepage is the page of the plugin, an `https` URL.
	Homepage string
	// MinHost is the oldest version of Wellhead that it works with, e.g. `0.2.0`.
	MinHost string
}

// Describe says what the plugin is. Call it once, in an init function.
func Describe(info Info) {
	registry.Info = registry.PluginInfo(info)
}

// SortedKeys returns the keys of a map in their order, so that what is done for each of them is done
// in the same order every time.
func SortedKeys[K cmp.Ordered, V any](values map[K]V) []K {
	return slices.Sorted(maps.Keys(values))
}

// AllContainers returns the main container, the sidecars, and then the init containers.
func AllContainers(pipeline Pipeline) []Container {
	var all []Container
	for _, name := range pipeline.ContainerNames() {
		if container, found := pipeline.Container(name); found {
			all = append(all, container)
		}
	}
	for _, name := range pipeline.InitContainerNames() {
		if container, found := pipeline.InitContainer(name); found {
			all = append(all, container)
		}
	}
	return all
}

// Claims returns all claims.
func Claims(pipeline Pipeline) []Claim {
	var all []Claim
	for _, name := range pipeline.ClaimNames() {
		if claim, found := pipeline.Claim(name); found {
			all = append(all, claim)
		}
	}
	return all
}
