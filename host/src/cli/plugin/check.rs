//! `wellhead plugin check`.

use std::path::PathBuf;

use clap::Args;

use super::info::PluginInfo;
use crate::cli::Context;
use crate::cli::envelope::Envelope;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::version::Text;

/// Find everything for which a user's host would refuse a plugin
#[derive(Debug, Args)]
pub(super) struct Check {
    /// The component
    file: PathBuf,
    /// Format
    #[arg(short, long, value_name = "FORMAT", default_value = "text")]
    output: Text,
}

impl Check {
    pub(super) fn is_json(&self) -> bool {
        self.output == Text::Json
    }

    pub(super) fn run(&self, context: &Context) -> Result<Exit, Failure> {
        let name = self.file.file_stem().unwrap_or_default().to_string_lossy();
        let info = PluginInfo::of(&name, &self.file, context)?;
        if self.is_json() {
            context.printer.json(&Envelope::new("PluginCheck", info, Vec::new()))?;
        }
        Ok(Exit::Done)
    }
}
