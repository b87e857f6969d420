// Labels the pods with the team that owns them. README.md explains the config.
package main

import (
	_ "embed"

	wellhead "github.com/wellhead-dev/wellhead/plugins/sdk-go"
	"github.com/wellhead-dev/wellhead/plugins/sdk-go/transformer"
)

//go:embed config.schema.json
var schema string

// Config is what an operator configures. The host checks it against config.schema.json.
type Config struct {
	// Team is the name of the team.
	Team string `json:"team"`
}

func init() {
	wellhead.Describe(wellhead.Info{
		Name:         "my-plugin",
		Version:      "0.1.0",
		Description:  "Labels the pods with the team that owns them",
		ConfigSchema: schema,
		Writes:       []string{"podLabels.team"},
	})
	transformer.Register(transform)
}

func transform(pipeline wellhead.Pipeline, config Config) error {
	if config.Team == "" {
		return wellhead.Reject("the team has no name").
			At("config.team").
			Hint("write the name of the team")
	}
	pipeline.Because("each pod names its team")
	return pipeline.SetPodLabel("team", config.Team)
}

// A plugin is a library: the host calls transform, and nobody calls main.
func main() {}
