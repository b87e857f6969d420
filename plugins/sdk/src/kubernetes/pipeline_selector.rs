//! Which pipelines a rule of a plugin is about.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use crate::Pipeline;

/// Which pipelines a rule applies to: those that match every list that is given. It has the form of
/// the `select` of a Customization, so that people write the same thing in both places.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PipelineSelector {
    /// Names, of which the pipeline must have one. `*` stands for any number of characters.
    #[serde(default)]
    pub names: Vec<String>,
    /// Labels, of which the pipeline must have all.
    #[serde(default)]
    pub labels: BTreeMap<String, String>,
    /// Namespaces, of which the pipeline must be in one. `*` stands for any number of characters.
    #[serde(default)]
    pub namespaces: Vec<String>,
}

impl PipelineSelector {
    /// Whether the pipeline is selected.
    pub fn matches(&self, pipeline: &Pipeline) -> bool {
        let namespace = pipeline.namespace().unwrap_or_default();
        one_of(&self.names, &pipeline.name())
            && one_of(&self.namespaces, &namespace)
            && (self.labels.is_empty() || {
                let labels: BTreeMap<String, String> = pipeline.labels().into_iter().collect();
                self.labels.iter().all(|(key, value)| labels.get(key) == Some(value))
            })
    }
}

/// Whether a text matches one of the patterns; an empty list matches everything.
fn one_of(patterns: &[String], text: &str) -> bool {
    patterns.is_empty() || patterns.iter().any(|pattern| glob(pattern, text))
}

/// Whether a text matches a pattern in which `*` stands for any number of characters.
fn glob(pattern: &str, text: &str) -> bool {
    let Some((head, rest)) = pattern.split_once('*') else { return pattern == text };
    text.strip_prefix(head).is_some_and(|tail| {
        tail.char_indices()
            .map(|(start, _)| start)
            .chain([tail.len()])
            .any(|start| glob(rest, &tail[start..]))
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::testing;

    fn selects(selector: serde_json::Value) -> bool {
        let pipeline = testing::pipeline(json!({
            "metadata": {
                "name": "search",
                "namespace": "team-a",
                "labels": { "env": "prod", "tier": "1" },
            },
        }));
        serde_json::from_value::<PipelineSelector>(selector).unwrap().matches(&pipeline)
    }

    #[test]
    fn an_empty_selector_selects_everything() {
        assert!(selects(json!({})));
    }

    #[test]
    fn every_given_list_must_match() {
        assert!(selects(json!({ "names": ["search"], "namespaces": ["x", "team-*"] })));
        assert!(!selects(json!({ "names": ["search"], "namespaces": ["x"] })));
        assert!(!selects(json!({ "names": ["sea"], "namespaces": ["team-a"] })));
    }

    #[test]
    fn every_label_must_be_there() {
        assert!(selects(json!({ "labels": { "env": "prod", "tier": "1" } })));
        assert!(!selects(json!({ "labels": { "env": "prod", "tier": "2" } })));
        assert!(!selects(json!({ "labels": { "zone": "" } })));
    }

    proptest! {
        #[test]
        fn a_text_matches_itself_with_any_part_starred(text in "[a-zü-]{0,8}", from in 0usize..9, to in 0usize..9) {
            let letters: Vec<char> = text.chars().collect();
            let (from, to) = (from.min(to).min(letters.len()), from.max(to).min(letters.len()));
            let head: String = letters[..from].iter().collect();
            let tail: String = letters[to..].iter().collect();
            let pattern = format!("{head}*{tail}");
            prop_assert!(glob(&pattern, &text));
        }

        #[test]
        fn a_pattern_without_a_star_matches_itself_only(a in "[ab]{0,3}", b in "[ab]{0,3}") {
            prop_assert_eq!(glob(&a, &b), a == b);
        }
    }
}
