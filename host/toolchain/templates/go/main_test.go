package main

import (
	"testing"

	"github.com/wellhead-dev/wellhead/plugins/sdk-go/wellheadtest"
)

func TestItLabelsThePods(t *testing.T) {
	pipeline := wellheadtest.New(nil)
	if err := transform(pipeline, Config{Team: "search"}); err != nil {
		t.Fatal(err)
	}
	if team := pipeline.PodLabels()["team"]; team != "search" {
		t.Errorf("the team is %q", team)
	}
}

func TestItRefusesATeamWithoutAName(t *testing.T) {
	pipeline := wellheadtest.New(nil)
	if err := transform(pipeline, Config{}); err == nil {
		t.Error("nothing is refused")
	}
	if edits := pipeline.Edits(); len(edits) > 0 {
		t.Errorf("it edits %v", edits)
	}
}
