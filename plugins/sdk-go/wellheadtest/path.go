package wellheadtest

import (
	"encoding/json"
	"regexp"
	"slices"
	"strconv"
	"strings"

	wellhead "github.com/wellhead-dev/wellhead/plugins/sdk-go"
)

// The steps of a path: texts, and numbers for indices.
type path []any

// Fields of a pipeline that stand in its `metadata`; all others stand in its `spec`.
var metadata = []string{"name", "namespace", "labels", "annotations"}

// What the items of lists are known by, by the path of the list; `*` is a container's name.
var keys = map[string]string{
	"containers":                    "name",
	"initContainers":                "name",
	"volumes":                       "name",
	"claims":                        "name",
	"imagePullSecrets":              "name",
	"resourceClaims":                "name",
	"hostAliases":                   "ip",
	"resources claims":              "name",
	"service ports":                 "port",
	"containers * env":              "name",
	"containers * resources claims": "name",
	"containers * ports":            "containerPort",
	"containers * volumeMounts":     "mountPath",
	"containers * volumeDevices":    "devicePath",
}

var (
	step     = regexp.MustCompile(`^(\.?)(?:([A-Za-z0-9_/-]+)|\[([0-9]+)\]|\[("(?:[^"\\]|\\.)*")\])`)
	unquoted = regexp.MustCompile(`^[A-Za-z0-9_/-]+$`)
)

// The field that the items of a list are known by; empty in a list where they go by their index.
func (p path) key() string {
	names := make([]string, 0, len(p))
	for at, step := range p {
		name, _ := step.(string)
		switch {
		case at == 0 && len(p) > 1 && name == "initContainers":
			name = "containers"
		case at == 1 && names[0] == "containers":
			name = "*"
		}
		names = append(names, name)
	}
	return keys[strings.Join(names, " ")]
}

func isPort(key string) bool {
	return key == "port" || key == "containerPort"
}

// What the items of a list are known by, in words.
func said(key string) string {
	if isPort(key) {
		return "`" + key + "` and protocol, e.g. `80/TCP`"
	}
	return "`" + key + "`"
}

// The key of an item as paths write it.
func label(key string, item any) string {
	fields, _ := item.(map[string]any)
	if !isPort(key) {
		name, _ := fields[key].(string)
		return name
	}
	if fields[key] == nil {
		return ""
	}
	protocol, named := fields["protocol"].(string)
	if !named {
		protocol = "TCP"
	}
	return plain(fields[key]) + "/" + protocol
}

// Index of a step's item in a list; -1 where there is none.
func indexIn(items []any, key string, step any) int {
	if key == "" {
		if index, isIndex := step.(int); isIndex && index < len(items) {
			return index
		}
		return -1
	}
	return slices.IndexFunc(items, func(item any) bool { return label(key, item) == step })
}

// Text of the path.
func (p path) String() string {
	var text strings.Builder
	for _, step := range p {
		switch step := step.(type) {
		case int:
			text.WriteString("[" + strconv.Itoa(step) + "]")
		case string:
			switch {
			case !unquoted.MatchString(step):
				quoted, _ := json.Marshal(step)
				text.WriteString("[" + string(quoted) + "]")
			case text.Len() > 0:
				text.WriteString("." + step)
			default:
				text.WriteString(step)
			}
		}
	}
	return text.String()
}

func (p path) then(steps ...any) path {
	return append(slices.Clone(p), steps...)
}

// Where it stands in the document.
func (p path) part() string {
	if name, _ := p[0].(string); slices.Contains(metadata, name) {
		return "metadata"
	}
	return "spec"
}

// Reads a path; indices only where items have no keys.
func parse(text string) (path, error) {
	refused := func(message string) error {
		return &wellhead.EditError{Kind: wellhead.Invalid, Path: text, Message: message}
	}
	var read path
	for rest := text; rest != "" || len(read) == 0; {
		found := step.FindStringSubmatch(rest)
		if found == nil || (found[1] == ".") != (len(read) > 0 && found[2] != "") {
			return nil, refused("`" + text + "` is not a field path: a step is missing, or has characters that are written [\"in quotes\"]")
		}
		rest = rest[len(found[0]):]
		switch {
		case found[2] != "":
			read = append(read, found[2])
		case found[3] != "":
			if key := read.key(); key != "" {
				return nil, refused("items of this list go by their " + said(key))
			}
			index, err := strconv.Atoi(found[3])
			if err != nil {
				return nil, refused("`" + text + "` is not a field path: an index is too large")
			}
			read = append(read, index)
		default:
			var name string
			if err := json.Unmarshal([]byte(found[4]), &name); err != nil {
				return nil, refused("`" + text + "` is not a field path: brackets hold a text in quotes or an index")
			}
			read = append(read, name)
		}
	}
	return read, nil
}

func invalid(at path, message string) error {
	return &wellhead.EditError{Kind: wellhead.Invalid, Path: at.String(), Message: message}
}

func notFound(at path, message string) error {
	return &wellhead.EditError{Kind: wellhead.NotFound, Path: at.String(), Message: message}
}
