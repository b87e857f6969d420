//! `wellhead plugin inspect`.

use std::path::PathBuf;

use clap::Args;

use super::info::{Subject, component};
use crate::cli::args::format::Text;
use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::output::envelope::Envelope;

/// Show what a plugin does, which fields it asks to write, and its config
///
/// Checks the plugin and runs its `describe` in the sandbox. Prints the fields that it asks to write as
/// `grants` of a chain entry; only the operator grants them.
#[derive(Debug, Args)]
pub(super) struct Inspect {
    /// The component, or the folder of its project
    #[arg(default_value = ".")]
    plugin: PathBuf,
    /// Output format
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
