//go:build !wasm

package wellhead

import (
	"fmt"
	"os"
)

const (
	levelWarn  = "warn"
	levelInfo  = "info"
	levelDebug = "debug"
)

// In native tests, log lines go to the standard error.
func log(level, message string) {
	fmt.Fprintf(os.Stderr, "%s: %s\n", level, message)
}
