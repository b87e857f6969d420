//! What a plugin is, for people and for programs.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde_json::Value;
use wellhead::authoring::{AuthoringError, Project};
use wellhead::{Allocation, Engine, LoadOptions, Plugin, PulledPlugin, Structure};
use wellhead_chain::{quote, quote_unless_word, sanitize};
use wellhead_spec::protected::is_protected;
use wellhead_spec::{
    Digest, MAX_COMPONENT, PathPattern, PluginReference, in_code, read_file, yaml_item,
};
use wellhead_toolchain::About;

use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::cli::output::json;

/// Most characters of a text about the origin.
const ORIGIN: usize = 200;

/// A plugin that was loaded, and what it is made of.
pub(super) struct Subject {
    pub(super) plugin: Plugin,
    pub(super) structure: Structure,
    /// What the file says about its origin.
    pub(super) about: About,
}

/// What a plugin is.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PluginInfo {
    name: String,
    version: String,
    description: String,
    digest: String,
    size: u64,
    /// Where it is in a registry, if it comes from there.
    #[serde(skip_serializing_if = "Option::is_none")]
    registry: Option<InRegistry>,
    structure: Structure,
    contract: String,
    exports: Vec<&'static str>,
    imports: Vec<String>,
    about: About,
    writes: Vec<String>,
    grants: Vec<String>,
    opens: Vec<String>,
    facts: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    license: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    homepage: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    min_host: Option<String>,
    config_schema: Value,
}

/// A plugin in a registry.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct InRegistry {
    source: String,
    manifest: String,
    /// The rule of the trust policy that requires signatures, and the keys whose owners signed it.
    #[serde(skip_serializing_if = "Option::is_none")]
    rule: Option<String>,
    signed_by: Vec<String>,
}

impl InRegistry {
    pub(super) fn new(source: &PluginReference, pulled: &PulledPlugin) -> Self {
        let signed = pulled.signed.as_ref();
        Self {
            source: source.to_string(),
            manifest: pulled.manifest.to_string(),
            rule: signed.map(|it| it.rule.clone()),
            signed_by: signed.map(|it| it.keys.clone()).unwrap_or_default(),
        }
    }

    fn text(&self) -> String {
        let signed = match &self.rule {
            Some(rule) => format!("{} (rule `{rule}`)", self.signed_by.join(", ")),
            None => "no rule requires it".to_owned(),
        };
        let Self { source, manifest, .. } = self;
        format!("registry  {source}\nmanifest  {manifest}\nsigned by {signed}\n")
    }
}

impl Subject {
    /// Checks a component and asks it about itself, in the sandbox. `name` is what messages call it.
    pub(super) fn load(name: &str, file: &Path, context: &Context) -> Result<Self, Failure> {
        Self::load_as(name, file, None, context)
    }

    /// The same of a component that must have a digest, where that is known.
    pub(super) fn load_as(
        name: &str,
        file: &Path,
        digest: Option<&Digest>,
        context: &Context,
    ) -> Result<Self, Failure> {
        let engine = Engine::new(Allocation::OnDemand, context.global.compiling.compiler())
            .map_err(wellhead::Error::Engine)?;
        let cache = wellhead::user_cache();
        let options = LoadOptions { cache: cache.as_ref(), ..LoadOptions::default() };
        let plugin = match digest {
            None => Plugin::load(&engine, name, file, &options),
            Some(digest) => Plugin::load_pinned(&engine, name, file, digest.as_str(), &options),
        };
        let plugin = plugin.map_err(Failure::Plugin)?;
        let (structure, about) = read_file(file, MAX_COMPONENT).map_or_else(
            |_| Default::default(),
            |it| (Structure::of(&it), About::of(&it).map(|text| sanitize(&text, ORIGIN))),
        );
        Ok(Self { plugin, structure, about })
    }

    /// Interfaces of the contract that the host calls.
    pub(super) fn exports(&self) -> Vec<&'static str> {
        let about = self.plugin.description();
        let exports = [("transform", about.transforms), ("validate", about.validates)];
        exports.iter().filter(|it| it.1).map(|it| it.0).collect()
    }

    /// The contract that it was built against, e.g. `wellhead:plugin@0.1.0`.
    pub(super) fn contract(&self) -> String {
        format!("wellhead:plugin@{}", self.plugin.contract_version())
    }

    /// Everything that there is to say about it.
    pub(super) fn info(&self) -> PluginInfo {
        let about = self.plugin.description();
        let asked: Vec<_> = about.writes.iter().chain(&about.opens).cloned().collect();
        let (grants, opens) = rights(&asked);
        PluginInfo {
            name: about.name.clone(),
            version: about.version.clone(),
            description: about.description.clone(),
            digest: self.plugin.digest().to_owned(),
            size: self.structure.file_bytes,
            registry: None,
            structure: self.structure,
            contract: self.contract(),
            exports: self.exports(),
            imports: self.plugin.imports(),
            about: self.about.clone(),
            writes: about.writes.clone(),
            grants,
            opens,
            facts: about.facts.clone(),
            license: about.license.clone(),
            homepage: about.homepage.clone(),
            min_host: about.min_host.clone(),
            config_schema: about.config_schema.clone(),
        }
    }
}

