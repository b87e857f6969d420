//go:build wasm

// Package export_wellhead_plugin_describe answers the host.
package export_wellhead_plugin_describe

import (
	raw "github.com/wellhead-dev/wellhead/plugins/sdk-go/internal/bindings/wellhead_plugin_describe"
	"github.com/wellhead-dev/wellhead/plugins/sdk-go/internal/registry"
)

// Describe is what the host calls.
func Describe() raw.PluginInfo {
	return raw.PluginInfo(registry.Info)
}
