package wellhead

import (
	"encoding/json"
	"maps"
)

// Rest has the fields of a value of Kubernetes that its type here does not name.
type Rest map[string]json.RawMessage

// known is a pointer to a type that has no methods of its own.
func unmarshalWithRest(text []byte, known any, rest *Rest) error {
	if err := json.Unmarshal(text, known); err != nil {
		return err
	}
	// A field that is there and empty is not written, so it stays here.
	named, err := written(known)
	if err != nil {
		return err
	}
	*rest = nil
	if err := json.Unmarshal(text, rest); err != nil {
		return err
	}
	maps.DeleteFunc(*rest, func(name string, _ json.RawMessage) bool { return named[name] != nil })
	if len(*rest) == 0 {
		*rest = nil
	}
	return nil
}

func marshalWithRest(known any, rest Rest) ([]byte, error) {
	if len(rest) == 0 {
		return json.Marshal(known)
	}
	named, err := written(known)
	if err != nil {
		return nil, err
	}
	all := maps.Clone(rest)
	maps.Copy(all, named)
	return json.Marshal(all)
}

func written(known any) (Rest, error) {
	text, err := json.Marshal(known)
	if err != nil {
		return nil, err
	}
	var named Rest
	err = json.Unmarshal(text, &named)
	return named, err
}
