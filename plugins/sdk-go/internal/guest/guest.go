//go:build wasm

// Package guest is the pipeline of the host, as a plugin in a component sees it.
package guest

import (
	"fmt"
	"unicode/utf8"

	wellhead "github.com/wellhead-dev/wellhead/plugins/sdk-go"
	raw "github.com/wellhead-dev/wellhead/plugins/sdk-go/internal/bindings/wellhead_plugin_pipeline"
	types "github.com/wellhead-dev/wellhead/plugins/sdk-go/internal/bindings/wellhead_plugin_types"
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
	var failure types.EditFailure
	switch raw.Tag() {
	case types.EditErrorDenied:
		failure = raw.Denied()
	case types.EditErrorConflict:
		failure = raw.Conflict()
	case types.EditErrorInvalid:
		failure = raw.Invalid()
	case types.EditErrorNotFound:
		failure = raw.NotFound()
	case types.EditErrorReadOnly:
		failure = raw.ReadOnly()
	case types.EditErrorOverLimit:
		failure = raw.OverLimit()
	}
	return &wellhead.EditError{
		Kind:    wellhead.ErrorKind(raw.Tag()),
		Path:    failure.Path,
		Message: failure.Message,
		Hint:    pointer(failure.Hint),
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
