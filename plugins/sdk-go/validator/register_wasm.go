package validator

import (
	wellhead "github.com/wellhead-dev/wellhead/plugins/sdk-go"
	_ "github.com/wellhead-dev/wellhead/plugins/sdk-go/internal/bindings/exports_validate"
	raw "github.com/wellhead-dev/wellhead/plugins/sdk-go/internal/bindings/wellhead_plugin_pipeline"
	"github.com/wellhead-dev/wellhead/plugins/sdk-go/internal/guest"
	"github.com/wellhead-dev/wellhead/plugins/sdk-go/internal/registry"
)

func register[C any](validate func(wellhead.Pipeline, C) ([]wellhead.Finding, error)) {
	registry.Validate = func(pipeline *raw.Pipeline, config string) ([]registry.Finding, *registry.Rejection) {
		return wellhead.Validate(guest.Pipeline(pipeline), config, validate)
	}
}
