//go:build !wasm

package validator

import wellhead "github.com/wellhead-dev/wellhead/plugins/sdk-go"

// In native tests nobody calls it but the test.
func register[C any](func(wellhead.Pipeline, C) ([]wellhead.Finding, error)) {}
