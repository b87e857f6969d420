//go:build !wasm

package wellhead

import "github.com/wellhead-dev/wellhead/plugins/sdk-go/internal/surroundings"

func fact(name string) (*string, error) {
	return surroundings.Fact(name)
}

func base(path string) (*string, error) {
	return surroundings.Base(path)
}

func setBy(path string) (*string, error) {
	return surroundings.SetBy(path)
}

func live(path string) (*string, error) {
	return nil, nil
}

func knowsLive() bool {
	return false
}
