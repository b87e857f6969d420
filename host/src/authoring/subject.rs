//! The plugin that its author works on: loaded once, called with what a case says.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use wellhead_chain::{
    Allocation, Cache, Compiler, Engine, Entry, LoadOptions, Plugin, PluginError,
};
use wellhead_spec::protected::is_protected;
use wellhead_spec::{PathPattern, PluginCase, PluginEntry, PluginName, is_fact_name};

use super::call::Given;
use super::error::AuthoringError;

/// How plugins are loaded.
#[derive(Clone, Debug, Default)]
pub struct Loading {
    /// Where compiled plugins are kept. Without it, each run compiles.
    pub cache: Option<Cache>,
    /// Where plugins are compiled.
    pub compiler: Compiler,
}

/// A plugin that was loaded.
#[derive(Clone, Debug)]
pub struct Subject {
    pub(super) plugin: Arc<Plugin>,
    name: PluginName,
    pub(super) path: PathBuf,
    pub(super) compiler: Compiler,
}

/// Which plugin it was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Identity {
    /// Its name, as it says itself.
    pub name: String,
    /// Its version, as it says itself.
    pub version: String,
    /// SHA-256 of the component, `sha256:` and 64 hexadecimal digits.
    pub digest: String,
}

/// What a plugin may write, as in a chain entry.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Rights {
    /// Patterns of fields.
    pub grants: Vec<String>,
    /// Protected fields.
    pub opens: Vec<String>,
    /// Names of facts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub facts: Vec<String>,
}

impl Rights {
    /// These patterns, the protected ones as `opens`. A text that is no pattern is left out.
    pub fn of(patterns: &[String]) -> Self {
        let parsed = patterns.iter().filter_map(|it| Some((it, it.parse::<PathPattern>().ok()?)));
        let (opens, grants): (Vec<_>, Vec<_>) = parsed.partition(|it| is_protected(&it.1));
        let texts =
            |list: Vec<(&String, PathPattern)>| list.into_iter().map(|it| it.0.clone()).collect();
        Self { grants: texts(grants), opens: texts(opens), facts: Vec::new() }
    }

    /// Those of a test case, or those that the plugin asks for.
    pub(super) fn of_case(case: &PluginCase, subject: &Subject) -> Self {
        let asked = subject.asks_for();
        let facts = case.facts.clone().unwrap_or_else(|| asked.facts.clone());
        match (&case.grants, &case.opens) {
            (None, None) => Self { facts, ..asked },
            (grants, opens) => Self {
                grants: grants.clone().unwrap_or_default(),
                opens: opens.clone().unwrap_or_default(),
                facts,
            },
        }
    }
}

impl Subject {
    /// Reads, checks and compiles a component.
    pub fn load(
        path: &Path,
        allocation: Allocation,
        loading: &Loading,
    ) -> Result<Self, AuthoringError> {
        if !path.exists() {
            return Err(AuthoringError::NotBuilt { path: path.to_owned() });
        }
        let engine = Engine::new(allocation, loading.compiler.clone())?;
        let options = LoadOptions { cache: loading.cache.as_ref(), ..LoadOptions::default() };
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        let plugin = Plugin::load(&engine, &stem, path, &options)?;
        let (path, compiler) = (path.to_owned(), loading.compiler.clone());
        let name = entry_name(&plugin);
        Ok(Self { plugin: Arc::new(plugin), name, path, compiler })
    }

    /// The same, compiled in another way.
    pub(super) fn with(&self, plugin: Plugin) -> Self {
        Self { plugin: Arc::new(plugin), ..self.clone() }
    }

    /// Name of its chain entry: its own, where that is a name.
    pub fn name(&self) -> &str {
        self.name.as_str()
    }

    /// Which plugin it is.
    pub fn identity(&self) -> Identity {
        let about = self.plugin.description();
        Identity {
            name: about.name.clone(),
            version: about.version.clone(),
            digest: self.plugin.digest().to_owned(),
        }
    }

    /// What it asks to write and to know.
    pub fn asks_for(&self) -> Rights {
        let about = self.plugin.description();
        let asked: Vec<_> = about.writes.iter().chain(&about.opens).cloned().collect();
        let facts = about.facts.iter().filter(|it| is_fact_name(it)).cloned().collect();
        Rights { facts, ..Rights::of(&asked) }
    }

    /// Joins it with a config, with rights and budgets.
    pub(super) fn entry(&self, given: Given<'_>) -> Result<Entry, PluginError> {
        let Given { config, rights, limits, facts, .. } = given;
        let entry = PluginEntry {
            digest: None,
            name: self.name.clone(),
            source: String::new(),
            config: config.clone(),
            grants: rights.grants.clone(),
            opens: rights.opens.clone(),
            overrides: Vec::new(),
            after: Vec::new(),
            before: Vec::new(),
            facts: rights.facts.clone(),
            waives: Vec::new(),
            audit: false,
            limits: limits.clone(),
        };
        Ok(Entry::new(&entry, "", Arc::clone(&self.plugin))?.with_facts(facts))
    }
}

/// The plugin's own name, where it is one.
fn entry_name(plugin: &Plugin) -> PluginName {
    let own = PluginName::new(plugin.description().name.as_str());
    own.or_else(|_| PluginName::new("plugin")).expect("because `plugin` is a name")
}
