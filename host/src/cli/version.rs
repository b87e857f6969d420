//! `wellhead version`.

use clap::{Args, ValueEnum};
use serde::Serialize;

use super::Context;
use super::envelope::Envelope;
use super::exit::Exit;
use super::failure::Failure;

/// Print the versions of Wellhead and of the plugin contract
#[derive(Debug, Args)]
pub(crate) struct Version {
    /// Output format
    #[arg(short, long, value_name = "FORMAT", default_value = "text")]
    output: Text,
}

/// How commands print what is not an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Text {
    /// For people.
    Text,
    /// For programs.
    Json,
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
