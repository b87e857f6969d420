//go:build wasm

// Package export_wellhead_plugin_describe answers the host.
package export_wellhead_plugin_describe

import (
	raw "github.com/wellhead-dev/wellhead/plugins/sdk-go/internal/bindings/wellhead_plugin_describe"
	"github.com/wellhead-dev/wellhead/plugins/sdk-go/internal/registry"
)

// Describe is what the host calls.
func Describe() raw.PluginInfo {
	info := registry.Info
	return raw.PluginInfo{
		Name:         info.Name,
		Version:      info.Version,
		Description:  info.Description,
		ConfigSchema: info.ConfigSchema,
		Writes:       info.Writes,
		Opens:        info.Opens,
		Facts:        info.Facts,
		License:      registry.Given(info.License),
		Homepage:     registry.Given(info.Homepage),
		MinHost:      registry.Given(info.MinHost),
	}
}
