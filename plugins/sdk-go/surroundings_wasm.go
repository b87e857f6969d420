package wellhead

import (
	rawcontext "github.com/wellhead-dev/wellhead/plugins/sdk-go/internal/bindings/wellhead_plugin_context"
	rawfacts "github.com/wellhead-dev/wellhead/plugins/sdk-go/internal/bindings/wellhead_plugin_facts"
	types "github.com/wellhead-dev/wellhead/plugins/sdk-go/internal/bindings/wellhead_plugin_types"
	wit "github.com/wellhead-dev/wellhead/plugins/sdk-go/internal/wit/types"
)

func fact(name string) (*string, error) {
	return answered(rawfacts.Get(valid(name)))
}

func base(path string) (*string, error) {
	return answered(rawcontext.Base(valid(path)))
}

func setBy(path string) (*string, error) {
	return answered(rawcontext.SetBy(valid(path)))
}

func live(path string) (*string, error) {
	return answered(rawcontext.Live(valid(path)))
}

func knowsLive() bool {
	return rawcontext.KnowsLive()
}

func answered(result wit.Result[wit.Option[string], types.EditError]) (*string, error) {
	if result.IsErr() {
		return nil, FromRaw(result.Err())
	}
	if result.Ok().IsNone() {
		return nil, nil
	}
	text := result.Ok().Some()
	return &text, nil
}

// FromRaw is for the SDK itself: an error of the host.
func FromRaw(raw types.EditError) error {
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
	refused := &EditError{Kind: ErrorKind(raw.Tag()), Path: failure.Path, Message: failure.Message}
	if failure.Hint.IsSome() {
		hint := failure.Hint.Some()
		refused.Hint = &hint
	}
	return refused
}
