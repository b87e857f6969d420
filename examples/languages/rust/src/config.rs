//! What the operator configures.

use std::collections::BTreeMap;

use schemars::{JsonSchema, Schema};
use serde::{Deserialize, Deserializer};

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

/// Tells a field that is `null` from one that is left out.
fn even_null<'de, D: Deserializer<'de>>(value: D) -> Result<Option<Option<String>>, D::Error> {
    Option::deserialize(value).map(Some)
}
