//! One call of a plugin, with all that its author wants to know of it.

use serde_json::Value;
use wellhead_chain::{Chain, Engine, Entry, Facts, LoadOptions, Outcome, Plugin, PluginError, Run};
use wellhead_spec::{MAX_COMPONENT, Pipeline, PluginLimits, read_file};

use super::subject::{Rights, Subject};

/// What a plugin gets.
#[derive(Clone, Copy)]
pub(super) struct Given<'g> {
    pub(super) pipeline: &'g Pipeline,
    pub(super) config: &'g Value,
    pub(super) rights: &'g Rights,
    pub(super) limits: &'g PluginLimits,
    pub(super) facts: &'g Facts,
}

/// What came of a call.
pub(super) struct Called {
    pub(super) result: Result<Outcome, Vec<PluginError>>,
    /// What it said and used, whatever came of it.
    pub(super) runs: Vec<Run>,
}

/// Calls a plugin, and notes all that it does. `again`: a second time, to see whether it does the
/// same. A crash is reported with its source lines, where the component has them.
pub(super) fn call(subject: &Subject, given: Given<'_>, again: bool) -> Called {
    let observe = |entry: Entry, again: bool| {
        let chain = Chain::new(vec![entry]).tracing();
        let chain = if again { chain.verifying_determinism() } else { chain };
        match chain.observe(given.pipeline) {
            Ok(outcome) => {
                let runs = outcome.runs.clone();
                Called { result: Ok(outcome), runs }
            }
            Err(failure) => Called { result: Err(failure.errors), runs: failure.runs },
        }
    };
    let mut called = match subject.entry(given) {
        Ok(entry) => observe(entry, again),
        Err(error) => Called { result: Err(vec![error]), runs: Vec::new() },
    };
    if let Err(errors) = &mut called.result
        && let [PluginError { fault: failed, .. }] = &mut errors[..]
        && !failed.backtrace().is_empty()
        && let Some((subject, component)) = with_places(subject)
        && let Ok(entry) = subject.entry(given)
        && let Err(mut located) = observe(entry, false).result
        && let [PluginError { fault, .. }] = &mut located[..]
    {
        subject.plugin.find_lines(&component, fault);
        failed.take_backtrace(fault);
    }
    called
}

/// The same plugin, compiled so that its crashes are reported with their places, without a cache, and its
/// component. `None` where that has no source lines.
fn with_places(subject: &Subject) -> Option<(Subject, Vec<u8>)> {
    /// Name of the section that has the lines.
    const LINES: &[u8] = b".debug_line";
    let bytes = read_file(&subject.path, MAX_COMPONENT).ok()?;
    if !bytes.windows(LINES.len()).any(|it| it == LINES) {
        return None;
    }
    let engine = Engine::with_places(subject.compiler.clone()).ok()?;
    let plugin = Plugin::from_bytes(&engine, subject.name(), &bytes, &LoadOptions::default());
    let plugin = plugin.ok().filter(|it| it.digest() == subject.identity().digest)?;
    Some((subject.with(plugin), bytes))
}
