// The example of examples/languages in Go. The README.md there says what it does.
package main

import (
	_ "embed"
	"slices"
	"strings"

	wellhead "github.com/wellhead-dev/wellhead/plugins/sdk-go"
	"github.com/wellhead-dev/wellhead/plugins/sdk-go/transformer"
	"github.com/wellhead-dev/wellhead/plugins/sdk-go/validator"
)

//go:embed config.schema.json
var schema string

func init() {
	wellhead.Describe(wellhead.Info{
		Name:         "platform-defaults",
		Version:      "1.0.0",
		Description:  "Mirrors images, and sets storage classes, replicas, labels and a contact",
		ConfigSchema: schema,
		Writes: []string{
			"containers.*.image",
			"initContainers.*.image",
			"claims.*.storageClass",
			"replicas",
			"labels.*",
			"podLabels.*",
			"annotations.contact",
		},
		Facts:    []string{"storageClasses"},
		License:  "Apache-2.0",
		Homepage: "https://platform.example.com",
		MinHost:  "0.1.0",
	})
	transformer.Register(transform)
	validator.Register(validate)
}

func main() {}

func transform(pipeline wellhead.Pipeline, config Config) error {
	if err := refuseUnknownClaims(pipeline, config); err != nil {
		return err
	}
	if err := refuseUncoveredClaims(pipeline, config); err != nil {
		return err
	}
	if err := refuseUnknownEnvironment(pipeline, config); err != nil {
		return err
	}
	for _, edit := range []func(wellhead.Pipeline, Config) error{
		mirrorImages, setStorageClasses, setReplicas, setLabels, setContact, makeEdits,
	} {
		if err := edit(pipeline, config); err != nil {
			return err
		}
	}
	wellhead.Log("done")
	return nil
}

// refuseUnknownClaims refuses names of claims that are not there: most often one is misspelt, and its
// claim would get another class without anybody noticing.
func refuseUnknownClaims(pipeline wellhead.Pipeline, config Config) error {
	claims := pipeline.ClaimNames()
	unknown := slices.DeleteFunc(wellhead.SortedKeys(config.StorageClasses), func(name string) bool {
		return slices.Contains(claims, name)
	})
	if len(unknown) == 0 {
		return nil
	}
	hint := "remove the names: the pipeline has no claims"
	if len(claims) > 0 {
		hint = "write one of " + list(claims)
	}
	return wellhead.Rejectf("the config names claims that the pipeline does not have: %s", list(unknown)).
		Code("unknown-claims").
		Argument("claims", list(unknown)).
		At("config.storageClasses").
		Hint(hint)
}

// refuseUncoveredClaims refuses claims whose class nobody decided.
func refuseUncoveredClaims(pipeline wellhead.Pipeline, config Config) error {
	if config.StorageClasses == nil || config.DefaultStorageClass.Present {
		return nil
	}
	uncovered := slices.DeleteFunc(pipeline.ClaimNames(), func(name string) bool {
		_, named := config.StorageClasses[name]
		return named
	})
	if len(uncovered) == 0 {
		return nil
	}
	return wellhead.Rejectf("no storage class is set for these claims: %s", list(uncovered)).
		Code("uncovered-claims").
		Argument("claims", list(uncovered)).
		At("claims." + uncovered[0]).
		Hint("add them to `storageClasses`, or set `defaultStorageClass`")
}

func refuseUnknownEnvironment(pipeline wellhead.Pipeline, config Config) error {
	if config.Replicas == nil {
		return nil
	}
	known := list(wellhead.SortedKeys(config.Replicas))
	environment, labelled := pipeline.Labels()["environment"]
	if !labelled {
		return wellhead.Reject("the pipeline does not say its environment").
			Code("no-environment").
			At("labels.environment").
			Hint("add the label `environment`: one of " + known)
	}
	if _, found := config.Replicas[environment]; !found {
		return wellhead.Rejectf("no replicas are set for the environment `%s`", environment).
			Code("unknown-environment").
			Argument("environment", environment).
			At("config.replicas").
			Hint("add it, or change the label to one of " + known)
	}
	return nil
}

func mirrorImages(pipeline wellhead.Pipeline, config Config) error {
	if len(config.Mirrors) == 0 {
		return nil
	}
	for _, container := range wellhead.AllContainers(pipeline) {
		image := container.Image()
		prefix, at, covered := mirrored(image, config.Mirrors)
		if !covered {
			wellhead.Warn("no mirror covers `%s` of container `%s`", image, container.Name())
			continue
		}
		pipeline.Because("images of `" + prefix + "` come from a mirror")
		if err := container.SetImage(at); err != nil {
			return err
		}
	}
	return nil
}

func setStorageClasses(pipeline wellhead.Pipeline, config Config) error {
	for _, claim := range wellhead.Claims(pipeline) {
		class, named := config.StorageClasses[claim.Name()]
		switch {
		case named:
			pipeline.Because("`storageClasses` names the claim `" + claim.Name() + "`")
		case config.DefaultStorageClass.Present:
			pipeline.Because("the default storage class")
			class = config.DefaultStorageClass.Value
		default:
			continue
		}
		if err := claim.SetStorageClass(class); err != nil {
			return err
		}
	}
	return nil
}

func setReplicas(pipeline wellhead.Pipeline, config Config) error {
	if config.Replicas == nil {
		return nil
	}
	environment := pipeline.Labels()["environment"]
	pipeline.Because("the environment is `" + environment + "`")
	return pipeline.SetReplicas(int32(config.Replicas[environment]))
}

func setLabels(pipeline wellhead.Pipeline, config Config) error {
	pipeline.Because("labels of the platform")
	for _, key := range wellhead.SortedKeys(config.Labels) {
		if err := setLabel(pipeline, key, config.Labels[key]); err != nil {
			return err
		}
	}
	return nil
}

// setLabel sets a label of the pipeline and of its pods, or removes it.
func setLabel(pipeline wellhead.Pipeline, key string, value *string) error {
	if value == nil {
		if err := pipeline.RemoveLabel(key); err != nil {
			return err
		}
		return pipeline.RemovePodLabel(key)
	}
	if err := pipeline.SetLabel(key, *value); err != nil {
		return err
	}
	return pipeline.SetPodLabel(key, *value)
}

func setContact(pipeline wellhead.Pipeline, config Config) error {
	if config.Contact == nil {
		return nil
	}
	pipeline.Because("questions go to " + *config.Contact)
	return pipeline.SetAnnotation("contact", *config.Contact)
}

// list is names in backticks.
func list(names []string) string {
	return "`" + strings.Join(names, "`, `") + "`"
}
