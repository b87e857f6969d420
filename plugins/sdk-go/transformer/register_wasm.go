package transformer

import (
	wellhead "github.com/wellhead-dev/wellhead/plugins/sdk-go"
	_ "github.com/wellhead-dev/wellhead/plugins/sdk-go/internal/bindings/exports_transform"
	raw "github.com/wellhead-dev/wellhead/plugins/sdk-go/internal/bindings/wellhead_plugin_pipeline"
	"github.com/wellhead-dev/wellhead/plugins/sdk-go/internal/guest"
	"github.com/wellhead-dev/wellhead/plugins/sdk-go/internal/registry"
)

func register[C any](transform func(wellhead.Pipeline, C) error) {
	registry.Transform = func(pipeline *raw.Pipeline, config string) *registry.Rejection {
		return wellhead.Transform(guest.Pipeline(pipeline), config, transform)
	}
}
