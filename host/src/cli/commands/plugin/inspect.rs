//! `wellhead plugin inspect`.

use std::path::PathBuf;

use clap::Args;
use wellhead::pull_plugin;
use wellhead_spec::PluginReference;

use super::info::{InRegistry, PluginInfo, Subject, component};
use super::registry::reference;
use crate::cli::args::format::Text;
use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::output::envelope::Envelope;

/// Show what a plugin does, which fields it asks to write, and its config
///
/// Checks the plugin and runs its `describe` in the sandbox. Prints the fields that it asks to write as
/// `grants` of a chain entry; only the operator grants them. A plugin of a registry is fetched into the store as the trust
/// policy allows it, and no customization needs to name it.
#[derive(Debug, Args)]
pub(super) struct Inspect {
    /// The component, the folder of its project, or `oci://HOST/REPOSITORY:VERSION`
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
        let info = self.info(context)?;
        if self.is_json() {
            context.printer.json(&Envelope::new("PluginInfo", info, Vec::new()))?;
        } else {
            context.printer.text(&info.text())?;
        }
        Ok(Exit::Done)
    }

    fn info(&self, context: &Context) -> Result<PluginInfo, Failure> {
        let text = self.plugin.to_str().filter(|it| PluginReference::is_meant(it));
        let Some(text) = text else {
            let file = component(&self.plugin)?;
            let name = file.file_stem().unwrap_or_default().to_string_lossy();
            return Ok(Subject::load(&name, &file, context)?.info());
        };
        let source = reference(text, "")?;
        let pulled = pull_plugin(&context.global.sourcing.distribution()?, &source)?;
        let name = source.repository().rsplit('/').next().unwrap_or_default();
        let digest = Some(&pulled.component);
        let info = Subject::load_as(name, &pulled.path, digest, context)?.info();
        Ok(info.in_registry(InRegistry::new(&source, &pulled)))
    }
}
