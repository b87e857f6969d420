package wellhead

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/wellhead-dev/wellhead/plugins/sdk-go/internal/registry"
)

type config struct {
	Team  string           `json:"team"`
	Class Nullable[string] `json:"class"`
	Rules []struct {
		Port int `json:"port"`
	} `json:"rules"`
}

func rejected(t *testing.T, text string, plugin func(Pipeline, config) error) *registry.Rejection {
	t.Helper()
	refused := Transform(nil, text, plugin)
	if refused == nil {
		t.Fatal("nothing is rejected")
	}
	return refused
}

func TestAConfigIsDecoded(t *testing.T) {
	for text, want := range map[string]Nullable[string]{
		`{"team":"a"}`:              {},
		`{"team":"a","class":null}`: {Present: true},
	} {
		refused := Transform(nil, text, func(_ Pipeline, config config) error {
			if config.Team != "a" || config.Class != want {
				t.Errorf("%s is %+v", text, config)
			}
			return nil
		})
		if refused != nil {
			t.Errorf("%s: %s", text, refused.Message)
		}
	}
}

func TestAConfigThatDoesNotFitIsRejectedWithItsField(t *testing.T) {
	for text, want := range map[string][2]string{
		`{"tema":"a"}`:                  {"unknown field `tema`", "config"},
		`{"team":7}`:                    {"number is no string", "config.team"},
		`{"rules":[{"port":"eighty"}]}`: {"string is no int", "config.rules.port"},
	} {
		refused := rejected(t, text, func(Pipeline, config) error { return nil })
		if refused.Message != want[0] || refused.Path == nil || *refused.Path != want[1] {
			t.Errorf("%s: %+v", text, refused)
		}
	}
}

func TestARejectionKeepsItsPathAndHint(t *testing.T) {
	refused := rejected(t, "{}", func(Pipeline, config) error {
		return fmt.Errorf("wrapped: %w", Reject("no").At("claims.data").Hint("do"))
	})
	if refused.Message != "no" || *refused.Path != "claims.data" || *refused.Hint != "do" {
		t.Errorf("%+v", refused)
	}
}

func TestARefusedEditIsARejectionInTheWordsOfTheHost(t *testing.T) {
	refused := rejected(t, "{}", func(Pipeline, config) error {
		return fmt.Errorf("wrapped: %w", &EditError{Kind: Invalid, Path: "replicas", Message: "too many"})
	})
	if refused.Message != "too many" || *refused.Path != "replicas" || refused.Hint != nil {
		t.Errorf("%+v", refused)
	}
}

func TestAnyOtherErrorIsARejectionWithItsText(t *testing.T) {
	refused := rejected(t, "{}", func(Pipeline, config) error { return errors.New("no") })
	if refused.Message != "no" || refused.Path != nil {
		t.Errorf("%+v", refused)
	}
}

func TestAMissingRejectionInAnErrorIsNone(t *testing.T) {
	var none *Rejection
	if refused := Transform(nil, "{}", func(Pipeline, config) error { return none }); refused != nil {
		t.Errorf("%+v", refused)
	}
}

func TestAPanicIsARejectionWithItsMessageAndLine(t *testing.T) {
	refused := rejected(t, "{}", func(Pipeline, config) error {
		var rules []int
		_ = rules[len(rules)]
		return nil
	})
	if !strings.HasPrefix(refused.Message, "the plugin panicked: runtime error: index out of range [0] with length 0 (wellhead_test.go:") {
		t.Error(refused.Message)
	}
}

func TestFindingsKeepTheirFields(t *testing.T) {
	found, refused := Validate(nil, "{}", func(Pipeline, config) ([]Finding, error) {
		return []Finding{NewWarning("small").At("claims.data").WithHint("grow"), NewError("no")}, nil
	})
	if refused != nil || len(found) != 2 {
		t.Fatalf("%+v %+v", found, refused)
	}
	if found[0].Severity != 1 || *found[0].Path != "claims.data" || *found[0].Hint != "grow" || found[1].Severity != 0 {
		t.Errorf("%+v", found)
	}
}
