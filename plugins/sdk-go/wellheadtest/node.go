package wellheadtest

import (
	"encoding/json"
	"maps"
	"strconv"
	"strings"

	wellhead "github.com/wellhead-dev/wellhead/plugins/sdk-go"
)

// A place in a pipeline.
type node struct {
	pipeline *Pipeline
	path     path
}

func (n node) at(steps ...any) node {
	return node{n.pipeline, n.path.then(steps...)}
}

// The value below the place; nil where there is none.
func (n node) value(steps ...any) any {
	at := n.path.then(steps...)
	value := n.pipeline.document[at.part()]
	for depth, step := range at {
		switch found := value.(type) {
		case []any:
			index := indexIn(found, at[:depth].key(), step)
			if index < 0 {
				return nil
			}
			value = found[index]
		case map[string]any:
			name, _ := step.(string)
			value = found[name]
		default:
			return nil
		}
	}
	return value
}

func (n node) items(steps ...any) []map[string]any {
	list, _ := n.value(steps...).([]any)
	var items []map[string]any
	for _, item := range list {
		fields, _ := item.(map[string]any)
		items = append(items, fields)
	}
	return items
}

func (n node) names(list string) []string {
	names := []string{}
	for _, item := range n.items(list) {
		names = append(names, plain(item["name"]))
	}
	return names
}

func (n node) entries(steps ...any) map[string]string {
	fields, _ := n.value(steps...).(map[string]any)
	entries := make(map[string]string, len(fields))
	for key, value := range fields {
		entries[key] = plain(value)
	}
	return entries
}

func (n node) texts(steps ...any) []string {
	list, _ := n.value(steps...).([]any)
	texts := make([]string, 0, len(list))
	for _, item := range list {
		texts = append(texts, plain(item))
	}
	return texts
}

func (n node) json(steps ...any) *string {
	value := n.value(steps...)
	if value == nil {
		return nil
	}
	return text(value)
}

// The value below the place as a type; nil where there is none, or one of another type.
func optional[T any](n node, steps ...any) *T {
	value := n.value(steps...)
	if value == nil {
		return nil
	}
	var read T
	if json.Unmarshal([]byte(*text(value)), &read) != nil {
		return nil
	}
	return &read
}

func required[T any](n node, steps ...any) T {
	if found := optional[T](n, steps...); found != nil {
		return *found
	}
	var none T
	return none
}

// Sets the value below the place.
func (n node) put(value any, steps ...any) error {
	at := n.path.then(steps...)
	return n.pipeline.write(at, at, func(any) any { return normal(value) })
}

func (n node) drop(steps ...any) error {
	at := n.path.then(steps...)
	return n.pipeline.write(at, at, func(any) any { return nil })
}

// Sets the value, or removes it where it is nil.
func (n node) putOptional(value any, steps ...any) error {
	if value == nil {
		return n.drop(steps...)
	}
	return n.put(value, steps...)
}

func (n node) putJSON(text *string, steps ...any) error {
	if text == nil {
		return n.drop(steps...)
	}
	value, err := n.parse(*text, steps...)
	if err != nil {
		return err
	}
	return n.put(value, steps...)
}

// Reads JSON that is meant for a place.
func (n node) parse(text string, steps ...any) (any, error) {
	var value any
	if err := json.Unmarshal([]byte(text), &value); err != nil {
		return nil, invalid(n.path.then(steps...), "it is not JSON: "+err.Error())
	}
	return value, nil
}

func (n node) addItem(list string, item map[string]any) error {
	if at := n.path.then(list, item["name"]); n.value(list, item["name"]) != nil {
		return invalid(at, "it is there already")
	}
	return n.put(item, list, item["name"])
}

func (n node) removeItem(list string, key string) error {
	if n.value(list, key) == nil {
		return notFound(n.path.then(list, key), "there is no such item")
	}
	return n.drop(list, key)
}

func (n node) putPort(field string, number int32, protocol wellhead.Protocol, more map[string]any) error {
	key := portKey(number, protocol)
	item, _ := n.value("ports", key).(map[string]any)
	more[field], more["protocol"] = number, protocolName(protocol)
	if more["name"] == nil {
		delete(more, "name")
	}
	return n.put(with(item, more), "ports", key)
}

func protocolName(protocol wellhead.Protocol) string {
	return [...]string{"TCP", "UDP", "SCTP"}[protocol]
}

func protocolOf(item map[string]any) wellhead.Protocol {
	switch item["protocol"] {
	case "UDP":
		return wellhead.ProtocolUDP
	case "SCTP":
		return wellhead.ProtocolSCTP
	}
	return wellhead.ProtocolTCP
}

func portKey(number int32, protocol wellhead.Protocol) string {
	return strconv.Itoa(int(number)) + "/" + protocolName(protocol)
}

// A number in digits is a number in a Service.
func target(text string) any {
	if number, err := strconv.ParseInt(text, 10, 32); err == nil {
		return number
	}
	return text
}

// A map with other fields; nil removes a field.
func with(fields map[string]any, more map[string]any) map[string]any {
	changed := maps.Clone(fields)
	if changed == nil {
		changed = map[string]any{}
	}
	for name, value := range more {
		changed[name] = value
		if value == nil {
			delete(changed, name)
		}
	}
	return changed
}

// What a pointer points to; nil for a nil pointer.
func pointed[T any](value *T) any {
	if value == nil {
		return nil
	}
	return *value
}

func pointer[T any](value any) *T {
	if found, isThere := value.(T); isThere {
		return &found
	}
	return nil
}

// True, or nil.
func orNil(flag bool) any {
	if flag {
		return true
	}
	return nil
}

func whole[T int32 | int64](value any) T {
	number, _ := value.(float64)
	return T(number)
}

// A text or a number as text.
func plain(value any) string {
	if name, isText := value.(string); isText {
		return name
	}
	if value == nil {
		return ""
	}
	return strings.Trim(*text(value), `"`)
}

func text(value any) *string {
	written, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	text := string(written)
	return &text
}

// The value as [encoding/json] reads it.
func normal(value any) any {
	var read any
	if err := json.Unmarshal([]byte(*text(value)), &read); err != nil {
		panic(err)
	}
	return read
}
