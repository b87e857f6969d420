//! What is accepted of what locks become.

use clap::{Args, ValueEnum};
use wellhead::LockDraft;
use wellhead_diagnostics::Code;
use wellhead_spec::GrowthKind;

use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::cli::output::diagnostic::Diagnostic;

/// What is accepted of what locks become.
#[derive(Clone, Debug, Args)]
pub(crate) struct Accept {
    /// Accept what is more than before: everything, or these kinds
    #[arg(long, value_name = "KIND", num_args = 0..=1, require_equals = true, value_delimiter = ',')]
    #[arg(default_missing_value = "all")]
    accept: Vec<Kind>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Kind {
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

impl Kind {
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

impl Accept {
    /// Refuses locks that have more than was accepted, and warns of plugins that no rule of the trust policy names.
    pub(crate) fn check(&self, drafts: &[LockDraft], context: &Context) -> Result<(), Failure> {
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
        Ok(())
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
