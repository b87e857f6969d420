package wellheadtest

import (
	"slices"

	wellhead "github.com/wellhead-dev/wellhead/plugins/sdk-go"
	"github.com/wellhead-dev/wellhead/plugins/sdk-go/internal/place"
)

// Lists that share the names of their items.
var shared = [][2]string{{"containers", "initContainers"}, {"claims", "volumes"}}

func (p *Pipeline) Get(path string) (*string, error) {
	at, err := parse(path)
	if err != nil {
		return nil, err
	}
	return p.json(at...), nil
}

func (p *Pipeline) Set(path string, json string) error {
	at, value, err := p.given(path, json)
	if err != nil {
		return err
	}
	if err := p.changeable(at); err != nil {
		return err
	}
	last := at[len(at)-1]
	if key := at[:len(at)-1].key(); key != "" {
		if fields, isMap := value.(map[string]any); isMap && !isPort(key) && fields[key] == nil {
			fields[key] = last
		}
		if label(key, value) != last {
			return invalid(at, "the item has another "+said(key)+" than its path")
		}
	}
	if p.value(at...) == nil {
		if err := p.unused(at); err != nil {
			return err
		}
	}
	return p.put(value, at...)
}

func (p *Pipeline) Remove(path string) error {
	at, err := parse(path)
	if err != nil {
		return err
	}
	if err := p.changeable(at); err != nil {
		return err
	}
	if len(at) == 2 && at[0] == "claims" {
		return invalid(at, "a claim cannot be removed, because its data goes by it")
	}
	if p.value(at...) == nil {
		return nil
	}
	return p.drop(at...)
}

func (p *Pipeline) Append(items string, json string) (string, error) {
	return p.Insert(items, json, wellhead.Last())
}

func (p *Pipeline) Insert(items string, json string, at wellhead.Place) (string, error) {
	list, value, err := p.given(items, json)
	if err != nil {
		return "", err
	}
	known := p.value(list...)
	all, isList := known.([]any)
	if known != nil && !isList {
		return "", invalid(list, "it is not a list")
	}
	index, err := p.placeIn(list, all, at)
	if err != nil {
		return "", err
	}
	item := list.then(index)
	if key := list.key(); key != "" {
		name := label(key, value)
		if name == "" {
			return "", invalid(list, "an item of this list has a "+said(key))
		}
		item = list.then(name)
		if indexIn(all, key, name) >= 0 {
			return "", invalid(item, "it is there already; to change it, set `"+item.String()+"`")
		}
	}
	if err := p.unused(item); err != nil {
		return "", err
	}
	if len(list) == 1 && list[0] == "containers" && index == 0 {
		return "", invalid(item, "the first container is the main one, and stays first")
	}
	changed := slices.Insert(slices.Clone(all), index, value)
	return item.String(), p.write(list, item, func(any) any { return changed })
}

// A path, and a value that is meant for it.
func (p *Pipeline) given(text, json string) (path, any, error) {
	at, err := parse(text)
	if err != nil {
		return nil, nil, err
	}
	value, err := p.parse(json, at...)
	if err == nil && value == nil {
		err = invalid(at, "null is not a value: to remove a field, call `Remove`")
	}
	return at, value, err
}

// The index that a place in a list means.
func (p *Pipeline) placeIn(list path, all []any, at wellhead.Place) (int, error) {
	switch at.Kind {
	case place.First:
		return 0, nil
	case place.Last:
		return len(all), nil
	}
	beside, err := parse(at.Path)
	if err != nil {
		return 0, err
	}
	last := len(beside) - 1
	index := -1
	if slices.Equal(beside[:last], list) {
		index = indexIn(all, list.key(), beside[last])
	}
	if index < 0 {
		return 0, notFound(beside, "`"+list.String()+"` has no such item")
	}
	if at.Kind == place.After {
		index++
	}
	return index, nil
}

// Refuses what no edit may change.
func (p *Pipeline) changeable(at path) error {
	list, _ := at[0].(string)
	if len(at) == 1 && slices.Contains([]string{"containers", "initContainers", "claims"}, list) {
		return invalid(at, "it is not changed as a whole: change its items")
	}
	if len(at) == 2 && list == "containers" && at[1] == p.ContainerNames()[0] {
		return invalid(at, "the main container is not removed or replaced: change its fields")
	}
	return nil
}

// Refuses the name of a new item that an item of another list has, where both share their names.
func (p *Pipeline) unused(at path) error {
	list, _ := at[0].(string)
	for _, lists := range shared {
		if len(at) != 2 || !slices.Contains(lists[:], list) {
			continue
		}
		what := "claim or volume"
		if lists[0] == "containers" {
			what = "container"
		}
		for _, other := range lists {
			if p.value(other, at[1]) != nil {
				return invalid(at, "there is a "+what+" of this name")
			}
		}
	}
	return nil
}

// Changes the value at a path, and records an edit of another one: that of an item that the value got.
func (p *Pipeline) write(at, edited path, change func(any) any) error {
	changed, err := changedAt(p.document[at.part()], at, 0, change)
	if err != nil {
		return err
	}
	p.document[at.part()] = changed
	p.edits = append(p.edits, Edit{Path: edited.String(), Reason: p.reason})
	return nil
}

// The value with another one at a path; nil removes what is there.
func changedAt(value any, at path, depth int, change func(any) any) (any, error) {
	if depth == len(at) {
		return change(value), nil
	}
	key := at[:depth].key()
	name, isName := at[depth].(string)
	if key == "" && isName {
		fields, isMap := value.(map[string]any)
		if value != nil && !isMap {
			return nil, invalid(at, "it has another form")
		}
		part, err := changedAt(fields[name], at, depth+1, change)
		if part == nil && fields == nil {
			return nil, err
		}
		return with(fields, map[string]any{name: part}), err
	}
	items, _ := value.([]any)
	index := indexIn(items, key, at[depth])
	if index < 0 && (depth+1 < len(at) || key == "") {
		return nil, notFound(at, "the item that it belongs to is gone")
	}
	var old any
	if index >= 0 {
		old = items[index]
	}
	item, err := changedAt(old, at, depth+1, change)
	switch {
	case err != nil:
		return nil, err
	case index < 0 && item == nil:
		return value, nil
	case index < 0:
		return append(slices.Clone(items), item), nil
	case item == nil:
		return slices.Delete(slices.Clone(items), index, index+1), nil
	default:
		return slices.Replace(slices.Clone(items), index, index+1, item), nil
	}
}
