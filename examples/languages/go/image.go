package main

import "strings"

// mirrored returns the prefix that covers an image, and the image at the mirror.
func mirrored(image string, mirrors map[string]string) (prefix, at string, covered bool) {
	full := fullName(image)
	for candidate, mirror := range mirrors {
		rest, found := strings.CutPrefix(full, candidate)
		if found && strings.HasPrefix(rest, "/") && (!covered || len(candidate) > len(prefix)) {
			prefix, at, covered = candidate, mirror+rest, true
		}
	}
	return prefix, at, covered
}

// fullName is an image with its registry, which is Docker Hub where it names none.
// https://github.com/distribution/reference/blob/v0.6.0/normalize.go
func fullName(image string) string {
	registry, rest, found := strings.Cut(image, "/")
	if !found || !(strings.ContainsAny(registry, ".:") || registry == "localhost") {
		registry, rest = "docker.io", image
	}
	if registry == "docker.io" && !strings.Contains(rest, "/") {
		rest = "library/" + rest
	}
	return registry + "/" + rest
}
