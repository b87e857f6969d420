//! What validators find, and what an entry waives of it.

use std::sync::atomic::{AtomicBool, Ordering};

use wellhead_spec::Severity;

use super::warning::{self, PluginWarning};
use super::{Draft, Entry};
use crate::bindings::validate;
use crate::error::Fault;
use crate::{Details, Words};

/// A code of findings that an entry waives.
#[derive(Debug)]
pub(super) struct Waiver {
    code: String,
    /// Whether some pipeline had such a finding.
    met: AtomicBool,
}

impl Waiver {
    pub(super) fn new(code: &str) -> Self {
        Self { code: code.to_owned(), met: AtomicBool::new(false) }
    }
}

impl Entry {
    /// Codes that the entry waives and that no finding had, in any call of the entry and of its copies. Each with its
    /// position in `waives`.
    pub fn unmet_waivers(&self) -> impl Iterator<Item = (usize, &str)> {
        let unmet = self.waives.iter().enumerate().filter(|it| !it.1.met.load(Ordering::Relaxed));
        unmet.map(|(at, waiver)| (at, waiver.code.as_str()))
    }

    /// Whether its plugin judges pipelines, so that it has findings.
    pub fn judges(&self) -> bool {
        self.plugin.description().validates
    }

    /// Lets the plugin judge. Its errors are told as warnings.
    pub(super) fn try_judge(&self, draft: &mut Draft) {
        match self.judge(draft) {
            Err(Fault::Judged { findings }) => draft.warnings.extend(findings),
            result => self.note(draft, &[], result.err()),
        }
    }

    /// Lets the plugin judge a draft. Findings that stop the work are an error.
    pub(super) fn judge(&self, draft: &mut Draft) -> Result<(), Fault> {
        let session = self.session(draft, &self.validate_rights);
        let Some(call) = self.plugin.validate(session, &self.config) else {
            return Err(Fault::BadDescription { reason: "it does not validate".to_owned() });
        };
        let findings = self.end(call, draft)?;
        let (waived, findings): (Vec<_>, Vec<_>) =
            findings.into_iter().partition(|it| self.waives(it));
        let (errors, warnings): (Vec<_>, Vec<_>) =
            findings.into_iter().partition(|it| it.severity == validate::Severity::Error);
        draft.warnings.extend(self.few(warnings, false));
        draft.warnings.extend(self.few(waived, true));
        if errors.is_empty() {
            return Ok(());
        }
        Err(Fault::Judged { findings: self.few(errors, false) })
    }

    /// Whether the entry waives a finding; notes that it does.
    fn waives(&self, finding: &validate::Finding) -> bool {
        let Some(code) = &finding.code else { return false };
        let waiver = self.waives.iter().find(|it| it.code == *code);
        waiver.inspect(|it| it.met.store(true, Ordering::Relaxed)).is_some()
    }

    /// The first of findings of one kind, and how many there are more: their number is the plugin's choice.
    fn few(&self, findings: Vec<validate::Finding>, waived: bool) -> Vec<PluginWarning> {
        /// Findings of one kind that are kept.
        const KEPT: usize = 100;
        let more = findings.len().saturating_sub(KEPT);
        let severity = findings.first().map_or(Severity::Warning, |it| severity_of(it.severity));
        let kept = findings.into_iter().take(KEPT).map(|finding| self.warning(finding, waived));
        let rest = PluginWarning {
            plugin: self.name.clone(),
            path: None,
            message: format!("it has {more} more findings"),
            hint: None,
            location: None,
            set_by: None,
            flaws: Vec::new(),
            details: Details::default(),
            more: Some(more),
            severity,
            audit: self.audit,
            waived,
        };
        kept.chain((more > 0).then_some(rest)).collect()
    }

    fn warning(&self, finding: validate::Finding, waived: bool) -> PluginWarning {
        let validate::Finding { severity, code, message, arguments, path, hint, link, extra: _ } =
            finding;
        let details = Details::of(code.as_deref(), &arguments, link.as_deref());
        let flaws = warning::flaws(path.as_deref(), &message);
        let Words { path, message, hint, .. } =
            Words::of(&message, path.as_deref(), hint.as_deref());
        PluginWarning {
            plugin: self.name.clone(),
            severity: severity_of(severity),
            audit: self.audit,
            waived,
            path,
            message,
            hint,
            location: None,
            set_by: None,
            flaws,
            details,
            more: None,
        }
    }
}

fn severity_of(severity: validate::Severity) -> Severity {
    match severity {
        validate::Severity::Error => Severity::Error,
        validate::Severity::Warning => Severity::Warning,
    }
}
