package wellhead

// Base reads the value that a field had before any plugin ran into a type; false where it was not set. It
// is for validators.
func Base[T any](path string) (value T, found bool, err error) {
	text, err := base(path)
	return decoded[T](text, err, path)
}

// SetBy is the name of the chain entry that set a field last; nil when no plugin did. It is for
// validators.
func SetBy(path string) (*string, error) {
	return setBy(path)
}

// Live reads the value that the field has in the cluster into a type; false when it has none, or when
// the run knows no cluster. It is for validators.
func Live[T any](path string) (value T, found bool, err error) {
	text, err := live(path)
	return decoded[T](text, err, path)
}

// KnowsLive says whether the run knows what is live. It never does while a plugin transforms: the same
// inputs give the same pipeline, whatever is in the cluster.
func KnowsLive() bool {
	return knowsLive()
}
