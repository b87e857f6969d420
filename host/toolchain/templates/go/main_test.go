package main

import (
	"testing"

	wellhead "github.com/wellhead-dev/wellhead/plugins/sdk-go"
)

// fake is as much of a pipeline as the plugin uses; everything else of it panics. What the host
// makes of the edits is tested by `wellhead plugin test`.
type fake struct {
	wellhead.Pipeline
	podLabels map[string]string
}

func (f *fake) Because(string) {}

func (f *fake) SetPodLabel(key, value string) error {
	f.podLabels[key] = value
	return nil
}

func TestThePodsGetTheTeam(t *testing.T) {
	pipeline := &fake{podLabels: map[string]string{}}
	if err := transform(pipeline, Config{Team: "search"}); err != nil {
		t.Fatal(err)
	}
	if got := pipeline.podLabels["team"]; got != "search" {
		t.Errorf("the label is %q", got)
	}
}

func TestATeamWithoutANameIsRefused(t *testing.T) {
	err := transform(&fake{}, Config{})
	if err == nil || err.Error() != "config.team: the team has no name" {
		t.Errorf("the error is %v", err)
	}
}
