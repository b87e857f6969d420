//! `wellhead plugin list`.

use clap::Args;
use serde::Serialize;
use wellhead::plugin_versions;

use super::reference;
use crate::cli::args::format::Text;
use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::output::envelope::Envelope;

/// List the versions of a plugin in a registry, the newest first
#[derive(Debug, Args)]
pub(crate) struct List {
    /// `oci://HOST/REPOSITORY`
    #[arg(value_name = "SOURCE")]
    source: String,
    /// Output format
    #[arg(short, long, value_name = "FORMAT", default_value = "text")]
    output: Text,
}

#[derive(Serialize)]
struct Versions {
    repository: String,
    versions: Vec<String>,
}

impl List {
    pub(crate) fn is_json(&self) -> bool {
        self.output == Text::Json
    }

    pub(crate) fn run(&self, context: &Context) -> Result<Exit, Failure> {
        let source = reference(&self.source, "0")?;
        let distribution = context.global.sourcing.distribution()?;
        let mut versions = plugin_versions(&distribution, &source)?;
        if self.is_json() {
            let versions = Versions { repository: source.name(), versions };
            context.printer.json(&Envelope::new("PluginVersions", versions, Vec::new()))?;
        } else {
            // The last line ends, too.
            versions.push(String::new());
            context.printer.text(&versions.join("\n"))?;
        }
        Ok(Exit::Done)
    }
}
