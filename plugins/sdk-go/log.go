package wellhead

import "fmt"

// Warn logs something that the person who runs the host should look at although the run goes on.
// Log lines never change the result. The arguments are those of [fmt.Sprintf].
func Warn(format string, arguments ...any) {
	log(levelWarn, fmt.Sprintf(format, arguments...))
}

// Log logs what the plugin did.
func Log(format string, arguments ...any) {
	log(levelInfo, fmt.Sprintf(format, arguments...))
}

// Debug logs details for the author of the plugin.
func Debug(format string, arguments ...any) {
	log(levelDebug, fmt.Sprintf(format, arguments...))
}
