//! What the operator tells plugins about the cluster.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Characters of the longest name of a fact.
pub const FACT_NAME_MAX: usize = 63;

/// What the operator tells plugins about the cluster. A plugin reads the facts that its chain entry grants.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Facts {
    /// The facts by their names: `storageClasses`, `nodes` and `versions` as `wellhead facts` prints them, and any
    /// others.
    pub spec: BTreeMap<String, Value>,
}

/// What the name of a fact is, in words.
pub(crate) const FACT_NAME_RULE: &str = "a letter, then letters, digits, `-`, `_` and `.`, at most 63 characters, e.g. `storageClasses`";

/// Whether a text is the name of a fact: a letter, then letters, digits, `-`, `_` and `.`, at most 63 in all.
pub fn is_fact_name(text: &str) -> bool {
    let inner = |it: u8| it.is_ascii_alphanumeric() || b"-_.".contains(&it);
    text.len() <= FACT_NAME_MAX
        && text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text.bytes().all(inner)
}
