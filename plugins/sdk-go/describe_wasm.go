package wellhead

// Every plugin describes itself.
import _ "github.com/wellhead-dev/wellhead/plugins/sdk-go/internal/bindings/exports_describe"
