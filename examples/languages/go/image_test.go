package main

import "testing"

func TestAnImageGetsItsFullName(t *testing.T) {
	for image, want := range map[string]string{
		"nginx:1":                  "docker.io/library/nginx:1",
		"acme/app":                 "docker.io/acme/app",
		"docker.io/nginx":          "docker.io/library/nginx",
		"localhost/app":            "localhost/app",
		"registry:5000/app@sha256": "registry:5000/app@sha256",
	} {
		if got := fullName(image); got != want {
			t.Errorf("%s is %s", image, got)
		}
	}
}

func TestTheLongestPrefixOfWholePartsWins(t *testing.T) {
	mirrors := map[string]string{"ghcr.io": "a", "ghcr.io/acme": "b"}
	for image, want := range map[string]string{"ghcr.io/acme/app": "b/app", "ghcr.io/acme2/app": "a/acme2/app"} {
		if _, at, _ := mirrored(image, mirrors); at != want {
			t.Errorf("%s is at %s", image, at)
		}
	}
	if _, _, covered := mirrored("quay.io/app", mirrors); covered {
		t.Error("it is covered")
	}
}
