//! `wellhead version`.

use clap::Args;
use serde::Serialize;

use crate::cli::args::format::Text;
use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::output::envelope::Envelope;

/// Print the versions of Wellhead and of the plugin contract
#[derive(Debug, Args)]
pub(crate) struct Version {
    /// Output format
    #[arg(short, long, value_name = "FORMAT", default_value = "text")]
    output: Text,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Versions {
    version: &'static str,
    plugin_contract: String,
    spec: &'static str,
}

impl Version {
    pub(crate) fn is_json(&self) -> bool {
        self.output == Text::Json
    }

    pub(crate) fn run(&self, context: &Context) -> Result<Exit, Failure> {
        let versions = Versions {
            version: env!("CARGO_PKG_VERSION"),
            plugin_contract: format!("wellhead:plugin@{}", wellhead_chain::CONTRACT_VERSION),
            spec: wellhead_spec::API_VERSION,
        };
        if self.is_json() {
            context.printer.json(&Envelope::new("Version", versions, Vec::new()))?;
        } else {
            let Versions { version, plugin_contract, .. } = versions;
            context.printer.text(&format!("wellhead {version} (plugins: {plugin_contract})\n"))?;
        }
        Ok(Exit::Done)
    }
}
