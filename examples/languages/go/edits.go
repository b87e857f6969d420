package main

import (
	"encoding/json"
	"strings"

	wellhead "github.com/wellhead-dev/wellhead/plugins/sdk-go"
)

// makeEdits edits any field, as the config lists them.
func makeEdits(pipeline wellhead.Pipeline, config Config) error {
	for _, edit := range config.Edits {
		pipeline.Because("the platform edits `" + edit.Path + "`")
		if err := makeEdit(pipeline, edit); err != nil {
			return err
		}
	}
	return nil
}

func makeEdit(pipeline wellhead.Pipeline, edit Edit) error {
	switch edit.Edit {
	case "set":
		return wellhead.Set(pipeline, edit.Path, edit.Value)
	case "remove":
		return pipeline.Remove(edit.Path)
	case "append":
		return added(wellhead.Append(pipeline, edit.Path, edit.Value))
	case "insert":
		return added(wellhead.Insert(pipeline, edit.Path, edit.Value, place(edit)))
	case "show":
		value, err := pipeline.Get(edit.Path)
		return shown(edit.Path, value != nil, err)
	default:
		_, told, err := wellhead.Fact[json.RawMessage](edit.Path)
		return shown(edit.Path, told, err)
	}
}

func added(path string, err error) error {
	if err == nil {
		wellhead.Log("added `%s`", path)
	}
	return err
}

func shown(path string, isSet bool, err error) error {
	if err == nil {
		wellhead.Log("`%s` is %s", path, map[bool]string{true: "set", false: "not set"}[isSet])
	}
	return err
}

func place(edit Edit) wellhead.Place {
	if edit.At == "first" {
		return wellhead.First()
	}
	if path, before := strings.CutPrefix(edit.At, "before "); before {
		return wellhead.Before(path)
	}
	if path, after := strings.CutPrefix(edit.At, "after "); after {
		return wellhead.After(path)
	}
	return wellhead.Last()
}
