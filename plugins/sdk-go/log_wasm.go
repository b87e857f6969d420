package wellhead

import (
	raw "github.com/wellhead-dev/wellhead/plugins/sdk-go/internal/bindings/wellhead_plugin_log"
)

const (
	levelWarn  = raw.LevelWarn
	levelInfo  = raw.LevelInfo
	levelDebug = raw.LevelDebug
)

func log(level raw.Level, message string) {
	raw.Log(level, valid(message))
}
