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
	return types.Rejection{
		Code:      Option(r.Code),
		Message:   r.Message,
		Arguments: Entries(r.Arguments),
		Path:      Option(r.Path),
		Hint:      Option(r.Hint),
		Link:      Option(r.Link),
	}
}

// Entries are pairs in the form in which they cross to the host.
func Entries(pairs [][2]string) []types.Entry {
	entries := make([]types.Entry, 0, len(pairs))
	for _, pair := range pairs {
		entries = append(entries, types.Entry{F0: pair[0], F1: pair[1]})
	}
	return entries
}

// Given is a text that is left out where it is empty.
func Given(text string) wit.Option[string] {
	if text == "" {
		return wit.None[string]()
	}
	return wit.Some(text)
}

// Option is a pointer in the form in which it crosses to the host.
func Option(value *string) wit.Option[string] {
	if value == nil {
		return wit.None[string]()
	}
	return wit.Some(*value)
}