impl PluginInfo {
    /// The same of what a registry has.
    pub(super) fn in_registry(self, registry: InRegistry) -> Self {
        Self { registry: Some(registry), ..self }
    }

    /// All but the schema.
    pub(super) fn summary(&self) -> String {
        let mut text = format!("{} {}\n", self.name, self.version);
        if !self.description.is_empty() {
            let _ = writeln!(text, "{}", quote(&self.description, usize::MAX));
        }
        let registry = self.registry.as_ref().map(InRegistry::text).unwrap_or_default();
        let _ = write!(
            text,
            "\n{registry}digest    {}\nsize      {} bytes, {} functions, {} core instances\ncontract  {}\n\
             exports   {}\nimports   {}\n",
            self.digest,
            self.size,
            self.structure.functions,
            self.structure.core_instances,
            self.contract,
            self.exports.join(", "),
            if self.imports.is_empty() { "nothing".to_owned() } else { self.imports.join(", ") },
        );
        text + &self.origin() + &self.described() + &self.rights()
    }

    /// What the file says about its origin beyond what the plugin itself says.
    fn origin(&self) -> String {
        let about = &self.about;
        let other = |said: &Option<String>, known: &str| said.clone().filter(|it| it != known);
        let mut text = String::new();
        for (title, said) in [
            ("name", other(&about.name, &self.name)),
            ("version", other(&about.version, &self.version)),
            ("licenses", about.licenses.clone()),
            ("source", about.source.clone()),
            ("homepage", about.homepage.clone()),
            ("authors", about.authors.clone()),
            ("revision", about.revision.clone()),
        ] {
            if let Some(said) = said {
                let _ = writeln!(text, "{title:<9} {}", quote_unless_word(&said, usize::MAX));
            }
        }
        text
    }

    /// What the plugin itself says beyond that, where the file does not.
    fn described(&self) -> String {
        let license = self.license.as_ref().filter(|_| self.about.licenses.is_none());
        let homepage = self.homepage.as_ref().filter(|_| self.about.homepage.is_none());
        let needs = self.min_host.as_ref().map(|it| format!("Wellhead {it} or later"));
        let mut text = String::new();
        for (title, said) in
            [("licence", license), ("homepage", homepage), ("needs", needs.as_ref())]
        {
            if let Some(said) = said {
                let _ = writeln!(text, "{title:<9} {said}");
            }
        }
        text
    }

    /// Everything.
    pub(super) fn text(&self) -> String {
        let schema = json::pretty(&self.config_schema).unwrap_or_default();
        format!("{}\nconfig schema:\n{schema}\n", self.summary())
    }

    /// What the plugin asks for, as lines of a chain entry.
    fn rights(&self) -> String {
        let mut text = "\n".to_owned();
        if self.writes.is_empty() && self.opens.is_empty() {
            text += "It asks to write nothing.\n";
        }
        for (list, paths, what) in [
            ("grants", &self.grants, "what it asks to write"),
            ("opens", &self.opens, "protected fields that it asks to write"),
            ("facts", &self.facts, "what it asks to know; `--facts FILE` tells it"),
        ] {
            if !paths.is_empty() {
                let _ = writeln!(text, "{list}:   # {what}");
            }
            for path in paths {
                let _ = writeln!(text, "  - {}", yaml_item(path));
            }
        }
        for other in self.writes.iter().filter(|it| it.parse::<PathPattern>().is_err()) {
            let _ = writeln!(
                text,
                "# it also asks for {}, which is not a pattern of fields",
                in_code(other, usize::MAX)
            );
        }
        text
    }
}

/// The component that is meant: a file, or that of a project.
pub(super) fn component(path: &Path) -> Result<PathBuf, Failure> {
    if !path.is_dir() {
        return Ok(path.to_owned());
    }
    let component = Project::open(path)?.component;
    if component.exists() {
        return Ok(component);
    }
    Err(AuthoringError::NotBuilt { path: component }.into())
}

/// The patterns among what a plugin asks for, as `grants` and `opens` of a chain entry.
fn rights(writes: &[String]) -> (Vec<String>, Vec<String>) {
    let patterns = writes.iter().filter_map(|it| Some((it, it.parse::<PathPattern>().ok()?)));
    let (opens, grants): (Vec<_>, Vec<_>) = patterns.partition(|it| is_protected(&it.1));
    let texts =
        |list: Vec<(&String, PathPattern)>| list.into_iter().map(|it| it.0.clone()).collect();
    (texts(grants), texts(opens))
}
