//! Errors and warnings as data: what, where, facts, and what to type next.

pub(crate) mod drawing;
pub(crate) mod excerpt;

use std::collections::BTreeMap;
use std::path::Path;

use serde::Serialize;
use wellhead::{Finding, Location, PluginError, Severity};
use wellhead_chain::{LineOf, Words, sanitize};
use wellhead_cluster::Problem;
use wellhead_diagnostics::Code;

use crate::cli::program::{self, repeated};
use excerpt::Excerpt;

/// Diagnostics of one kind that a terminal shows.
pub(crate) const SHOWN: usize = 5;
/// Most characters of one line that a message shows.
const LINE_CHARACTERS: usize = 2_000;

/// One error or warning.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Diagnostic {
    /// The code, e.g. `WH0105`.
    pub(crate) code: Code,
    /// How much it matters.
    pub(crate) severity: Severity,
    /// What is wrong, in one line.
    pub(crate) message: String,
    /// Where it is in a file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) location: Option<Location>,
    /// The field of the spec, or of the object.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) field: Option<String>,
    /// The object, e.g. `statefulset/db`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) object: Option<String>,
    /// The plugin.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) plugin: Option<String>,
    /// Whether an entry in audit mode says it, so that it has no effect.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(crate) audit: bool,
    /// Whether it is a finding that the plugin's entry waives.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(crate) waived: bool,
    /// The pipelines that it is about, where it is about some of them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) pipelines: Vec<String>,
    /// Why, one fact a line.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) facts: Vec<String>,
    /// What to do next.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) hints: Vec<String>,
    /// What a plugin says about it, as it is. In the message, the facts and the hints, it is in quotes.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) says: Vec<Words>,
    /// Other objects of which the same is to be said.
    #[serde(skip)]
    pub(crate) also: Vec<String>,
    /// The line of the file.
    #[serde(skip)]
    pub(crate) excerpt: Option<Excerpt>,
}

impl Diagnostic {
    /// An error.
    pub(crate) fn error(code: Code, message: impl Into<String>) -> Self {
        Self {
            code,
            severity: Severity::Error,
            message: sanitize(&message.into(), LINE_CHARACTERS),
            location: None,
            field: None,
            object: None,
            plugin: None,
            audit: false,
            waived: false,
            pipelines: Vec::new(),
            facts: Vec::new(),
            hints: Vec::new(),
            says: Vec::new(),
            also: Vec::new(),
            excerpt: None,
        }
    }

    /// A warning.
    pub(crate) fn warning(code: Code, message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(code, message) }
    }

    /// A note.
    pub(crate) fn note(code: Code, message: impl Into<String>) -> Self {
        Self { severity: Severity::Note, ..Self::error(code, message) }
    }

    /// The same with one more reason.
    pub(crate) fn fact(mut self, fact: impl AsRef<str>) -> Self {
        self.facts.push(sanitize(fact.as_ref(), LINE_CHARACTERS));
        self
    }

    /// The same with one more thing to do.
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        let hint = repeated(&hint.into());
        self.hints.push(sanitize(&program::in_commands(&hint), LINE_CHARACTERS));
        self
    }

    /// The same with its place, and the line there.
    pub(crate) fn at(mut self, location: &Location, text: Option<&str>) -> Self {
        let field = self.field.as_ref().and_then(|it| it.parse().ok());
        let about = match &field {
            Some(path) => LineOf::Field(path),
            None if self.code == Code::Syntax => LineOf::Text,
            None => LineOf::Entry,
        };
        self.excerpt = text.and_then(|text| Excerpt::of(text, location, about));
        self.location = Some(location.clone());
        self
    }

    /// A finding about a file.
    pub(crate) fn of_finding<'t>(
        finding: &Finding,
        texts: impl Fn(&Path) -> Option<&'t str>,
    ) -> Self {
        let base = match finding.severity {
            Severity::Error => Self::error(finding.code, &finding.message),
            Severity::Warning => Self::warning(finding.code, &finding.message),
            Severity::Note => Self::note(finding.code, &finding.message),
        };
        let path = finding.path.to_string();
        let mut one = Self { field: (!path.is_empty()).then_some(path), ..base };
        one = finding.set_by.iter().fold(one, Self::fact);
        if let Some(hint) = &finding.hint {
            one = one.hint(hint);
        }
        match &finding.location {
            Some(location) => one.at(location, texts(&location.file)),
            None => one,
        }
    }

    /// Findings about files. Each kind is shown a few times, so only the first of it get the line of their place: to look
    /// for secrets in one costs more than all else that is said.
    pub(crate) fn of_findings<'f, 't>(
        findings: impl IntoIterator<Item = &'f Finding>,
        texts: impl Fn(&Path) -> Option<&'t str>,
    ) -> Vec<Self> {
        let mut counts: BTreeMap<(Severity, Code), usize> = BTreeMap::new();
        let one = |finding: &Finding| {
            let count = counts.entry((finding.severity, finding.code)).or_default();
            *count += 1;
            let is_shown = *count <= SHOWN;
            Self::of_finding(finding, |path| texts(path).filter(|_| is_shown))
        };
        findings.into_iter().map(one).collect()
    }

    /// A plugin's fault. `verbose` adds the backtrace of a call that ended.
    pub(crate) fn of_plugin(error: &PluginError, verbose: bool) -> Self {
        let mut one = Self {
            plugin: Some(error.plugin.clone()),
            says: error.fault.words(),
            ..Self::error(error.fault.code(), error.to_string())
        };
        for cause in error.fault.causes() {
            one = one.fact(cause);
        }
        for hint in error.fault.hints() {
            one = one.hint(hint);
        }
        match error.fault.backtrace() {
            [] => one,
            frames if verbose => {
                frames.iter().fold(one, |one, frame| one.fact(format!("  at {frame}")))
            }
            _ => one.hint("`-v` shows where in the plugin"),
        }
    }

    /// What is wrong with a plugin's project, or with the tools that it needs.
    pub(crate) fn of_toolchain(error: &wellhead_toolchain::Error) -> Self {
        let one = Self::error(error.code(), error.to_string());
        let one = error.facts().into_iter().fold(one, Self::fact);
        error.hints().into_iter().fold(one, Self::hint)
    }

    /// A finding of the cluster.
    pub(crate) fn of_problem(problem: &Problem) -> Self {
        let mut one = Self {
            object: problem.object.as_ref().map(ToString::to_string),
            field: problem.field.clone(),
            ..Self::error(problem.code, &problem.what)
        };
        // A server's reason may have several lines.
        for line in problem.why.iter().flat_map(|why| why.lines()) {
            one = one.fact(line);
        }
        problem.ways_out().into_iter().fold(one, Self::hint)
    }

    /// Findings of the cluster that stop nothing.
    pub(crate) fn warnings<'p>(problems: impl IntoIterator<Item = &'p Problem>) -> Vec<Self> {
        problems.into_iter().map(|it| Self::of_problem(it).into_warning()).collect()
    }

    /// The same as a warning.
    pub(crate) fn into_warning(self) -> Self {
        Self { severity: Severity::Warning, ..self }
    }
}
