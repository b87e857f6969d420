// Command kubernetes writes what Kubernetes makes of quantities and of selectors: the vectors that hold the
// SDKs of all languages to it.
//
//	go run . > ../../plugins/kubernetes.json
package main

import (
	"encoding/json"
	"fmt"
	"os"

	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
)

type read struct {
	Text      string `json:"text"`
	Canonical string `json:"canonical"`
	Whole     string `json:"whole"`
}

type refused struct {
	Text    string `json:"text"`
	Message string `json:"message"`
}

type compared struct {
	A     string `json:"a"`
	B     string `json:"b"`
	Order int    `json:"order"`
}

type calculated struct {
	A          string `json:"a"`
	B          string `json:"b"`
	Sum        string `json:"sum"`
	Difference string `json:"difference"`
}

type multiplied struct {
	Text    string `json:"text"`
	By      int64  `json:"by"`
	Product string `json:"product"`
}

type selected struct {
	Selector metav1.LabelSelector `json:"selector"`
	Labels   map[string]string    `json:"labels"`
	Matches  bool                 `json:"matches"`
}

type vectors struct {
	Read       []read       `json:"read"`
	Refused    []refused    `json:"refused"`
	Compared   []compared   `json:"compared"`
	Calculated []calculated `json:"calculated"`
	Multiplied []multiplied `json:"multiplied"`
	Selected   []selected   `json:"selected"`
}

// Texts of each form; suffixes up to the largest, beyond which Kubernetes drops digits.
var texts = []string{
	"0", "-0", "0Mi", "0e999", "00", "+1", "1", "1.", ".5", "0.5", "1.5", "-1.5", "007", "1.500",
	"1n", "1u", "1m", "1k", "1M", "1G", "1T", "1P", "1E",
	"1Ki", "1Mi", "1Gi", "1Ti", "1Pi", "1Ei",
	"100m", "1000m", "1500m", "1000", "12000", "123456789", "100k", "1000k", "12E",
	"1e0", "1e3", "1E3", "12e3", "1e+3", "1e-3", "1.5e3", "1e1", "1e2", "-1e4", "2.5e-2", "1e18",
	"1024Mi", "1.5Gi", "0.5Gi", "0.5Ki", "1.1Ki", "2000Ki", "1023", "1023Ki", "-2Gi", "-1.5Mi", "0.1Mi", "1.953125Ki",
	"8Ei", "9999Ei", "-9999Ei", "9999999999999999999999999Ei", "9223372036854775807", "9223372036854775808",
	"0.1n", "1.1n", "-0.1n", "-2.5n", "0.000000001", "0.0000000001", "1e-10", "1e-999", "0.000001Ki",
	"0.0000000000000000000000000000000001Ei", "3.14159", "123456789.123456789", "99999999999999999999",
	"170141183460469231731687303715", "-170141183460469231731687303715.8",
}

const number = "it is a number with an optional suffix, e.g. `500m`, `2` or `10Gi`"
const suffix = "its suffix is one of n, u, m, k, M, G, T, P, E, Ki, Mi, Gi, Ti, Pi, Ei, or an exponent such as e3"

// Kubernetes gives other reasons, reads some texts without a number, e.g. "Gi", as 0, and has no bound for
// amounts without a binary suffix.
const large = "it is too large"

var wrong = map[string][]string{
	number: {"", "Gi", "-", "+", "m", "e3", "1.2.3", "1.5.", "NaN1", "--1", "+-1", " 1", "..1"},
	suffix: {"1 ", "1K", "1ki", "1kb", "10gb", "10GiB", "1Mb", "1e", "1e+", "1e3Ki", "1e3.5", "1x", "1_000", "1,5", "1µ"},
	large:  {"1e99", "-1e99", "170141183460469231731687303716", "1e9999999999999999999999"},
}

