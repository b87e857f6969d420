//! The traits that a plugin implements.

use schemars::JsonSchema;
use serde::de::DeserializeOwned;

use crate::{Finding, Pipeline, Rejection};

/// What every plugin says about itself. Name, version, description, licence and homepage come from
/// its `Cargo.toml`.
pub trait Plugin {
    /// What the operator configures. Its JSON Schema is part of the plugin: the host checks each
    /// config against it before the plugin runs. Put `#[serde(deny_unknown_fields)]` on it, so that
    /// a misspelt field is an error and not a setting without effect.
    type Config: DeserializeOwned + JsonSchema;

    /// Patterns of the fields that the plugin writes, e.g. `containers.*.image`, or `tolerations[+]` for
    /// items that it adds. The plugin asks; only the operator grants. A validator writes nothing and
    /// leaves the default.
    const WRITES: &'static [&'static str] = &[];

    /// Patterns of the protected fields that the plugin writes, e.g. `serviceAccountName`. The plugin
    /// asks; only the operator opens.
    const OPENS: &'static [&'static str] = &[];

    /// Names of the [facts](crate::facts) that the plugin reads, e.g. `storageClasses`. The plugin
    /// asks; only the operator grants.
    const FACTS: &'static [&'static str] = &[];

    /// The oldest version of Wellhead that the plugin works with, e.g. `0.2.0`.
    const MIN_HOST: Option<&'static str> = None;

    /// The JSON Schema of [`Config`](Self::Config).
    ///
    /// The default derives it whenever the plugin is asked; that adds about 70 KB to the component.
    /// A plugin that wants to be small, as a new project is, returns a file, and
    /// [`testing::assert_schema`](crate::testing::assert_schema) keeps the file current:
    ///
    /// ```ignore
    /// fn config_schema() -> String {
    ///     include_str!("../config.schema.json").to_owned()
    /// }
    /// ```
    fn config_schema() -> String {
        schemars::schema_for!(Self::Config).to_value().to_string()
    }
}

/// A plugin that edits the pipeline.
pub trait Transformer: Plugin {
    /// Edits the pipeline.
    ///
    /// The same pipeline and config must always give the same edits. The host keeps either all of
    /// them or, after a rejection, none.
    fn transform(config: &Self::Config, pipeline: &Pipeline) -> Result<(), Rejection>;
}

/// A plugin that judges the pipeline. It runs after all transformers, and each of its edits fails
/// with [`EditError::ReadOnly`](crate::EditError::ReadOnly).
pub trait Validator: Plugin {
    /// Judges the pipeline: returns all that is wrong with it, not the first.
    ///
    /// A rejection says that the plugin cannot judge, e.g. because its config contradicts itself.
    fn validate(config: &Self::Config, pipeline: &Pipeline) -> Result<Vec<Finding>, Rejection>;
}
