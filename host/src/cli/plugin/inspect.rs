//! `wellhead plugin inspect`.

use std::path::PathBuf;

use clap::Args;

use super::info::{Subject, component};
use crate::cli::Context;
use crate::cli::envelope::Envelope;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::version::Text;

/// Show what a plugin does, asks to write, and takes as config
///
/// The plugin is checked and asked about itself, in the sandbox. What it asks to write is printed as
/// the `grants` of a chain entry: asking is not getting.
#[derive(Debug, Args)]
pub(super) struct Inspect {
    /// The component, or the folder of its project
    #[arg(default_value = ".")]
    plugin: PathBuf,
    /// Format
    #[arg(short, long, value_name = "FORMAT", default_value = "text")]
    output: Text,
}

impl Inspect {
    pub(super) fn is_json(&self) -> bool {
        self.output == Text::Json
    }

    pub(super) fn run(&self, context: &Context) -> Result<Exit, Failure> {
        let file = component(&self.plugin)?;
        let name = file.file_stem().unwrap_or_default().to_string_lossy();
        let info = Subject::load(&name, &file, context)?.info();
        if self.is_json() {
            context.printer.json(&Envelope::new("PluginInfo", info, Vec::new()))?;
        } else {
            context.printer.text(&info.text())?;
        }
        Ok(Exit::Done)
    }
}
