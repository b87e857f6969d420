//! What plugins have to say, about all pipelines of a run together.

use std::collections::HashMap;

use wellhead::{
    Audit, Fault, Finding, Level, Location, PluginFailure, PluginWarning, Run, Severity, Texts,
};
use wellhead_chain::{Words, quote};
use wellhead_diagnostics::Code;

use super::report::PluginReport;
use crate::cli::output::diagnostic::Diagnostic;

/// Edits of an entry in audit mode that are shown.
const EDITS: usize = 100;
/// Most characters of a reason.
const REASON: usize = 400;

/// Everything in a run that should be looked at.
pub(crate) fn of_run(run: &Run) -> Vec<Diagnostic> {
    of_each(&run.warnings, &run.inputs.texts, run.outcomes.iter().map(PluginReport::from))
}

/// Findings, and what the plugins say.
pub(crate) fn of_each<'o>(
    findings: &[Finding],
    texts: &Texts,
    reports: impl Iterator<Item = PluginReport<'o>>,
) -> Vec<Diagnostic> {
    let texts = |file: &std::path::Path| texts.get(file);
    let mut said = Diagnostic::of_findings(findings, texts);
    let mut all = Joined::default();
    for PluginReport { pipeline, warnings, audits, calls } in reports {
        for warning in warnings {
            let one = of_warning(warning);
            let one = warning.location.iter().fold(one, |one, it| one.at(it, texts(&it.file)));
            all.add(one, None, Some(pipeline));
        }
        for audit in audits {
            for one in of_audit(audit) {
                all.add(one, None, Some(pipeline));
            }
        }
        for call in calls {
            for line in call.log.iter().filter(|line| line.level == Level::Warn) {
                let words = Words::new(&line.message);
                let who = format!("plugin `{}` says", call.plugin);
                let mut one = Diagnostic::warning(Code::PluginWarning, words.line(&who, "of"));
                one.plugin = Some(call.plugin.clone());
                one.says = vec![words];
                let one = line.field.iter().fold(one, |one, at| one.fact(format!("at `{at}`")));
                all.add(one, None, Some(pipeline));
            }
        }
    }
    said.extend(all.all);
    said
}

/// A finding of a validator.
fn of_warning(warning: &PluginWarning) -> Diagnostic {
    let plugin = &warning.plugin;
    let words = warning.words();
    let mark = match warning {
        PluginWarning { waived: true, .. } => "waived: ",
        PluginWarning { audit: true, .. } => "audit: ",
        _ => "",
    };
    let (verb, of) = match warning.severity {
        Severity::Error => ("objects", "to"),
        Severity::Warning | Severity::Note => ("warns", "of"),
    };
    let message = match &words {
        Some(words) => words.line(&format!("{mark}plugin `{plugin}` {verb}"), of),
        None => format!("{mark}plugin `{plugin}`: {}", warning.message),
    };
    let mut one = Diagnostic::warning(Code::ValidatorFinding, message);
    if warning.waived {
        one.severity = Severity::Note;
        one.waived = true;
    }
    one.audit = warning.audit;
    one.plugin = Some(plugin.clone());
    if let Some(words) = words.as_ref().filter(|_| !warning.waived) {
        one.hints.extend(words.suggestion().into_iter().chain(words.page()));
    }
    one.says.extend(words);
    warning.notes().fold(one, Diagnostic::fact)
}

/// What an entry in audit mode would have done.
fn of_audit(audit: &Audit) -> Vec<Diagnostic> {
    let mut all = Vec::new();
    if !audit.edits.is_empty() {
        let (count, s) = (audit.edits.len(), if audit.edits.len() == 1 { "" } else { "s" });
        let message = format!("audit: plugin `{}` would make {count} edit{s}", audit.plugin);
        let one = Diagnostic::warning(Code::AuditedEdit, message);
        let one = audit.edits.iter().take(EDITS).fold(one, |one, edit| {
            let reason = edit
                .reason
                .as_ref()
                .map(|it| format!(" ({})", quote(it, REASON)))
                .unwrap_or_default();
            one.fact(format!("`{}`: {} -> {}{reason}", edit.path, edit.old, edit.new))
        });
        all.push(if count > EDITS {
            one.fact(format!("... and {} more", count - EDITS))
        } else {
            one
        });
    }
    if let Some(fault) = &audit.fault {
        let one = Diagnostic::warning(fault.code, format!("audit: {}", fault.message));
        let one = fault.causes.iter().fold(one, Diagnostic::fact);
        let mut one = fault.hints.iter().fold(one, Diagnostic::hint);
        one.says.clone_from(&fault.says);
        all.push(one);
    }
    for one in &mut all {
        one.plugin = Some(audit.plugin.clone());
        one.audit = true;
    }
    all
}

/// Plugins that failed; what is the same for several pipelines is said once.
pub(crate) fn of_failures(failures: &[PluginFailure], verbose: bool) -> Vec<Diagnostic> {
    let mut all = Joined::default();
    for failure in failures {
        let one = Diagnostic::of_plugin(&failure.error, verbose);
        let one = one.at(&failure.location, Some(&failure.text));
        // What is said of a field of each pipeline is the same for all of them.
        let is_of_entry =
            !matches!(failure.error.fault, Fault::Judged { .. } | Fault::Rejected { .. });
        let place = is_of_entry.then(|| failure.location.clone());
        all.add(one, place, failure.pipeline.as_ref().map(wellhead_spec::PipelineName::as_str));
    }
    all.all
}

/// Diagnostics, each once with all pipelines that it is about.
#[derive(Default)]
struct Joined {
    all: Vec<Diagnostic>,
    known: HashMap<(String, Vec<String>, Option<Location>), usize>,
}

impl Joined {
    /// Adds a diagnostic, or its pipeline to one that says the same of the same place, if that matters.
    fn add(&mut self, one: Diagnostic, place: Option<Location>, pipeline: Option<&str>) {
        let says = (one.message.clone(), one.facts.clone(), place);
        let at = *self.known.entry(says).or_insert_with(|| {
            self.all.push(one);
            self.all.len() - 1
        });
        let pipelines = &mut self.all[at].pipelines;
        // Pipelines come one after the other.
        if let Some(pipeline) = pipeline.filter(|it| pipelines.last().is_none_or(|last| last != it))
        {
            pipelines.push(pipeline.to_owned());
        }
    }
}
