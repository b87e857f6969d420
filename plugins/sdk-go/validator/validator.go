// Package validator makes a plugin one that judges the pipeline. It runs after all transformers.
package validator

import wellhead "github.com/wellhead-dev/wellhead/plugins/sdk-go"

// Register makes a function the plugin's validator. Call it once, in an init function.
//
// It returns all that is wrong with the pipeline, not the first. An error says that the plugin cannot
// judge, e.g. because its config contradicts itself. The config is decoded as [encoding/json] does
// it; fields that C does not have are refused. Each edit fails with [wellhead.ReadOnly].
func Register[C any](validate func(pipeline wellhead.Pipeline, config C) ([]wellhead.Finding, error)) {
	register(validate)
}
