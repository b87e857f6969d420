//! `wellhead lock`: pins plugins of registries, and records what was accepted.

use std::path::PathBuf;

use clap::Args;
use wellhead::{LockDraft, draft_locks};

use crate::cli::args::accept::Accept;
use crate::cli::args::files;
use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
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
    #[command(flatten)]
    accept: Accept,
    /// Write nothing; exit with 2 if a lock would change
    #[arg(long)]
    check: bool,
}

impl Lock {
    pub(crate) fn run(&self, context: &Context) -> Result<Exit, Failure> {
        let request = files::request([&[], &self.customization, &[]], context, None)?;
        let drafts = draft_locks(&request)?;
        self.accept.check(&drafts, context)?;
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
}
