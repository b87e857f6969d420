//! What the plugins of one pipeline have to say, whether its outcome is kept or not.

use wellhead::{Audit, Outcome, PluginWarning};
use wellhead_chain::Run;

/// What the plugins of one pipeline have to say.
#[derive(Clone, Copy)]
pub(crate) struct Heard<'o> {
    pub(crate) pipeline: &'o str,
    pub(crate) warnings: &'o [PluginWarning],
    pub(crate) audits: &'o [Audit],
    pub(crate) calls: &'o [Run],
}

impl<'o> From<&'o Outcome> for Heard<'o> {
    fn from(outcome: &'o Outcome) -> Self {
        Heard {
            pipeline: outcome.pipeline.metadata.name.as_str(),
            warnings: &outcome.warnings,
            audits: &outcome.audits,
            calls: &outcome.runs,
        }
    }
}

/// The same without the outcome.
pub(crate) struct Kept {
    pipeline: String,
    warnings: Vec<PluginWarning>,
    audits: Vec<Audit>,
    calls: Vec<Run>,
}

impl Kept {
    /// What an outcome says, if it says anything: most do not.
    pub(crate) fn of(outcome: Outcome) -> Option<Box<Self>> {
        let Outcome { pipeline, warnings, audits, runs: calls, .. } = outcome;
        let says = |it: &Run| !it.log.is_empty() || it.dropped > 0 || it.trace.is_some();
        let silent = warnings.is_empty() && audits.is_empty() && !calls.iter().any(says);
        let pipeline = || pipeline.metadata.name.to_string();
        (!silent).then(|| Self { pipeline: pipeline(), warnings, audits, calls }.into())
    }
}

impl<'k> From<&'k Kept> for Heard<'k> {
    fn from(Kept { pipeline, warnings, audits, calls }: &'k Kept) -> Self {
        Heard { pipeline, warnings, audits, calls }
    }
}
