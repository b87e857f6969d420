package wellhead

import "encoding/json"

// Nullable is a field of a config in which `null` means something else than leaving it out.
type Nullable[T any] struct {
	// Present is whether the field is there.
	Present bool
	// Value is nil for `null`, and for a field that is not there.
	Value *T
}

// UnmarshalJSON is called for each field that is there.
func (n *Nullable[T]) UnmarshalJSON(text []byte) error {
	n.Present = true
	return json.Unmarshal(text, &n.Value)
}
