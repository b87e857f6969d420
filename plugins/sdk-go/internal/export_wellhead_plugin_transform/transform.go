//go:build wasm

// Package export_wellhead_plugin_transform answers the host.
package export_wellhead_plugin_transform

import (
	raw "github.com/wellhead-dev/wellhead/plugins/sdk-go/internal/bindings/wellhead_plugin_pipeline"
	types "github.com/wellhead-dev/wellhead/plugins/sdk-go/internal/bindings/wellhead_plugin_types"
	"github.com/wellhead-dev/wellhead/plugins/sdk-go/internal/registry"
	wit "github.com/wellhead-dev/wellhead/plugins/sdk-go/internal/wit/types"
)

// Transform is what the host calls.
func Transform(target *raw.Pipeline, config string) wit.Result[wit.Unit, types.Rejection] {
	defer target.Drop()
	if refused := registry.Transform(target, config); refused != nil {
		return wit.Err[wit.Unit](refused.Raw())
	}
	return wit.Ok[wit.Unit, types.Rejection](wit.Unit{})
}
