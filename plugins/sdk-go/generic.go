package wellhead

import (
	"encoding/json"
	"fmt"

	places "github.com/wellhead-dev/wellhead/plugins/sdk-go/internal/place"
)

// Place is where an item is put in a list: [First], [Last], [Before] or [After].
type Place = places.Place

// First is before all other items.
func First() Place {
	return Place{Kind: places.First}
}

// Last is after all other items.
func Last() Place {
	return Place{Kind: places.Last}
}

// Before is before the item at this path, e.g. `initContainers.migrate` or `tolerations[0]`.
func Before(path string) Place {
	return Place{Kind: places.Before, Path: path}
}

// After is after the item at this path.
func After(path string) Place {
	return Place{Kind: places.After, Path: path}
}

// Get reads the value at any path into a type, as [encoding/json] does it; false where it is not set:
//
//	tolerations, _, err := wellhead.Get[[]wellhead.Toleration](pipeline, "tolerations")
func Get[T any](pipeline Pipeline, path string) (value T, found bool, err error) {
	text, err := pipeline.Get(path)
	return decoded[T](text, err, path)
}

func decoded[T any](text *string, failed error, path string) (value T, found bool, err error) {
	if failed != nil || text == nil {
		return value, false, failed
	}
	if err := json.Unmarshal([]byte(*text), &value); err != nil {
		return value, false, Rejectf("the plugin reads it as another type: %v", err).At(path)
	}
	return value, true, nil
}

// Set sets the value at any path to what [encoding/json] makes of it. What stands in it and is not in
// the value goes.
func Set(pipeline Pipeline, path string, value any) error {
	text, err := encoded(value, path)
	if err != nil {
		return err
	}
	return pipeline.Set(path, text)
}

// Append puts an item at the end of any list, e.g. of `tolerations`, and returns its path. Items that
// other plugins put there stay.
func Append(pipeline Pipeline, items string, item any) (string, error) {
	return Insert(pipeline, items, item, Last())
}

// Insert puts an item at a place of any list, and returns its path.
func Insert(pipeline Pipeline, items string, item any, at Place) (string, error) {
	text, err := encoded(item, items)
	if err != nil {
		return "", err
	}
	return pipeline.Insert(items, text, at)
}

func encoded(value any, path string) (string, error) {
	text, err := json.Marshal(value)
	if err != nil {
		return "", &EditError{Kind: Invalid, Path: path, Message: fmt.Sprintf("no JSON can be made of it: %v", err)}
	}
	return string(text), nil
}

// Fact reads a fact that the operator tells, e.g. `storageClasses`, into a type; false when the operator
// tells nothing of this name. [Info] lists the facts that the plugin reads; one that the chain entry
// does not grant is [Denied], which ends the run.
func Fact[T any](name string) (value T, found bool, err error) {
	text, err := fact(name)
	return decoded[T](text, err, name)
}
