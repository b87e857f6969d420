package wellhead

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
