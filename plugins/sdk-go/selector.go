package wellhead

import "slices"

// LabelSelector is Kubernetes': it matches labels that fit all that it says, and any labels when it says
// nothing. A field of a config can have this type.
type LabelSelector struct {
	// Labels that must be there, with these values.
	MatchLabels map[string]string `json:"matchLabels,omitempty"`
	// What else must hold.
	MatchExpressions []LabelRequirement `json:"matchExpressions,omitempty"`
}

// LabelRequirement is what must hold of one label.
type LabelRequirement struct {
	// The label's key.
	Key string `json:"key"`
	// `In`, `NotIn`, `Exists` or `DoesNotExist`; nothing fits another one.
	Operator string `json:"operator"`
	// The values of `In` and `NotIn`, one at least.
	Values []string `json:"values,omitempty"`
}

// Matches says whether it matches labels, such as [Pipeline].Labels returns.
func (s LabelSelector) Matches(labels map[string]string) bool {
	return hasAll(labels, s.MatchLabels) && !slices.ContainsFunc(s.MatchExpressions, func(it LabelRequirement) bool {
		value, there := labels[it.Key]
		return !it.holds(value, there)
	})
}

func (r LabelRequirement) holds(value string, there bool) bool {
	switch r.Operator {
	case "In":
		return there && slices.Contains(r.Values, value)
	case "NotIn":
		return !there || !slices.Contains(r.Values, value)
	case "Exists":
		return there
	case "DoesNotExist":
		return !there
	}
	return false
}

func hasAll(labels, wanted map[string]string) bool {
	for key, value := range wanted {
		if found, there := labels[key]; !there || found != value {
			return false
		}
	}
	return true
}

// PipelineSelector says which pipelines a rule of a plugin is about: those that match every list that is
// given. It has the form of the `select` of a Customization, so that people write the same thing in both
// places. A field of a config can have this type.
type PipelineSelector struct {
	// Names, of which the pipeline must have one. `*` stands for any number of characters.
	Names []string `json:"names,omitempty"`
	// Labels, of which the pipeline must have all.
	Labels map[string]string `json:"labels,omitempty"`
	// Namespaces, of which the pipeline must be in one. `*` stands for any number of characters.
	Namespaces []string `json:"namespaces,omitempty"`
}

// Matches says whether the pipeline is selected.
func (s PipelineSelector) Matches(pipeline Pipeline) bool {
	namespace := ""
	if found := pipeline.Namespace(); found != nil {
		namespace = *found
	}
	return oneOf(s.Names, pipeline.Name()) && oneOf(s.Namespaces, namespace) &&
		(len(s.Labels) == 0 || hasAll(pipeline.Labels(), s.Labels))
}

// Whether a text matches one of the patterns; an empty list matches everything.
func oneOf(patterns []string, text string) bool {
	return len(patterns) == 0 || slices.ContainsFunc(patterns, func(pattern string) bool { return glob(pattern, text) })
}

// Whether a text matches a pattern in which `*` stands for any number of characters. The last star
// takes more whenever what follows it does not fit.
func glob(pattern, text string) bool {
	at, star, taken := 0, -1, 0
	for read := 0; read < len(text); {
		switch {
		case at < len(pattern) && pattern[at] == '*':
			star, taken = at, read
			at++
		case at < len(pattern) && pattern[at] == text[read]:
			at++
			read++
		case star >= 0:
			taken++
			at, read = star+1, taken
		default:
			return false
		}
	}
	for at < len(pattern) && pattern[at] == '*' {
		at++
	}
	return at == len(pattern)
}
