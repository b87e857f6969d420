package wellhead

// Toleration is Kubernetes': an item of the pipeline's `tolerations`. Fields that have no name here stay
// in Rest.
type Toleration struct {
	// The taint's key; empty for all keys.
	Key string `json:"key,omitempty"`
	// `Exists`, or `Equal`, which is what an empty one stands for.
	Operator string `json:"operator,omitempty"`
	// The taint's value, for `Equal`.
	Value string `json:"value,omitempty"`
	// `NoSchedule`, `PreferNoSchedule` or `NoExecute`; empty for all of them.
	Effect string `json:"effect,omitempty"`
	// How long the pod stays on a node with the taint, for `NoExecute`; nil for ever.
	TolerationSeconds *int64 `json:"tolerationSeconds,omitempty"`
	// What else Kubernetes has there.
	Rest Rest `json:"-"`
}

// UnmarshalJSON is for [encoding/json].
func (t *Toleration) UnmarshalJSON(text []byte) error {
	type plain Toleration
	return unmarshalWithRest(text, (*plain)(t), &t.Rest)
}

// MarshalJSON is for [encoding/json].
func (t Toleration) MarshalJSON() ([]byte, error) {
	type plain Toleration
	return marshalWithRest(plain(t), t.Rest)
}
