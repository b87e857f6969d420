//! `wellhead lock`: pins plugins of registries, and records what was accepted.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use wellhead::{LockDraft, draft_locks};
use wellhead_diagnostics::Code;
use wellhead_spec::GrowthKind;

use crate::cli::args::files;
use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::output::diagnostic::Diagnostic;
use crate::cli::output::file::replace;

/// Pin plugins of registries, and accept their rights
///
/// Writes `wellhead.lock` beside each customization. Plugins that it has already are not looked up again.
/// What an entry gets more than before must be accepted by `--accept`; nothing is written without that.
#[derive(Debug, Args)]
pub(crate) struct Lock {
    /// Customization: a file or a folder
    #[arg(short, long, value_name = "CUSTOMIZATION", required = true, num_args = 1..)]
    customization: Vec<PathBuf>,
    /// Accept what is more than before: everything, or these kinds
    #[arg(long, value_name = "KIND", num_args = 0..=1, require_equals = true, value_delimiter = ',')]
    #[arg(default_missing_value = "all")]
    accept: Vec<Accept>,
    /// Write nothing; exit with 2 if a lock would change
    #[arg(long)]
    check: bool,
}

/// What is accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Accept {
    /// Everything.
    All,
    /// Rights of an entry.
    Grants,
    /// What a plugin asks for and is called.
    Asks,
    /// Another rule that decides on signatures, or none.
    Signer,
    /// Other content under the same version.
    Republished,
    /// An older version.
    Rollback,
}

impl Accept {
    fn covers(self, kind: GrowthKind) -> bool {
        match self {
            Self::All => true,
            Self::Grants => kind == GrowthKind::Grants,
            Self::Asks => kind == GrowthKind::Asks,
            Self::Signer => kind == GrowthKind::Signer,
            Self::Republished => kind == GrowthKind::Republished,
            Self::Rollback => kind == GrowthKind::Rollback,
        }
    }
}

impl Lock {
    pub(crate) fn run(&self, context: &Context) -> Result<Exit, Failure> {
        let request = files::request([&[], &self.customization, &[]], context, None)?;
        let drafts = draft_locks(&request)?;
        let refused: Vec<Diagnostic> = drafts.iter().flat_map(|it| self.refused(it)).collect();
        if !refused.is_empty() {
            return Err(Failure::Refused(refused));
        }
        let not_named = drafts.iter().flat_map(|it| &it.not_named).map(|source| {
            let message = format!("no rule of the trust policy names {}", source.name());
            Diagnostic::warning(Code::NotTrusted, message)
                .hint("its `default: warn` lets it run: add a rule, or set `default: refuse`")
        });
        context.printer.warnings(&not_named.collect::<Vec<_>>());
        let mut exit = Exit::Done;
        for LockDraft { path, lock, changed, .. } in &drafts {
            let shown = path.display();
            let count = lock.plugins.len();
            if !changed {
                context.printer.line(&format!("{shown} is up to date: {count} plugins"));
            } else if self.check {
                context.printer.line(&format!("{shown} is not up to date"));
                exit = Exit::Changes;
            } else {
                replace(path, &lock.to_yaml())
                    .map_err(|error| Failure::unwritable(path, &error))?;
                context.printer.line(&format!("{shown} is written: {count} plugins"));
            }
        }
        Ok(exit)
    }

    /// What a draft has that was not accepted.
    fn refused(&self, draft: &LockDraft) -> Vec<Diagnostic> {
        let accepted = |kind| self.accept.iter().any(|it| it.covers(kind));
        let growth = draft.growth.iter().filter(|it| !accepted(it.kind));
        let refused = growth.map(|it| {
            let message = format!("{it}, and {} has no consent to that", draft.path.display());
            let hint = format!(
                "if it is right, add `--accept={}`, or `--accept` for everything",
                it.kind.word()
            );
            Diagnostic::error(Code::RightsGrew, message).hint(hint)
        });
        refused.collect()
    }
}
