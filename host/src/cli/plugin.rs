//! `wellhead plugin`: what a plugin is.

use std::fmt::Write as _;
use std::path::PathBuf;

use clap::{Args, Subcommand};
use serde::Serialize;
use serde_json::Value;
use wellhead::{Allocation, Engine, LoadOptions, Structure};
use wellhead_spec::protected::is_protected;
use wellhead_spec::{PathPattern, yaml_item};

use super::Context;
use super::envelope::Envelope;
use super::exit::Exit;
use super::failure::Failure;
use super::json;
use super::version::Text;

/// Look at plugins
#[derive(Debug, Args)]
#[command(arg_required_else_help = true)]
pub(crate) struct Plugin {
    #[command(subcommand)]
    command: PluginCommand,
}

#[derive(Debug, Subcommand)]
enum PluginCommand {
    Inspect(Inspect),
}

/// Show what a plugin does, asks to write, and takes as config
///
/// The plugin is checked and asked about itself, in the sandbox. What it asks to write is printed as
/// the `grants` of a chain entry: asking is not getting.
#[derive(Debug, Args)]
struct Inspect {
    /// The component
    file: PathBuf,
    /// Format
    #[arg(short, long, value_name = "FORMAT", default_value = "text")]
    output: Text,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PluginInfo {
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

impl Plugin {
    pub(crate) fn is_json(&self) -> bool {
        let PluginCommand::Inspect(inspect) = &self.command;
        inspect.output == Text::Json
    }

    pub(crate) fn run(&self, context: &Context) -> Result<Exit, Failure> {
        let PluginCommand::Inspect(inspect) = &self.command;
        let info = inspect.info(context)?;
        if self.is_json() {
            context.printer.json(&Envelope::new("PluginInfo", info, Vec::new()))?;
        } else {
            context.printer.text(&info.text())?;
        }
        Ok(Exit::Done)
    }
}

impl Inspect {
    fn info(&self, context: &Context) -> Result<PluginInfo, Failure> {
        let engine = Engine::new(Allocation::OnDemand, context.global.compiling.compiler())
            .map_err(wellhead::Error::Engine)?;
        let cache = wellhead::user_cache();
        let name = self.file.file_stem().unwrap_or_default().to_string_lossy();
        let options = LoadOptions { cache: cache.as_ref(), ..LoadOptions::default() };
        let plugin = wellhead::Plugin::load(&engine, &name, &self.file, &options)
            .map_err(Failure::Plugin)?;
        let about = plugin.description();
        let structure = std::fs::read(&self.file)
            .map_or_else(|_| Structure::default(), |it| Structure::of(&it));
        let (grants, opens) = rights(&about.writes);
        let exports = [("transform", about.transforms), ("validate", about.validates)];
        Ok(PluginInfo {
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
}

impl PluginInfo {
    fn text(&self) -> String {
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
        text += &self.rights();
        let schema = json::pretty(&self.config_schema).unwrap_or_default();
        let _ = writeln!(text, "\nconfig schema:\n{schema}");
        text
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
