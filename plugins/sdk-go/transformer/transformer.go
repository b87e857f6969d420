// Package transformer makes a plugin one that edits the pipeline.
package transformer

import wellhead "github.com/wellhead-dev/wellhead/plugins/sdk-go"

// Register makes a function the plugin's transformer. Call it once, in an init function.
//
// The config is decoded as [encoding/json] does it; fields that C does not have are refused. The same
// pipeline and config must always give the same edits. The host keeps either all of them or, after an
// error, none.
func Register[C any](transform func(pipeline wellhead.Pipeline, config C) error) {
	register(transform)
}
