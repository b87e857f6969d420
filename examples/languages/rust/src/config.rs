//! What the operator configures.

use std::collections::BTreeMap;

use schemars::{JsonSchema, Schema};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// What the platform sets in every pipeline.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
#[schemars(!default, transform = without_required)]
pub struct Config {
    /// Prefixes of images and what replaces them. The longest that covers an image wins.
    pub mirrors: BTreeMap<String, String>,
    /// Storage class of each claim, by the claim's name; `null` for the cluster's default, an empty
    /// text for volumes without a class.
    #[schemars(with = "BTreeMap<String, Option<String>>")]
    pub storage_classes: Option<BTreeMap<String, Option<String>>>,
    /// Storage class of the claims that `storageClasses` does not name. Left out: such a claim is
    /// refused.
    #[serde(deserialize_with = "even_null")]
    #[schemars(with = "Option<String>")]
    pub default_storage_class: Option<Option<String>>,
    /// Number of replicas of each environment. The label `environment` says which one a pipeline is in.
    #[schemars(with = "BTreeMap<String, Count>", extend("minProperties" = 1))]
    pub replicas: Option<BTreeMap<String, Count>>,
    /// Labels of every pipeline and of its pods; `null` removes one.
    pub labels: BTreeMap<String, Option<String>>,
    /// Who answers questions about the pipeline.
    #[schemars(with = "String", length(min = 1, max = 40))]
    pub contact: Option<String>,
    /// Edits of any field, in this order.
    pub edits: Vec<Edit>,
    /// Most replicas that a pipeline may have after all plugins.
    #[schemars(with = "Count")]
    pub most_replicas: Option<Count>,
}

/// An edit of any field.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline, transform = with_edit_and_path)]
pub struct Edit {
    /// What to do.
    pub edit: Operation,
    /// Path of the field, or of the list; for `fact`, the name of the fact.
    pub path: String,
    /// The value.
    #[serde(default)]
    pub value: Value,
    /// Where `insert` puts it: `first`, `last`, `before PATH` or `after PATH`.
    #[schemars(with = "String", regex(pattern = r"^(first|last|(before|after) .+)$"))]
    pub at: Option<String>,
}

/// What to do with a field.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub enum Operation {
    Set,
    Remove,
    Append,
    Insert,
    Show,
    Fact,
}

// To JSON Schema, `3.0` is an integer, so it is read as any number is.
/// A number of replicas.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct Count(#[schemars(with = "i32", range(min = 0, max = 1000))] f64);

impl Count {
    /// The number. The schema keeps it within 0 and 1000.
    #[expect(clippy::cast_possible_truncation, reason = "the schema has no fractions")]
    pub fn number(self) -> i32 {
        self.0 as i32
    }
}

/// Every field may be left out, also where the schema is that of a type without `Option`.
fn without_required(schema: &mut Schema) {
    schema.remove("required");
}

/// An edit has these two; what else it has goes by what it does.
fn with_edit_and_path(schema: &mut Schema) {
    schema.insert("required".to_owned(), vec!["edit", "path"].into());
}

/// Tells a field that is `null` from one that is left out.
fn even_null<'de, D: Deserializer<'de>>(value: D) -> Result<Option<Option<String>>, D::Error> {
    Option::deserialize(value).map(Some)
}
