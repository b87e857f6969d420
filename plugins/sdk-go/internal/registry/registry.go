// Package registry holds what a plugin registered until the host calls for it.
package registry

// PluginInfo is what the plugin says about itself.
type PluginInfo struct {
	Name         string
	Version      string
	Description  string
	ConfigSchema string
	Writes       []string
	Opens        []string
	Facts        []string
	License      string
	Homepage     string
	MinHost      string
}

// Rejection is why the plugin refuses.
type Rejection struct {
	Code      *string
	Message   string
	Arguments [][2]string
	Path      *string
	Hint      *string
	Link      *string
}

// Finding is something that the plugin noticed.
type Finding struct {
	Severity uint8
	Rejection
}

// Info describes the plugin.
var Info PluginInfo
