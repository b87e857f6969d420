//! `wellhead plugin load`.

use std::fmt::Write as _;
use std::path::PathBuf;

use clap::Args;
use serde::Serialize;
use wellhead::{LoadedPlugin, load_plugins};
use wellhead_diagnostics::Code;
use wellhead_registry::Layout;
use wellhead_spec::Digest;

use crate::cli::args::format::Text;
use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::output::diagnostic::Diagnostic;
use crate::cli::output::envelope::Envelope;

/// Load plugins from a file into the store
///
/// Reads what `wellhead plugin save` and `oras backup` write. Every content must be what its digest says, and what the trust
/// policy refuses stays out, with all of the file. A lock decides what runs, as always.
#[derive(Debug, Args)]
pub(crate) struct Load {
    /// The file: an OCI image layout in a tar
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Output format
    #[arg(short, long, value_name = "FORMAT", default_value = "text")]
    output: Text,
}

#[derive(Serialize)]
struct Loaded {
    plugins: Vec<Plugin>,
}

#[derive(Serialize)]
struct Plugin {
    sources: Vec<String>,
    manifest: Digest,
    component: Digest,
    size: u64,
    signatures: usize,
    rules: Vec<String>,
}

impl Load {
    pub(crate) fn is_json(&self) -> bool {
        self.output == Text::Json
    }

    pub(crate) fn run(&self, context: &Context) -> Result<Exit, Failure> {
        let distribution = context.global.sourcing.distribution()?;
        let layout = Layout::open(&self.file)?;
        let loaded = load_plugins(&distribution, &layout)?;
        let warnings: Vec<_> = self.warning(layout.not_plugins()).into_iter().collect();
        let loaded = Loaded { plugins: loaded.into_iter().map(Plugin::from).collect() };
        if self.is_json() {
            context.printer.json(&Envelope::new("PluginsLoaded", loaded, warnings))?;
        } else {
            context.printer.warnings(&warnings);
            let texts: String = loaded.plugins.iter().map(Plugin::text).collect();
            context.printer.text(&texts)?;
        }
        Ok(Exit::Done)
    }

    fn warning(&self, not_plugins: usize) -> Option<Diagnostic> {
        let what = match not_plugins {
            0 => return None,
            1 => "1 artifact is not a plugin, and is".to_owned(),
            many => format!("{many} artifacts are not plugins, and are"),
        };
        let message = format!("{}: {what} not loaded", self.file.display());
        Some(Diagnostic::warning(Code::NotAWasmArtifact, message))
    }
}

impl From<LoadedPlugin> for Plugin {
    fn from(plugin: LoadedPlugin) -> Self {
        let component = plugin.manifest.component;
        Self {
            sources: plugin.names.iter().map(ToString::to_string).collect(),
            manifest: plugin.manifest.digest,
            component: component.digest,
            size: component.size,
            signatures: plugin.signatures,
            rules: plugin.rules.into_iter().collect(),
        }
    }
}

impl Plugin {
    fn text(&self) -> String {
        let mut text = match &self.sources[..] {
            [] => "a plugin of which the file does not say where it comes from\n".to_owned(),
            names => names.join("\n") + "\n",
        };
        let Self { manifest, component, size, signatures, .. } = self;
        let _ = writeln!(text, "  manifest   {manifest}\n  component  {component}, {size} bytes");
        let _ = match &self.rules[..] {
            [] if self.sources.is_empty() => {
                writeln!(text, "  signatures {signatures}, which are verified when it runs")
            }
            [] => writeln!(text, "  signatures {signatures}, and no rule requires one"),
            rules => writeln!(
                text,
                "  signatures {signatures}, as rule `{}` requires",
                rules.join("`, `")
            ),
        };
        text
    }
}
