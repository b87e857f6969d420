package wellhead

import "slices"

// Severity says how much a finding matters.
type Severity uint8

const (
	// SeverityError stops everything.
	SeverityError Severity = iota
	// SeverityWarning is shown.
	SeverityWarning
)

// Finding is something that a validator noticed.
type Finding struct {
	// Severity says how much it matters.
	Severity Severity
	// Message says what is wrong, in one sentence.
	Message string
	// Path of the field, when it is about one.
	Path *string
	// Hint says what to change, when the plugin knows.
	Hint *string
	// Code is the plugin's own name for this kind of finding, e.g. `tag-missing`, by which operators waive
	// such findings and count them: 1 to 64 lowercase letters, digits and single `-`, beginning with a
	// letter.
	Code *string
	// Arguments say what the sentence was filled with, so that it can be said in another language: pairs of a
	// name and a value.
	Arguments [][2]string
	// Link is a page that tells more, an `https` URL.
	Link *string
}

// NewError is a finding that stops everything.
func NewError(message string) Finding {
	return Finding{Severity: SeverityError, Message: message}
}

// NewWarning is a finding that is shown.
func NewWarning(message string) Finding {
	return Finding{Severity: SeverityWarning, Message: message}
}

// At names the field that it is about.
func (f Finding) At(path string) Finding {
	f.Path = &path
	return f
}

// WithHint says what to change.
func (f Finding) WithHint(hint string) Finding {
	f.Hint = &hint
	return f
}

// WithCode names the kind of finding.
func (f Finding) WithCode(code string) Finding {
	f.Code = &code
	return f
}

// WithArgument says what the sentence was filled with.
func (f Finding) WithArgument(name, value string) Finding {
	f.Arguments = append(slices.Clone(f.Arguments), [2]string{name, value})
	return f
}

// WithLink names a page that tells more.
func (f Finding) WithLink(url string) Finding {
	f.Link = &url
	return f
}
