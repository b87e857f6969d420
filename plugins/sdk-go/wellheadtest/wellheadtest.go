// Package wellheadtest has a pipeline in memory, for tests of a plugin's logic by `go test`: no
// WebAssembly, no host, no cluster.
//
//	pipeline := wellheadtest.New(map[string]any{"spec": map[string]any{"replicas": 2}})
//	if err := transform(pipeline, Config{Team: "search"}); err != nil {
//		t.Fatal(err)
//	}
//	if team := pipeline.PodLabels()["team"]; team != "search" {
//		t.Error(team)
//	}
//
// The pipeline answers like the host's where a plugin reads, and where it adds or removes items. It checks no
// grants, conflicts, limits or values: an edit that succeeds here may fail there, and an error does not undo the
// edits before it. `wellhead plugin test` runs cases through the real host.
package wellheadtest

import (
	"encoding/json"
	"fmt"
	"strings"

	wellhead "github.com/wellhead-dev/wellhead/plugins/sdk-go"
	"github.com/wellhead-dev/wellhead/plugins/sdk-go/internal/surroundings"
)

// Pipeline is a pipeline in memory; [wellhead.Pipeline] documents the methods that plugins call.
type Pipeline struct {
	node
	document map[string]any
	first    []byte
	reason   string
	edits    []Edit
}

var _ wellhead.Pipeline = (*Pipeline)(nil)

// Edit is an edit that a plugin made.
type Edit struct {
	// Path of the field, e.g. `claims.data.storageClass`.
	Path string
	// Reason is what Because said last.
	Reason string
}

// New is a pipeline with a document in the form of a pipeline file, `metadata` and `spec`: anything of which
// [encoding/json] makes such an object, or nil. Where it says nothing, the pipeline is called `pipeline`
// and has one container `main`. It panics for anything else. [wellhead.Base] and [wellhead.SetBy] are
// about the pipeline that was made last.
func New(document any) *Pipeline {
	text, err := json.Marshal(document)
	if err != nil {
		panic(err)
	}
	pipeline := &Pipeline{document: map[string]any{}}
	if err := json.Unmarshal(text, &pipeline.document); err != nil {
		panic(err)
	}
	if pipeline.document == nil {
		pipeline.document = map[string]any{}
	}
	pipeline.node = node{pipeline, nil}
	pipeline.preset("metadata", "name", "pipeline")
	pipeline.preset("spec", "containers", []any{map[string]any{"name": "main", "image": "registry.example.com/main:1.0.0"}})
	pipeline.first, _ = json.Marshal(pipeline.document)
	pipeline.surround()
	return pipeline
}

func (p *Pipeline) preset(part, field string, value any) {
	fields, isMap := p.document[part].(map[string]any)
	if !isMap {
		fields = map[string]any{}
		p.document[part] = fields
	}
	if fields[field] == nil {
		fields[field] = value
	}
}

// Edits are the edits so far, in their order.
func (p *Pipeline) Edits() []Edit {
	return p.edits
}

// Document is the pipeline's document after the edits, as JSON.
func (p *Pipeline) Document() string {
	text, err := json.MarshalIndent(p.document, "", "  ")
	if err != nil {
		panic(err)
	}
	return string(text)
}

// Facts is what the operator tells plugins from now on: facts by their names, as [encoding/json] writes them.
func Facts(facts map[string]any) {
	surroundings.Fact = func(name string) (*string, error) {
		fact, told := facts[name]
		if !told {
			return nil, nil
		}
		text, err := json.Marshal(fact)
		if err != nil {
			return nil, fmt.Errorf("no JSON can be made of the fact %s: %w", name, err)
		}
		answer := string(text)
		return &answer, nil
	}
}

// What the functions of package wellhead tell that are not about a pipeline.
func (p *Pipeline) surround() {
	surroundings.Base = func(text string) (*string, error) {
		before := &Pipeline{}
		before.node = node{before, nil}
		if err := json.Unmarshal(p.first, &before.document); err != nil {
			return nil, err
		}
		return before.Get(text)
	}
	surroundings.SetBy = func(text string) (*string, error) {
		if _, err := p.Get(text); err != nil {
			return nil, err
		}
		for _, edit := range p.edits {
			rest, isBelow := strings.CutPrefix(text, edit.Path)
			if isBelow && (rest == "" || strings.HasPrefix(rest, ".") || strings.HasPrefix(rest, "[")) {
				name := "plugin"
				return &name, nil
			}
		}
		return nil, nil
	}
}
