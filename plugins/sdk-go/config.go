package wellhead

import (
	"encoding/json"
	"errors"
	"io"
	"strings"
)

// decode reads a config. The host has checked it against the plugin's schema; what is wrong here is a
// difference between the schema and the Go type, and the rejection names the field.
func decode[C any](text string) (C, *Rejection) {
	var config C
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.DisallowUnknownFields()
	err := decoder.Decode(&config)
	if err == nil {
		if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
			return config, Reject("there is text after the config").At("config")
		}
		return config, nil
	}
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) {
		path := "config"
		if wrong.Field != "" {
			path += "." + wrong.Field
		}
		return config, Rejectf("%s is no %s", wrong.Value, wrong.Type).At(path).
			Hint("the config fits the plugin's schema, so its schema and its type `Config` differ")
	}
	if _, field, found := strings.Cut(err.Error(), "unknown field "); found {
		return config, Reject("unknown field " + strings.ReplaceAll(field, `"`, "`")).At("config").
			Hint("the config fits the plugin's schema, so its schema and its type `Config` differ")
	}
	return config, Reject(strings.TrimPrefix(err.Error(), "json: ")).At("config")
}
