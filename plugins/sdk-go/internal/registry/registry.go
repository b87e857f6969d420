// Package registry holds what a plugin registered until the host calls for it.
package registry

// PluginInfo is what the plugin says about itself.
type PluginInfo struct {
	Name         string
	Version      string
	Description  string
	ConfigSchema string
	Writes       []string
}

// Rejection is why the plugin refuses.
type Rejection struct {
	Message string
	Path    *string
	Hint    *string
}

// Finding is something that the plugin noticed.
type Finding struct {
	Severity uint8
	Message  string
	Path     *string
	Hint     *string
}

// Info describes the plugin.
var Info PluginInfo