func main() {
	var out vectors
	for _, text := range texts {
		it := parse(text)
		out.Read = append(out.Read, read{text, canonical(it), fmt.Sprint(whole(it))})
	}
	for _, reason := range []string{number, suffix, large} {
		for _, text := range wrong[reason] {
			if _, err := resource.ParseQuantity(text); err == nil && reason == suffix {
				fmt.Fprintf(os.Stderr, "Kubernetes reads %q\n", text)
				os.Exit(1)
			}
			out.Refused = append(out.Refused, refused{text, fmt.Sprintf("`%s` is not a quantity: %s", text, reason)})
		}
	}
	pairs := [][2]string{
		{"1Gi", "1024Mi"}, {"1Gi", "1G"}, {"500m", "0.5"}, {"1n", "0"}, {"-1", "1n"}, {"9223372036854775807", "8Ei"},
		{"1e3", "1k"}, {"100m", "99999999n"}, {"1.5Gi", "1536Mi"}, {"-2Gi", "-3Gi"}, {"0", "0Ei"}, {"1E", "1Ei"},
		{"0Gi", "3k"}, {"1k", "2Ki"}, {"1Ki", "2k"}, {"0.1", "0.2"}, {"1023Ki", "1Ki"}, {"1e3", "500"}, {"1Gi", "-1Gi"}, {"512Mi", "1.5Gi"},
	}
	for _, pair := range pairs {
		a, b := parse(pair[0]), parse(pair[1])
		out.Compared = append(out.Compared, compared{pair[0], pair[1], a.Cmp(b)})
		sum, difference := a.DeepCopy(), a.DeepCopy()
		sum.Add(b)
		difference.Sub(b)
		out.Calculated = append(out.Calculated, calculated{pair[0], pair[1], canonical(sum), canonical(difference)})
	}
	for _, it := range []struct {
		text string
		by   int64
	}{
		{"100m", 3}, {"100m", 10}, {"1Gi", 3}, {"1.5Gi", 2}, {"512Mi", 2}, {"1Ki", 1000}, {"7", 0}, {"-2Gi", -2},
		{"1e3", 1000}, {"1n", 1000000000}, {"333m", 3}, {"1Ei", 2}, {"9223372036854775807", 2}, {"1.1Ki", 10}, {"2", -9223372036854775808},
	} {
		product := parse(it.text)
		product.Mul(it.by)
		out.Multiplied = append(out.Multiplied, multiplied{it.text, it.by, canonical(product)})
	}
	out.Selected = selections()
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", " ")
	if err := encoder.Encode(out); err != nil {
		panic(err)
	}
}

func parse(text string) resource.Quantity {
	return resource.MustParse(text)
}

// The canonical form. String would repeat some texts as they were written, e.g. "+1" and "1.500".
func canonical(it resource.Quantity) string {
	number, suffix := it.CanonicalizeBytes(nil)
	return string(number) + string(suffix)
}

// The amount in whole units, rounded away from zero.
func whole(it resource.Quantity) string {
	it.RoundUp(0)
	return it.AsDec().String()
}

// Each selector with each set of labels.
func selections() []selected {
	expression := func(key string, operator metav1.LabelSelectorOperator, values ...string) metav1.LabelSelectorRequirement {
		return metav1.LabelSelectorRequirement{Key: key, Operator: operator, Values: values}
	}
	expressions := func(all ...metav1.LabelSelectorRequirement) metav1.LabelSelector {
		return metav1.LabelSelector{MatchExpressions: all}
	}
	selectors := []metav1.LabelSelector{
		{},
		{MatchLabels: map[string]string{"env": "prod"}},
		{MatchLabels: map[string]string{"env": "prod", "tier": ""}},
		expressions(expression("env", metav1.LabelSelectorOpIn, "dev", "prod")),
		expressions(expression("env", metav1.LabelSelectorOpNotIn, "dev", "prod")),
		expressions(expression("tier", metav1.LabelSelectorOpExists)),
		expressions(expression("tier", metav1.LabelSelectorOpDoesNotExist)),
		expressions(expression("env", metav1.LabelSelectorOpIn, "prod"), expression("tier", metav1.LabelSelectorOpDoesNotExist)),
		{
			MatchLabels:      map[string]string{"env": "prod"},
			MatchExpressions: []metav1.LabelSelectorRequirement{expression("env", metav1.LabelSelectorOpNotIn, "prod")},
		},
	}
	sets := []map[string]string{
		{}, {"env": "prod"}, {"env": "dev", "tier": "gold"}, {"env": "prod", "tier": ""}, {"tier": "prod"},
	}
	var out []selected
	for _, selector := range selectors {
		compiled, err := metav1.LabelSelectorAsSelector(&selector)
		if err != nil {
			panic(err)
		}
		for _, set := range sets {
			out = append(out, selected{selector, set, compiled.Matches(labels.Set(set))})
		}
	}
	return out
}
