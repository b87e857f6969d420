//go:build wasm

// Package export_wellhead_plugin_validate answers the host.
package export_wellhead_plugin_validate

import (
	raw "github.com/wellhead-dev/wellhead/plugins/sdk-go/internal/bindings/wellhead_plugin_pipeline"
	types "github.com/wellhead-dev/wellhead/plugins/sdk-go/internal/bindings/wellhead_plugin_types"
	validate "github.com/wellhead-dev/wellhead/plugins/sdk-go/internal/bindings/wellhead_plugin_validate"
	"github.com/wellhead-dev/wellhead/plugins/sdk-go/internal/registry"
	wit "github.com/wellhead-dev/wellhead/plugins/sdk-go/internal/wit/types"
)

// Validate is what the host calls.
func Validate(target *raw.Pipeline, config string) wit.Result[[]validate.Finding, types.Rejection] {
	defer target.Drop()
	found, refused := registry.Validate(target, config)
	if refused != nil {
		return wit.Err[[]validate.Finding](refused.Raw())
	}
	findings := make([]validate.Finding, 0, len(found))
	for _, finding := range found {
		findings = append(findings, validate.Finding{
			Severity:  finding.Severity,
			Code:      registry.Option(finding.Code),
			Message:   finding.Message,
			Arguments: registry.Entries(finding.Arguments),
			Path:      registry.Option(finding.Path),
			Hint:      registry.Option(finding.Hint),
			Link:      registry.Option(finding.Link),
		})
	}
	return wit.Ok[[]validate.Finding, types.Rejection](findings)
}
