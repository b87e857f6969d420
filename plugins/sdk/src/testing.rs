//! Native tests of a plugin's logic: no WebAssembly, no host, no cluster.
//!
//! ```
//! use serde_json::json;
//! use wellhead_plugin::testing;
//!
//! let pipeline = testing::pipeline(json!({
//!     "spec": { "claims": [{ "name": "data", "size": "1Gi" }] },
//! }));
//! pipeline.because("databases want fast disks");
//! pipeline.claim("data").unwrap().set_storage_class(Some("fast")).unwrap();
//!
//! assert_eq!(testing::document(&pipeline)["spec"]["claims"][0]["storageClass"], "fast");
//! assert_eq!(testing::edits(&pipeline)[0].path, "claims.data.storageClass");
//! ```
//!
//! The pipeline in memory answers like the host's where a plugin reads, and where it adds or removes
//! items. It does not check grants, conflicts, limits or values: an edit that succeeds here may fail
//! there, and a rejection here does not undo the edits before it.

use std::path::Path;
use std::{env, fs};

use serde_json::{Value, json};

pub use crate::memory::Edit;
use crate::memory::surroundings;
pub(crate) use crate::memory::surroundings::{context, facts as told};
use crate::{Finding, Pipeline, Plugin, Rejection, Transformer, Validator, export::private};

/// A pipeline with this document, in the form of a pipeline file: `metadata` and `spec`. Where it
/// says nothing, the pipeline is called `pipeline` and has one container `main`.
pub fn pipeline(mut document: Value) -> Pipeline {
    let main = json!([{ "name": "main", "image": "registry.example.com/main:1.0.0" }]);
    for (part, field, default) in
        [("metadata", "name", json!("pipeline")), ("spec", "containers", main)]
    {
        let value = &mut document[part][field];
        if value.is_null() {
            *value = default;
        }
    }
    Pipeline::of(document)
}

/// The pipeline's document after the edits.
pub fn document(pipeline: &Pipeline) -> Value {
    pipeline.document()
}

/// The edits so far, in order.
pub fn edits(pipeline: &Pipeline) -> Vec<Edit> {
    pipeline.edits()
}

/// What the operator tells plugins from now on in this thread, i.e. in this test: facts by their names.
pub fn facts(facts: Value) {
    surroundings::tell(facts);
}

/// Runs a transformer, its config given as JSON.
pub fn transform<P: Transformer>(pipeline: &Pipeline, config: &Value) -> Result<(), Rejection> {
    surroundings::about(pipeline, || private::transform::<P>(pipeline, &config.to_string()))
}

/// Runs a validator, its config given as JSON.
pub fn validate<P: Validator>(
    pipeline: &Pipeline,
    config: &Value,
) -> Result<Vec<Finding>, Rejection> {
    surroundings::about(pipeline, || private::validate::<P>(pipeline, &config.to_string()))
}

/// Compares the plugin's schema with the one that is derived from its config type, for plugins that
/// carry a file (see [`Plugin::config_schema`]). `file` is the file's path from the crate's folder,
/// where cargo runs the tests; with `BLESS=1` in the environment the file is written instead.
///
/// # Panics
///
/// When the schemas differ.
pub fn assert_schema<P: Plugin>(file: impl AsRef<Path>) {
    let derived = schemars::schema_for!(P::Config).to_value();
    if env::var_os("BLESS").is_some_and(|value| value == "1") {
        let text = format!("{derived:#}\n");
        fs::write(&file, text).expect("because the crate's folder can be written when blessing");
    } else {
        let schema: Value = serde_json::from_str(&P::config_schema()).unwrap_or_default();
        let file = file.as_ref().display();
        assert!(schema == derived, "{file} is stale; type `BLESS=1 cargo test`");
    }
}
