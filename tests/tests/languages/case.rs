//! The shared vectors: cases of `wellhead plugin test`, told in more detail than it compares.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::{Value, json};
use wellhead::authoring::Rights;
use wellhead_chain::{Chain, Entry, Facts, Level, LogLine, Plugin, PluginError};
use wellhead_spec::{
    Pipeline, PluginCase, PluginEntry, Source, load, load_case, load_config, load_facts,
};

use crate::EXAMPLES;

/// One vector.
pub(crate) struct Case {
    pub(crate) name: String,
    pipeline: Pipeline,
    config: Value,
    settings: PluginCase,
    facts: Facts,
}

/// All vectors, by name.
pub(crate) fn all() -> Vec<Case> {
    let entries = fs::read_dir(Path::new(EXAMPLES).join("vectors")).unwrap();
    let mut folders: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    folders.sort();
    folders.iter().map(|folder| Case::read(folder)).collect()
}

impl Case {
    fn read(folder: &Path) -> Self {
        let source = |file: &str| {
            let path = folder.join(file);
            path.is_file().then_some(Source::Path(path))
        };
        let read = load(&[source("pipeline.yaml").unwrap()]);
        assert!(!read.has_errors(), "{:?}", read.findings);
        let config = source("config.yaml").map(|it| load_config(&it).ok().unwrap());
        let settings = source("case.yaml").map(|it| load_case(&it).ok().unwrap().value);
        let facts = load_facts(&source("facts.yaml").into_iter().collect::<Vec<_>>());
        assert!(!facts.1.has_errors(), "{:?}", facts.1.findings);
        Self {
            facts: Facts::new(&facts.0),
            name: folder.file_name().unwrap().to_str().unwrap().to_owned(),
            pipeline: read.pipelines[0].value.clone(),
            config: config.unwrap_or_else(|| json!({})),
            settings: settings.unwrap_or_default(),
        }
    }

    /// Everything that a user can see of it: the pipeline, each edit with its reason, each warning and
    /// each message, or the errors.
    pub(crate) fn run(&self, plugin: &Arc<Plugin>) -> String {
        let account = match self.outcome(plugin) {
            Ok(account) => account,
            Err(errors) => errors.iter().map(told).collect(),
        };
        format!("{account:#}")
    }

    fn outcome(&self, plugin: &Arc<Plugin>) -> Result<Value, Vec<PluginError>> {
        let rights = match (&self.settings.grants, &self.settings.opens) {
            (None, None) => Rights::of(&plugin.description().writes),
            (grants, opens) => Rights {
                grants: grants.clone().unwrap_or_default(),
                opens: opens.clone().unwrap_or_default(),
                facts: Vec::new(),
            },
        };
        let facts = self.settings.facts.as_ref().unwrap_or(&plugin.description().facts);
        let entry: PluginEntry = serde_json::from_value(json!({
            "name": "plugin",
            "source": "plugin.wasm",
            "config": self.config,
            "grants": rights.grants,
            "opens": rights.opens,
            "facts": facts,
            "limits": self.settings.limits,
        }))
        .unwrap();
        let entry = Entry::new(&entry, "vectors", Arc::clone(plugin)).map_err(|it| vec![it])?;
        let entry = entry.with_facts(&self.facts);
        let outcome = Chain::new(vec![entry]).verifying_determinism().run(&self.pipeline)?;
        Ok(json!({
            "pipeline": outcome.pipeline.to_draft(),
            "edits": outcome.provenance.writes,
            "warnings": outcome.warnings.iter().map(|it| format!("{it:?}")).collect::<Vec<_>>(),
            "messages": to_users(&outcome.runs[0].log),
        }))
    }
}

/// What users read of what a plugin said. Details for its author, such as where an exception came from,
/// are the language's own.
pub(crate) fn to_users(log: &[LogLine]) -> Vec<LogLine> {
    log.iter().filter(|line| line.level != Level::Debug).cloned().collect()
}

fn told(error: &PluginError) -> Value {
    json!({
        "code": error.fault.code(),
        "error": error.to_string(),
        "causes": error.fault.causes(),
        "hints": error.fault.hints(),
        "fault": format!("{:?}", error.fault),
    })
}
