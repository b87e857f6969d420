//! What the plugins of one pipeline report, whether its outcome is kept or not.

use wellhead::{Audit, Outcome, PluginWarning};
use wellhead_chain::Run;

/// What the plugins of one pipeline report.
#[derive(Clone, Copy)]
pub(crate) struct PluginReport<'o> {
    pub(crate) pipeline: &'o str,
    pub(crate) warnings: &'o [PluginWarning],
    pub(crate) audits: &'o [Audit],
    pub(crate) calls: &'o [Run],
}

impl<'o> From<&'o Outcome> for PluginReport<'o> {
    fn from(outcome: &'o Outcome) -> Self {
        PluginReport {
            pipeline: outcome.pipeline.metadata.name.as_str(),
            warnings: &outcome.warnings,
            audits: &outcome.audits,
            calls: &outcome.runs,
        }
    }
}

/// The same without the outcome.
pub(crate) struct StoredReport {
    pipeline: String,
    warnings: Vec<PluginWarning>,
    audits: Vec<Audit>,
    calls: Vec<Run>,
}

impl StoredReport {
    /// What an outcome says, if it says anything: most do not.
    pub(crate) fn of(outcome: Outcome) -> Option<Box<Self>> {
        let Outcome { pipeline, warnings, audits, runs: calls, .. } = outcome;
        let says = |it: &Run| !it.log.is_empty() || it.dropped > 0 || it.trace.is_some();
        let silent = warnings.is_empty() && audits.is_empty() && !calls.iter().any(says);
        let pipeline = || pipeline.metadata.name.to_string();
        (!silent).then(|| Self { pipeline: pipeline(), warnings, audits, calls }.into())
    }
}

impl<'k> From<&'k StoredReport> for PluginReport<'k> {
    fn from(StoredReport { pipeline, warnings, audits, calls }: &'k StoredReport) -> Self {
        PluginReport { pipeline, warnings, audits, calls }
    }
}
