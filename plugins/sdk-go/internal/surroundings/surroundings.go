// Package surroundings is what a plugin learns beside the pipeline, in a native test. Package wellheadtest
// says what it is.
package surroundings

// Fact is a fact as JSON; nil when nothing of this name is told.
var Fact = none

// Base is the value that a field had before any edit, as JSON.
var Base = none

// SetBy is the name of who set a field last.
var SetBy = none

func none(string) (*string, error) {
	return nil, nil
}
