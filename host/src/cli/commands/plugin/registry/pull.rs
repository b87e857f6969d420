//! `wellhead plugin pull`.

use std::path::PathBuf;

use clap::Args;
use serde::Serialize;
use wellhead::pull_plugin;
use wellhead_spec::{Digest, MAX_COMPONENT, read_file};

use super::reference;
use crate::cli::args::format::Text;
use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::output::envelope::Envelope;
use crate::cli::output::file::replace_by;

/// Fetch a plugin from a registry into a file
///
/// For `plugin inspect` and other programs; a customization names the registry itself, and needs no file.
#[derive(Debug, Args)]
pub(crate) struct Pull {
    /// `oci://HOST/REPOSITORY:VERSION`
    #[arg(value_name = "SOURCE")]
    source: String,
    /// The file that is written [default: the last part of the repository, with .wasm]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Output format
    #[arg(short, long, value_name = "FORMAT", default_value = "text")]
    output: Text,
}

#[derive(Serialize)]
struct Pulled<'p> {
    source: String,
    manifest: &'p Digest,
    component: &'p Digest,
    size: u64,
    file: PathBuf,
}

impl Pull {
    pub(crate) fn is_json(&self) -> bool {
        self.output == Text::Json
    }

    pub(crate) fn run(&self, context: &Context) -> Result<Exit, Failure> {
        let source = reference(&self.source, "")?;
        let distribution = context.global.sourcing.distribution()?;
        let pulled = pull_plugin(&distribution, &source)?;
        let name = source.repository().rsplit('/').next().unwrap_or_default();
        let file = self.out.clone().unwrap_or_else(|| format!("{name}.wasm").into());
        let bytes = read_file(&pulled.path, MAX_COMPONENT)
            .map_err(|error| Failure::unwritable(&file, &std::io::Error::other(error)))?;
        replace_by(&file, |out| out.write_all(&bytes))
            .map_err(|error| Failure::unwritable(&file, &error))?;
        let pulled = Pulled {
            source: source.to_string(),
            manifest: &pulled.manifest,
            component: &pulled.component,
            size: pulled.size,
            file,
        };
        if self.is_json() {
            context.printer.json(&Envelope::new("PluginPulled", pulled, Vec::new()))?;
        } else {
            context.printer.text(&format!(
                "manifest   {}\ncomponent  {}\nsize       {} bytes\nfile       {}\n",
                pulled.manifest,
                pulled.component,
                pulled.size,
                pulled.file.display()
            ))?;
        }
        Ok(Exit::Done)
    }
}
