//! What a test case ends in, as its files have it.

use std::fmt::Write as _;

use wellhead_chain::{Level, Outcome, PluginError, PluginWarning};
use wellhead_diagnostics::Code;
use wellhead_spec::Pipeline;

/// The file of the pipeline as the plugin leaves it.
pub(super) const PIPELINE: &str = "expected.yaml";
/// The file of an error.
pub(super) const ERROR: &str = "expected-error.txt";
/// The file of warnings, beside that of the pipeline.
pub(super) const WARNINGS: &str = "expected-warnings.txt";

/// What a case ends in.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Ending {
    /// The pipeline, and what was warned of.
    Done { pipeline: Box<Pipeline>, warnings: String },
    /// An error.
    Failed(String),
}

impl Ending {
    /// What came out of a run.
    pub(super) fn of(result: Result<&Outcome, &[PluginError]>) -> Self {
        match result {
            Ok(outcome) => Self::Done {
                pipeline: Box::new(outcome.pipeline.clone()),
                warnings: warnings(outcome),
            },
            Err(errors) => Self::Failed(errors.iter().map(error).collect()),
        }
    }
}

/// An error as text: its code and what failed, then each cause, then each hint, a line each. The
/// plugin's name is left out, so that another name is the same result.
fn error(error: &PluginError) -> String {
    let what = error.to_string().replace(&format!("plugin `{}`", error.plugin), "the plugin");
    let mut text = format!("{}: {what}\n", error.fault.code());
    for cause in error.fault.plain_causes() {
        let _ = writeln!(text, "{cause}");
    }
    for hint in error.fault.plain_hints() {
        let _ = writeln!(text, "help: {hint}");
    }
    text
}

/// The codes of the errors in a text of [`ERROR`], each once.
pub(super) fn codes(text: &str) -> Vec<Code> {
    let begins = text.lines().filter_map(|line| line.split_once(": ")?.0.parse().ok());
    let mut codes = Vec::new();
    for code in begins {
        if !codes.contains(&code) {
            codes.push(code);
        }
    }
    codes
}

/// Messages that a person should see, and a validator's warnings, as text.
fn warnings(outcome: &Outcome) -> String {
    let mut text = String::new();
    let lines = outcome.runs.iter().flat_map(|run| &run.log);
    for line in lines.filter(|line| line.level == Level::Warn) {
        let _ = writeln!(text, "WH0524: {}", line.message);
    }
    for warning in &outcome.warnings {
        let _ = writeln!(text, "WH0523: {}", warned(warning));
        if let Some(hint) = &warning.hint {
            let _ = writeln!(text, "help: {hint}");
        }
    }
    text
}

/// A validator's warning in its own words.
pub(super) fn warned(warning: &PluginWarning) -> String {
    warning.words().map_or_else(|| warning.message.clone(), |words| words.plain())
}

/// A text without what an editor adds or takes away: blanks at the ends of lines and of the text.
pub(super) fn plain(text: &str) -> String {
    let lines = text.lines().map(str::trim_end).collect::<Vec<_>>().join("\n");
    let lines = lines.trim_end();
    if lines.is_empty() { String::new() } else { format!("{lines}\n") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_known_by_its_code() {
        let text = "WH0602: the plugin writes\n`a` is not granted\nhelp: WH0601\nWH0521: no\n";
        assert_eq!(codes(text), [Code::FieldNotGranted, Code::PluginRejected]);
        assert!(codes("").is_empty());
    }

    #[test]
    fn what_editors_add_is_no_difference() {
        assert_eq!(plain("a \r\nb\n\n\n"), "a\nb\n");
        assert_eq!(plain("a\n  b"), "a\n  b\n");
        assert_eq!(plain(" \n\n"), "");
    }
}
