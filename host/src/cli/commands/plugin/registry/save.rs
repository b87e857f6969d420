//! `wellhead plugin save`.

use std::io;
use std::path::PathBuf;

use clap::Args;
use serde::Serialize;
use wellhead::{WantedPlugin, locked_plugins, pack_plugins};
use wellhead_registry::{PackedPlugin, RegistryError, Store, write_layout};
use wellhead_spec::Digest;

use super::reference;
use crate::cli::args::files;
use crate::cli::args::format::Text;
use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::output::envelope::Envelope;
use crate::cli::output::file::replace_by;

/// Save plugins of registries into a file, with their signatures
///
/// For machines that reach no registry. Writes an OCI image layout in a tar: `wellhead plugin load` puts it into the store of
/// another machine, and `oras` reads it, too. The same plugins are the same bytes.
#[derive(Debug, Args)]
pub(crate) struct Save {
    /// `oci://HOST/REPOSITORY:VERSION`
    #[arg(value_name = "SOURCE", required_unless_present = "customization")]
    source: Vec<String>,
    /// Customization, a file or a folder: every plugin of the lock beside it
    #[arg(short, long, value_name = "CUSTOMIZATION", num_args = 1..)]
    customization: Vec<PathBuf>,
    /// The file that is written
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Output format
    #[arg(short, long, value_name = "FORMAT", default_value = "text")]
    output: Text,
}

#[derive(Serialize)]
struct Saved<'s> {
    file: &'s PathBuf,
    plugins: Vec<Plugin<'s>>,
}

#[derive(Serialize)]
struct Plugin<'p> {
    source: String,
    manifest: &'p Digest,
    component: &'p Digest,
    size: u64,
    signatures: usize,
}

impl Save {
    pub(crate) fn is_json(&self) -> bool {
        self.output == Text::Json
    }

    pub(crate) fn run(&self, context: &Context) -> Result<Exit, Failure> {
        let request = files::request([&[], &self.customization, &[]], context, None)?;
        let mut wanted = locked_plugins(&request)?;
        for text in &self.source {
            wanted.push(WantedPlugin { source: reference(text, "")?, locked: None });
        }
        if wanted.is_empty() {
            let what = "there is nothing to save: the customizations use no plugin of a registry";
            return Err(Failure::usage(what, "name one, e.g. `oci://HOST/REPOSITORY:VERSION`"));
        }
        let distribution = &request.distribution;
        let plugins = pack_plugins(distribution, &wanted)?;
        if let Some(store) = &distribution.store {
            self.write(&plugins, store)?;
        }
        let saved = Saved { file: &self.out, plugins: plugins.iter().map(Plugin::from).collect() };
        if self.is_json() {
            context.printer.json(&Envelope::new("PluginsSaved", saved, Vec::new()))?;
        } else {
            let texts: String = saved.plugins.iter().map(Plugin::text).collect();
            context.printer.text(&format!("{texts}file       {}\n", self.out.display()))?;
        }
        Ok(Exit::Done)
    }

    fn write(&self, plugins: &[PackedPlugin], store: &Store) -> Result<(), Failure> {
        let mut refused = None;
        let written = replace_by(&self.out, |to| {
            write_layout(plugins, store, to).map_err(|error| {
                refused = Some(error);
                io::Error::other("refused")
            })
        });
        match (refused, written) {
            (Some(error), _) => Err(RegistryError::into(error)),
            (None, Err(error)) => Err(Failure::unwritable(&self.out, &error)),
            (None, Ok(_)) => Ok(()),
        }
    }
}

impl<'p> From<&'p PackedPlugin> for Plugin<'p> {
    fn from(plugin: &'p PackedPlugin) -> Self {
        let component = &plugin.manifest.component;
        Self {
            source: plugin.source.to_string(),
            manifest: &plugin.manifest.digest,
            component: &component.digest,
            size: component.size,
            signatures: plugin.signatures.evidence.len(),
        }
    }
}

impl Plugin<'_> {
    fn text(&self) -> String {
        let Self { source, manifest, component, size, signatures } = self;
        format!(
            "{source}\n  manifest   {manifest}\n  component  {component}, {size} bytes\n  signatures {signatures}\n"
        )
    }
}
