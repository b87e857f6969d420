package main

import (
	"fmt"

	wellhead "github.com/wellhead-dev/wellhead/plugins/sdk-go"
)

func validate(pipeline wellhead.Pipeline, config Config) ([]wellhead.Finding, error) {
	if config.MostReplicas == nil {
		return nil, nil
	}
	var findings []wellhead.Finding
	if replicas, most := pipeline.Replicas(), int32(*config.MostReplicas); replicas > most {
		findings = append(findings, wellhead.NewError(fmt.Sprintf("%d replicas are more than %d", replicas, most)).
			WithCode("too-many-replicas").
			WithArgument("replicas", fmt.Sprint(replicas)).
			WithArgument("most", fmt.Sprint(most)).
			At("replicas").
			WithHint("lower the number, or ask the platform team for more").
			WithLink("https://platform.example.com/replicas"))
	}
	name, err := wellhead.SetBy("replicas")
	if err != nil || name == nil {
		return findings, err
	}
	number, found, err := wellhead.Base[int32]("replicas")
	base := "none"
	if found {
		base = fmt.Sprint(number)
	}
	return append(findings, wellhead.NewWarning(fmt.Sprintf("`%s` set the replicas; the base has %s", *name, base)).
		WithCode("replicas-changed").
		WithArgument("by", *name).
		WithArgument("base", base).
		At("replicas")), err
}
