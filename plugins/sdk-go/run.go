package wellhead

import (
	"fmt"
	"path"
	"runtime"
	"strings"

	"github.com/wellhead-dev/wellhead/plugins/sdk-go/internal/registry"
)

// Transform reads the config, calls a transformer and returns its rejection, or nil, as a host sees it. It
// is what [transformer.Register] registers.
//
// [transformer.Register]: https://pkg.go.dev/github.com/wellhead-dev/wellhead/plugins/sdk-go/transformer#Register
func Transform[C any](pipeline Pipeline, config string, transform func(Pipeline, C) error) (refused *registry.Rejection) {
	defer recovered(&refused)
	decoded, wrong := decode[C](config)
	if wrong != nil {
		return rejection(wrong)
	}
	return rejection(transform(pipeline, decoded))
}

// Validate reads the config, calls a validator and returns what a host gets. It is what
// [validator.Register] registers.
//
// [validator.Register]: https://pkg.go.dev/github.com/wellhead-dev/wellhead/plugins/sdk-go/validator#Register
func Validate[C any](pipeline Pipeline, config string, validate func(Pipeline, C) ([]Finding, error)) (found []registry.Finding, refused *registry.Rejection) {
	defer recovered(&refused)
	decoded, wrong := decode[C](config)
	if wrong != nil {
		return nil, rejection(wrong)
	}
	findings, err := validate(pipeline, decoded)
	for _, finding := range findings {
		found = append(found, registry.Finding{
			Severity: uint8(finding.Severity),
			Rejection: *refusal(registry.Rejection{
				Code:      finding.Code,
				Message:   finding.Message,
				Arguments: finding.Arguments,
				Path:      finding.Path,
				Hint:      finding.Hint,
				Link:      finding.Link,
			}),
		})
	}
	return found, rejection(err)
}

// recovered turns a panic into a rejection with its message and line.
func recovered(refused **registry.Rejection) {
	if cause := recover(); cause != nil {
		hint := "this is a bug in the plugin: tell its author"
		*refused = &registry.Rejection{Message: valid(fmt.Sprintf("the plugin panicked: %v%s", cause, place())), Hint: &hint}
	}
}

// place is where the panic began: the first line outside of Go's own runtime and of the SDK's lower half.
func place() string {
	callers := make([]uintptr, 32)
	frames := runtime.CallersFrames(callers[:runtime.Callers(0, callers)])
	panicking := false
	for {
		frame, more := frames.Next()
		isOwn := strings.HasPrefix(frame.Function, "runtime.") || strings.Contains(frame.Function, "/sdk-go/internal/")
		if panicking && !isOwn {
			return fmt.Sprintf(" (%s:%d)", path.Base(frame.File), frame.Line)
		}
		panicking = panicking || frame.Function == "runtime.gopanic"
		if !more {
			return ""
		}
	}
}
