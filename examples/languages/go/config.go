package main

import (
	"encoding/json"

	wellhead "github.com/wellhead-dev/wellhead/plugins/sdk-go"
)

// Config is what the operator configures.
type Config struct {
	// Mirrors are prefixes of images and what replaces them. The longest that covers an image wins.
	Mirrors map[string]string `json:"mirrors"`
	// StorageClasses is the storage class of each claim, by the claim's name; nil for the cluster's
	// default, an empty text for volumes without a class.
	StorageClasses map[string]*string `json:"storageClasses"`
	// DefaultStorageClass is that of the claims that StorageClasses does not name. Left out: such a
	// claim is refused.
	DefaultStorageClass wellhead.Nullable[string] `json:"defaultStorageClass"`
	// Replicas is the number of replicas of each environment. To JSON Schema, `3.0` is an integer, so
	// it is read as any number is.
	Replicas map[string]float64 `json:"replicas"`
	// Labels are those of every pipeline and of its pods; nil removes one.
	Labels map[string]*string `json:"labels"`
	// Contact is who answers questions about the pipeline.
	Contact *string `json:"contact"`
	// Edits are those of any field, in this order.
	Edits []Edit `json:"edits"`
	// MostReplicas is how many a pipeline may have after all plugins.
	MostReplicas *float64 `json:"mostReplicas"`
}

// Edit is an edit of any field.
type Edit struct {
	// Edit is what to do.
	Edit string `json:"edit"`
	// Path of the field, or of the list; for `fact`, the name of the fact.
	Path string `json:"path"`
	// Value is null where it is left out.
	Value json.RawMessage `json:"value"`
	// At is where `insert` puts it: `first`, `last`, `before PATH` or `after PATH`.
	At string `json:"at"`
}
