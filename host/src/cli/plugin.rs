//! `wellhead plugin`: what a plugin is.

use std::fmt::Write as _;
use std::path::PathBuf;

use clap::{Args, Subcommand};
use serde::Serialize;
use serde_json::Value;
use wellhead::{Allocation, Cache, Engine, LoadOptions, Structure};

use super::Context;
use super::envelope::Envelope;
use super::exit::Exit;
use super::failure::Failure;
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
    config_schema: Value,
}

impl Plugin {
    pub(crate) fn is_json(&self) -> bool {
        let PluginCommand::Inspect(inspect) = &self.command;
        inspect.output == Text::Json
    }

    pub(crate) fn run(&self, context: &Context) -> Result<Exit, Failure> {
        let PluginCommand::Inspect(inspect) = &self.command;
        let info = inspect.info()?;
        if self.is_json() {
            context.printer.json(&Envelope::new("PluginInfo", info, Vec::new()))?;
        } else {
            context.printer.text(&info.text())?;
        }
        Ok(Exit::Done)
    }
}

impl Inspect {
    fn info(&self) -> Result<PluginInfo, Failure> {
        let engine = Engine::new(Allocation::OnDemand).map_err(wellhead::Error::Engine)?;
        let cache = wellhead::cache_directory().map(Cache::new);
        let name = self.file.file_stem().unwrap_or_default().to_string_lossy();
        let options = LoadOptions { cache: cache.as_ref(), ..LoadOptions::default() };
        let plugin = wellhead::Plugin::load(&engine, &name, &self.file, &options)
            .map_err(Failure::Plugin)?;
        let about = plugin.description();
        let structure = std::fs::read(&self.file)
            .map_or_else(|_| Structure::default(), |it| Structure::of(&it));
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
        if self.writes.is_empty() {
            text.push_str("\nIt asks to write nothing.\n");
        } else {
            text.push_str("\ngrants:   # what it asks to write\n");
            for path in &self.writes {
                let _ = writeln!(text, "  - {}", yaml_text(path));
            }
        }
        let _ = writeln!(text, "\nconfig schema:\n{:#}", self.config_schema);
        text
    }
}

/// A text as a YAML list item.
fn yaml_text(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "*._-/".contains(c);
    if text.starts_with(|c: char| c.is_ascii_alphanumeric()) && text.chars().all(plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', "''"))
    }
}
