//go:build wasm

// Package guest is the pipeline of the host, as a plugin in a component sees it.
package guest

import (
	"fmt"
	"unicode/utf8"

	wellhead "github.com/wellhead-dev/wellhead/plugins/sdk-go"
	raw "github.com/wellhead-dev/wellhead/plugins/sdk-go/internal/bindings/wellhead_plugin_pipeline"
	types "github.com/wellhead-dev/wellhead/plugins/sdk-go/internal/bindings/wellhead_plugin_types"
	"github.com/wellhead-dev/wellhead/plugins/sdk-go/internal/place"
	wit "github.com/wellhead-dev/wellhead/plugins/sdk-go/internal/wit/types"
)

// Pipeline is a borrowed pipeline. Drop it before the call ends.
func Pipeline(borrowed *raw.Pipeline) wellhead.Pipeline {
	return pipeline{borrowed}
}

func edited(result wit.Result[wit.Unit, types.EditError]) error {
	if result.IsOk() {
		return nil
	}
	return editError(result.Err())
}

func editError(raw types.EditError) error {
	return wellhead.FromRaw(raw)
}

func placeToRaw(at wellhead.Place) raw.Place {
	switch at.Kind {
	case place.First:
		return raw.MakePlaceFirst()
	case place.Before:
		return raw.MakePlaceBefore(text("Insert", at.Path))
	case place.After:
		return raw.MakePlaceAfter(text("Insert", at.Path))
	default:
		return raw.MakePlaceLast()
	}
}

func pointer[T any](value wit.Option[T]) *T {
	if value.IsNone() {
		return nil
	}
	some := value.Some()
	return &some
}

func option[T any](value *T) wit.Option[T] {
	if value == nil {
		return wit.None[T]()
	}
	return wit.Some(*value)
}

// text is a value that the contract can carry. Another one would end the call without a word of which it was.
func text(place string, value string) string {
	if !utf8.ValidString(value) {
		panic(fmt.Sprintf("%s got text that is not UTF-8: %q", place, value))
	}
	return value
}

func texts(place string, values []string) []string {
	for _, value := range values {
		text(place, value)
	}
	return values
}

func optionalText(place string, value *string) *string {
	if value != nil {
		text(place, *value)
	}
	return value
}

func entries(list []raw.Entry) map[string]string {
	result := make(map[string]string, len(list))
	for _, entry := range list {
		result[entry.F0] = entry.F1
	}
	return result
}

func each[T, U any](list []T, convert func(T) U) []U {
	result := make([]U, 0, len(list))
	for _, item := range list {
		result = append(result, convert(item))
	}
	return result
}
