// Package tests holds the SDK to what Kubernetes does; new projects get no copy of it.
package tests

import (
	"encoding/json"
	"os"
	"reflect"
	"testing"

	wellhead "github.com/wellhead-dev/wellhead/plugins/sdk-go"
)

// Made by tests/kubernetes of this repository.
type vectors struct {
	Read []struct {
		Text, Canonical, Whole string
	}
	Refused []struct {
		Text, Message string
	}
	Compared []struct {
		A, B  wellhead.Quantity
		Order int
	}
	Calculated []struct {
		A, B            wellhead.Quantity
		Sum, Difference string
	}
	Multiplied []struct {
		Text    wellhead.Quantity
		By      int64
		Product string
	}
	Selected []struct {
		Selector wellhead.LabelSelector
		Labels   map[string]string
		Matches  bool
	}
}

func read(t *testing.T) vectors {
	t.Helper()
	text, err := os.ReadFile("../../kubernetes.json")
	if err != nil {
		t.Fatal(err)
	}
	var found vectors
	if err := json.Unmarshal(text, &found); err != nil {
		t.Fatal(err)
	}
	return found
}

func same(t *testing.T, of any, got, want any) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%v: %v, not %v", of, got, want)
	}
}

func TestQuantitiesAreReadAndPrintedAsKubernetesDoes(t *testing.T) {
	for _, it := range read(t).Read {
		quantity, err := wellhead.ParseQuantity(it.Text)
		if err != nil {
			t.Error(err)
		}
		same(t, it.Text, quantity.String(), it.Canonical)
		whole, fits := quantity.Whole()
		if fits {
			same(t, it.Text, json.Number(it.Whole), json.Number(toText(whole)))
		} else if len(it.Whole) < 19 {
			t.Errorf("%s does not fit", it.Text)
		}
	}
}

func toText(number int64) string {
	text, _ := json.Marshal(number)
	return string(text)
}

func TestOtherTextsAreRefusedWithTheReason(t *testing.T) {
	for _, it := range read(t).Refused {
		if _, err := wellhead.ParseQuantity(it.Text); err == nil {
			t.Errorf("%q is read", it.Text)
		} else {
			same(t, it.Text, err.Error(), it.Message)
		}
	}
}

func TestQuantitiesAreComparedAndCalculatedAsKubernetesDoes(t *testing.T) {
	found := read(t)
	for _, it := range found.Compared {
		same(t, it, it.A.Cmp(it.B), it.Order)
	}
	for _, it := range found.Calculated {
		sum, _ := it.A.Add(it.B)
		difference, _ := it.A.Sub(it.B)
		same(t, it, sum.String(), it.Sum)
		same(t, it, difference.String(), it.Difference)
	}
	for _, it := range found.Multiplied {
		product, _ := it.Text.Mul(it.By)
		same(t, it, product.String(), it.Product)
	}
}

func TestWhatIsTooLargeIsAnError(t *testing.T) {
	most, _ := wellhead.ParseQuantity("170141183460469231731687303715")
	if sum, err := most.Add(wellhead.NewQuantity(1)); err == nil {
		t.Error(sum)
	}
	if product, err := most.Mul(-2); err == nil {
		t.Error(product)
	}
}

func TestLabelsAreSelectedAsKubernetesDoes(t *testing.T) {
	for _, it := range read(t).Selected {
		same(t, it, it.Selector.Matches(it.Labels), it.Matches)
	}
}

func comesBack[T any](t *testing.T, text string) {
	t.Helper()
	var value T
	if err := json.Unmarshal([]byte(text), &value); err != nil {
		t.Fatal(err)
	}
	got, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	same(t, value, canonical(t, string(got)), canonical(t, text))
}

func canonical(t *testing.T, text string) string {
	t.Helper()
	var value any
	if err := json.Unmarshal([]byte(text), &value); err != nil {
		t.Fatal(err)
	}
	sorted, _ := json.Marshal(value)
	return string(sorted)
}

func TestWhatHasNoNameHereStays(t *testing.T) {
	for _, text := range []string{`{}`, `{"key":"a","new":{"b":[1.5]}}`, `{"key":"","value":""}`, `{"tolerationSeconds":0}`} {
		comesBack[wellhead.Toleration](t, text)
	}
	for _, text := range []string{
		`{"periodSeconds":10,"new":true}`, `{"periodSeconds":0}`, `{"exec":{"command":["a"],"new":1}}`, `{"exec":{}}`,
		`{"tcpSocket":{"port":"web","new":1}}`, `{"grpc":{"port":1,"service":"","new":1}}`,
		`{"httpGet":{"path":"/","port":80,"new":1,"httpHeaders":[{"name":"a","value":"b"}]}}`,
	} {
		comesBack[wellhead.Probe](t, text)
	}
}

func TestAChangedFieldIsWritten(t *testing.T) {
	var toleration wellhead.Toleration
	if err := json.Unmarshal([]byte(`{"key":"a","value":"","new":1}`), &toleration); err != nil {
		t.Fatal(err)
	}
	toleration.Key, toleration.Value = "", "b"
	text, _ := json.Marshal(toleration)
	same(t, "toleration", string(text), `{"new":1,"value":"b"}`)
}

// A pipeline that has nothing but what selectors read.
type pipeline struct {
	wellhead.Pipeline
	name, namespace string
	labels          map[string]string
}

func (p pipeline) Name() string              { return p.name }
func (p pipeline) Namespace() *string        { return &p.namespace }
func (p pipeline) Labels() map[string]string { return p.labels }

func TestPipelinesAreSelectedByNamesLabelsAndNamespaces(t *testing.T) {
	search := pipeline{name: "search", namespace: "team-a", labels: map[string]string{"env": "prod", "tier": "1"}}
	for text, want := range map[string]bool{
		`{}`: true,
		`{"names":["search"],"namespaces":["x","team-*"]}`: true,
		`{"names":["search"],"namespaces":["x"]}`:          false,
		`{"names":["sea"]}`:                                false,
		`{"names":["s*r*h"]}`:                              true,
		`{"names":["*"]}`:                                  true,
		`{"names":["*ch*"]}`:                               true,
		`{"names":["*chx*"]}`:                              false,
		`{"labels":{"env":"prod","tier":"1"}}`:             true,
		`{"labels":{"env":"prod","tier":"2"}}`:             false,
		`{"labels":{"zone":""}}`:                           false,
	} {
		var selector wellhead.PipelineSelector
		if err := json.Unmarshal([]byte(text), &selector); err != nil {
			t.Fatal(err)
		}
		same(t, text, selector.Matches(search), want)
	}
}
