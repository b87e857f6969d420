//! `wellhead outdated`: which plugins of registries have newer versions.

use std::path::{Path, PathBuf};

use clap::Args;
use serde::Serialize;
use wellhead::{Outdated as Found, OutdatedNote, OutdatedPlugin, outdated_plugins};

use crate::cli::args::files;
use crate::cli::args::format::Text;
use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::output::diagnostic::Diagnostic;
use crate::cli::output::envelope::Envelope;
use crate::cli::output::table::table;

/// Show which plugins of registries have newer versions
///
/// COMPATIBLE: the newest version that `wellhead upgrade` takes: by the rules of semantic versions, and as long as the first
/// number is 0, with the same second one. NEWEST: the newest of all, for `wellhead upgrade --to newest`. NOTES: a version with
/// another content than the lock has, a version that is gone, and what the trust policy denies. Nothing is written, and no plugin runs.
///
/// `-o json` has `source`, `entries` and `notes` of each and, if any, `locked`, `compatible` and `newest`.
#[derive(Debug, Args)]
pub(crate) struct Outdated {
    /// Customization: a file or a folder
    #[arg(short, long, value_name = "CUSTOMIZATION", required = true, num_args = 1..)]
    customization: Vec<PathBuf>,
    /// Exit with 0 if every plugin is the newest, with 2 if one is not or has a note
    #[arg(long)]
    exit_code: bool,
    /// Output format
    #[arg(short, long, value_name = "FORMAT", default_value = "text")]
    output: Text,
}

#[derive(Serialize)]
struct OutdatedResult<'p> {
    plugins: &'p [OutdatedPlugin],
}

impl Outdated {
    pub(crate) fn is_json(&self) -> bool {
        self.output == Text::Json
    }

    pub(crate) fn run(&self, context: &Context) -> Result<Exit, Failure> {
        let request = files::request([&[], &self.customization, &[]], context, None)?;
        let Found { plugins, problems } = outdated_plugins(&request)?;
        let text = |file: &Path| problems.texts.get(file);
        let said = Diagnostic::of_findings(&problems.findings, text);
        context.printer.print(&said);
        if self.is_json() {
            let result = OutdatedResult { plugins: &plugins };
            context.printer.json(&Envelope::new("OutdatedPlugins", result, said))?;
        } else if plugins.is_empty() && problems.findings.is_empty() {
            context.printer.line("no entry runs a plugin of a registry");
        } else if !plugins.is_empty() {
            context.printer.text(&text_of(&plugins))?;
        }
        let first = problems.findings.first().map(|it| Exit::of_code(it.code));
        let changes = self.exit_code && plugins.iter().any(OutdatedPlugin::needs_attention);
        Ok(first.unwrap_or(if changes { Exit::Changes } else { Exit::Done }))
    }
}

fn text_of(plugins: &[OutdatedPlugin]) -> String {
    let row = |it: &OutdatedPlugin| {
        let dash = |version: &Option<String>| version.clone().unwrap_or_else(|| "-".to_owned());
        let notes: Vec<_> = it.notes.iter().map(note).collect();
        let notes = if notes.is_empty() { "-".to_owned() } else { notes.join("; ") };
        [it.source.clone(), dash(&it.locked), dash(&it.compatible), dash(&it.newest), notes]
    };
    table(["SOURCE", "LOCKED", "COMPATIBLE", "NEWEST", "NOTES"], plugins.iter().map(row))
}

fn note(note: &OutdatedNote) -> String {
    match note {
        OutdatedNote::NotLocked => "not in the lock".to_owned(),
        OutdatedNote::Republished { .. } => "the registry has other content".to_owned(),
        OutdatedNote::NotListed => "not in the registry any more".to_owned(),
        OutdatedNote::LockedDenied { reason } => format!("denied: {reason}"),
        OutdatedNote::Denied { version, reason } => format!("{version} is denied: {reason}"),
        OutdatedNote::NoOrder => "not a semantic version".to_owned(),
    }
}
