//! The shared vectors: cases in the form that `wellhead plugin test` reads.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::{Value, json};
use wellhead_chain::{Chain, Entry, Plugin, PluginError};
use wellhead_spec::{Loaded, Pipeline, PluginEntry, Source, load};

/// One vector.
pub(crate) struct Case {
    pub(crate) name: String,
    pipeline: Pipeline,
    entry: PluginEntry,
}

/// All vectors, by name.
pub(crate) fn all() -> Vec<Case> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/languages/vectors");
    let mut folders: Vec<PathBuf> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.sort();
    folders.iter().filter(|it| it.is_dir()).map(|it| Case::read(it)).collect()
}

impl Case {
    fn read(folder: &Path) -> Self {
        let text = |file: &str| fs::read_to_string(folder.join(file)).unwrap_or_default();
        let pipelines = read(folder.join("pipeline.yaml"), text("pipeline.yaml")).pipelines;
        // The config is read as a part of a customization, as an operator writes it.
        let config = Some(text("config.yaml")).filter(|it| !it.is_empty()).unwrap_or_else(|| "{}".to_owned()).lines().fold(String::new(), |it, line| it + "\n        " + line);
        let document = format!(
            "apiVersion: wellhead.dev/v1alpha1\nkind: Customization\nmetadata: {{name: vectors}}\n\
             spec:\n  plugins:\n    - name: plugin\n      source: plugin.wasm\n      config:{config}\n{}",
            text("case.yaml").lines().filter(|it| !it.starts_with("apiVersion") && !it.starts_with("kind"))
                .fold(String::new(), |it, line| it + "      " + line + "\n")
        );
        let customizations = read(folder.join("config.yaml"), document).customizations;
        Self {
            name: folder.file_name().unwrap().to_str().unwrap().to_owned(),
            pipeline: Pipeline::clone(&pipelines[0]),
            entry: customizations[0].spec.plugins[0].clone(),
        }
    }

    /// What comes of it, as text: the pipeline, each edit with its reason and each message, or the
    /// error.
    pub(crate) fn run(&self, plugin: &Arc<Plugin>) -> String {
        let account = match self.outcome(plugin) {
            Ok(account) => account,
            Err(errors) => errors.iter().map(error).collect(),
        };
        format!("{account:#}")
    }

    fn outcome(&self, plugin: &Arc<Plugin>) -> Result<Value, Vec<PluginError>> {
        let mut entry = self.entry.clone();
        if entry.grants.is_empty() && entry.opens.is_empty() {
            entry.grants.clone_from(&plugin.description().writes);
        }
        let entry = Entry::new(&entry, "vectors", Arc::clone(plugin)).map_err(|it| vec![it])?;
        let outcome = Chain::new(vec![entry]).verifying_determinism().run(&self.pipeline)?;
        Ok(json!({
            "pipeline": outcome.pipeline.to_draft(),
            "edits": outcome.provenance.writes,
            "messages": outcome.runs[0].log,
        }))
    }
}

fn read(name: PathBuf, text: String) -> Loaded {
    let loaded = load(&[Source::Text { name, text }]);
    assert!(!loaded.has_errors(), "{:#?}", loaded.findings);
    loaded
}

fn error(error: &PluginError) -> Value {
    json!({
        "code": error.fault.code(),
        "error": error.to_string(),
        "causes": error.fault.causes(),
        "hints": error.fault.hints(),
    })
}
