package wellhead

import (
	"errors"
	"fmt"
	"strings"

	"github.com/wellhead-dev/wellhead/plugins/sdk-go/internal/registry"
)

// ErrorKind says why an edit did not happen.
type ErrorKind uint8

const (
	// Denied: the chain entry grants no write to this field, or it does not open a protected one.
	// It ends the run even when the plugin ignores it.
	Denied ErrorKind = iota
	// Conflict: an earlier plugin set this field to another value, and the chain entry may not
	// override it. It ends the run even when the plugin ignores it.
	Conflict
	// Invalid: the value is not valid for this field.
	Invalid
	// NotFound: the field, or the list item that it belongs to, does not exist.
	NotFound
	// ReadOnly: a validator tried to write.
	ReadOnly
	// OverLimit: the plugin used up a budget, e.g. its number of edits. It ends the run even when
	// the plugin ignores it.
	OverLimit
)

// EditError is an edit that the host refused. Nothing was changed.
type EditError struct {
	// Kind says why.
	Kind ErrorKind
	// Path of the field, e.g. `containers.nginx.image`.
	Path string
	// Message says what is wrong, in one sentence.
	Message string
	// Hint says what to do about it, when the host knows.
	Hint *string
}

// Error is the path and the message.
func (e *EditError) Error() string {
	return e.Path + ": " + e.Message
}

// Rejection is why a plugin refuses to do its work. Nothing that it edited is kept.
type Rejection struct {
	told registry.Rejection
}

// Reject refuses the pipeline; it says what is wrong, in one sentence, to the person who wrote the
// pipeline or the config.
func Reject(message string) *Rejection {
	return &Rejection{registry.Rejection{Message: message}}
}

// Rejectf is [Reject] with a message as [fmt.Sprintf] makes it.
func Rejectf(format string, arguments ...any) *Rejection {
	return Reject(fmt.Sprintf(format, arguments...))
}

// Code gives it a name of the plugin's own, e.g. `unknown-tier`, which stays the same when the sentence
// changes: 1 to 64 lowercase letters, digits and single `-`, beginning with a letter.
func (r *Rejection) Code(code string) *Rejection {
	r.told.Code = &code
	return r
}

// Argument says what the sentence was filled with, so that it can be said in another language.
func (r *Rejection) Argument(name, value string) *Rejection {
	r.told.Arguments = append(r.told.Arguments, [2]string{name, value})
	return r
}

// Link names a page that tells more, an `https` URL.
func (r *Rejection) Link(url string) *Rejection {
	r.told.Link = &url
	return r
}

// At names the field that is the reason, e.g. `claims.data` or `config.rules[0]`.
func (r *Rejection) At(path string) *Rejection {
	r.told.Path = &path
	return r
}

// Hint says what to change.
func (r *Rejection) Hint(hint string) *Rejection {
	r.told.Hint = &hint
	return r
}

// Error is the path, where there is one, and the message.
func (r *Rejection) Error() string {
	if r.told.Path != nil {
		return *r.told.Path + ": " + r.told.Message
	}
	return r.told.Message
}

// rejection is what the host gets for an error.
func rejection(err error) *registry.Rejection {
	var rejected *Rejection
	var edit *EditError
	switch {
	case err == nil:
		return nil
	// A nil *Rejection in an error is a mistake that is easy to make, and means that all is well.
	case errors.As(err, &rejected):
		if rejected == nil {
			return nil
		}
		return refusal(rejected.told)
	case errors.As(err, &edit):
		return refusal(registry.Rejection{Message: edit.Message, Path: &edit.Path, Hint: edit.Hint})
	default:
		return refusal(registry.Rejection{Message: err.Error()})
	}
}

// refusal is a rejection that the contract can carry.
func refusal(told registry.Rejection) *registry.Rejection {
	arguments := make([][2]string, 0, len(told.Arguments))
	for _, pair := range told.Arguments {
		arguments = append(arguments, [2]string{valid(pair[0]), valid(pair[1])})
	}
	return &registry.Rejection{
		Code:      optional(told.Code),
		Message:   valid(told.Message),
		Arguments: arguments,
		Path:      optional(told.Path),
		Hint:      optional(told.Hint),
		Link:      optional(told.Link),
	}
}

// valid is a text for people that the contract can carry: bytes that are no text are replaced.
func valid(text string) string {
	return strings.ToValidUTF8(text, "\uFFFD")
}

func optional(text *string) *string {
	if text == nil {
		return nil
	}
	some := valid(*text)
	return &some
}
