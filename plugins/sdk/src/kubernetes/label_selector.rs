//! Which objects a selector selects, by their labels.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Kubernetes' `LabelSelector`: it matches labels that fit all that it says, and any labels when it
/// says nothing. It is a ready part of a config.
///
/// ```
/// use wellhead_plugin::LabelSelector;
///
/// let selector: LabelSelector = serde_json::from_str(
///     r#"{"matchExpressions": [{"key": "tier", "operator": "In", "values": ["gold", "silver"]}]}"#,
/// )?;
/// assert!(selector.matches(&[("tier".to_owned(), "gold".to_owned())]));
/// assert!(!selector.matches(&[]));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LabelSelector {
    /// Labels that must be there, with these values.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub match_labels: BTreeMap<String, String>,
    /// What else must hold.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub match_expressions: Vec<LabelRequirement>,
}

/// What must hold of one label.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LabelRequirement {
    /// The label's key.
    pub key: String,
    /// What must hold of it.
    pub operator: Operator,
    /// The values of `In` and `NotIn`, one at least.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<String>,
}

/// What must hold of a label.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
pub enum Operator {
    /// It is there, with one of the values.
    In,
    /// It is not there, or has another value.
    NotIn,
    /// It is there.
    Exists,
    /// It is not there.
    DoesNotExist,
}

impl LabelSelector {
    /// Whether it matches labels, such as [`Pipeline::labels`](crate::Pipeline::labels) returns.
    pub fn matches(&self, labels: &[(String, String)]) -> bool {
        let value = |key: &str| labels.iter().find(|(it, _)| it == key).map(|(_, value)| value);
        self.match_labels.iter().all(|(key, expected)| value(key) == Some(expected))
            && self.match_expressions.iter().all(|it| it.holds(value(&it.key)))
    }
}

impl LabelRequirement {
    fn holds(&self, value: Option<&String>) -> bool {
        let listed = value.is_some_and(|value| self.values.contains(value));
        match self.operator {
            Operator::In => listed,
            Operator::NotIn => !listed,
            Operator::Exists => value.is_some(),
            Operator::DoesNotExist => value.is_none(),
        }
    }
}
