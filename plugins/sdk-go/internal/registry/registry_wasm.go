package registry

import (
	raw "github.com/wellhead-dev/wellhead/plugins/sdk-go/internal/bindings/wellhead_plugin_pipeline"
	types "github.com/wellhead-dev/wellhead/plugins/sdk-go/internal/bindings/wellhead_plugin_types"
	wit "github.com/wellhead-dev/wellhead/plugins/sdk-go/internal/wit/types"
)

// Transform is the plugin's transformer.
var Transform func(pipeline *raw.Pipeline, config string) *Rejection

// Validate is the plugin's validator.
var Validate func(pipeline *raw.Pipeline, config string) ([]Finding, *Rejection)

// Raw is the form in which the rejection crosses to the host.
func (r *Rejection) Raw() types.Rejection {
	return types.Rejection{Message: r.Message, Path: Option(r.Path), Hint: Option(r.Hint)}
}

// Option is a pointer in the form in which it crosses to the host.
func Option(value *string) wit.Option[string] {
	if value == nil {
		return wit.None[string]()
	}
	return wit.Some(*value)
}
