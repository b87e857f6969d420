//! What a plugin is, for people and for programs.

use std::fmt::Write as _;
use std::path::Path;

use serde::Serialize;
use serde_json::Value;
use wellhead::{Allocation, Engine, LoadOptions, Structure};
use wellhead_spec::protected::is_protected;
use wellhead_spec::{PathPattern, yaml_item};

use crate::cli::Context;
use crate::cli::failure::Failure;
use crate::cli::json;

/// What a plugin is.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PluginInfo {
    name: String,
    version: String,
    description: String,
    digest: String,
    size: u64,
    structure: Structure,
    exports: Vec<&'static str>,
    imports: Vec<String>,
    writes: Vec<String>,
    grants: Vec<String>,
    opens: Vec<String>,
    config_schema: Value,
}

impl PluginInfo {
    /// Checks a component and asks it about itself, in the sandbox. `name` is what messages call it.
    pub(super) fn of(name: &str, file: &Path, context: &Context) -> Result<Self, Failure> {
        let engine = Engine::new(Allocation::OnDemand, context.global.compiling.compiler())
            .map_err(wellhead::Error::Engine)?;
        let cache = wellhead::user_cache();
        let options = LoadOptions { cache: cache.as_ref(), ..LoadOptions::default() };
        let plugin =
            wellhead::Plugin::load(&engine, name, file, &options).map_err(Failure::Plugin)?;
        let about = plugin.description();
        let structure =
            std::fs::read(file).map_or_else(|_| Structure::default(), |it| Structure::of(&it));
        let (grants, opens) = rights(&about.writes);
        let exports = [("transform", about.transforms), ("validate", about.validates)];
        Ok(Self {
            name: about.name.clone(),
            version: about.version.clone(),
            description: about.description.clone(),
            digest: plugin.digest().to_owned(),
            size: structure.file_bytes,
            structure,
            exports: exports.iter().filter(|it| it.1).map(|it| it.0).collect(),
            imports: plugin.imports(),
            writes: about.writes.clone(),
            grants,
            opens,
            config_schema: about.config_schema.clone(),
        })
    }

    /// All but the schema.
    pub(super) fn summary(&self) -> String {
        let mut text = format!("{} {}\n", self.name, self.version);
        if !self.description.is_empty() {
            let _ = writeln!(text, "{}", self.description);
        }
        let _ = write!(
            text,
            "\ndigest   {}\nsize     {} bytes, {} functions, {} core instances\nexports  {}\nimports  {}\n",
            self.digest,
            self.size,
            self.structure.functions,
            self.structure.core_instances,
            self.exports.join(", "),
            if self.imports.is_empty() { "nothing".to_owned() } else { self.imports.join(", ") },
        );
        text + &self.rights()
    }

    /// Everything.
    pub(super) fn text(&self) -> String {
        let schema = json::pretty(&self.config_schema).unwrap_or_default();
        format!("{}\nconfig schema:\n{schema}\n", self.summary())
    }

    /// What the plugin asks to write, as lines of a chain entry.
    fn rights(&self) -> String {
        if self.writes.is_empty() {
            return "\nIt asks to write nothing.\n".to_owned();
        }
        let mut text = "\n".to_owned();
        for (list, paths, what) in [
            ("grants", &self.grants, "what it asks to write"),
            ("opens", &self.opens, "protected fields that it asks to write"),
        ] {
            if !paths.is_empty() {
                let _ = writeln!(text, "{list}:   # {what}");
            }
            for path in paths {
                let _ = writeln!(text, "  - {}", yaml_item(path));
            }
        }
        for other in self.writes.iter().filter(|it| it.parse::<PathPattern>().is_err()) {
            let _ = writeln!(text, "# it also asks for `{other}`, which is no pattern of fields");
        }
        text
    }
}

/// The patterns among what a plugin asks for, as `grants` and `opens` of a chain entry.
fn rights(writes: &[String]) -> (Vec<String>, Vec<String>) {
    let patterns = writes.iter().filter_map(|it| Some((it, it.parse::<PathPattern>().ok()?)));
    let (opens, grants): (Vec<_>, Vec<_>) = patterns.partition(|it| is_protected(&it.1));
    let texts =
        |list: Vec<(&String, PathPattern)>| list.into_iter().map(|it| it.0.clone()).collect();
    (texts(grants), texts(opens))
}
