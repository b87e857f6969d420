//! A report for people.

use std::fmt::Write as _;

use anstyle::Style;
use wellhead::authoring::{CaseUsage, Change};
use wellhead_chain::{LogLine, sanitize};

use super::view::{CaseView, ProblemView, View};
use crate::cli::output::diagnostic::drawing;
use crate::cli::output::diff::{self, ADDED, CHANGED, REMOVED};
use crate::cli::output::plugins::trace;

const BOLD: Style = Style::new().bold();

/// The report as text with styles. `verbose`: what the plugin said in cases that pass, too.
pub(super) fn text(view: &View, verbose: bool) -> String {
    let mut text = format!("{}\n\n", view.title());
    let width = view.cases.iter().map(|it| it.name.chars().count()).max().unwrap_or(0);
    for case in &view.cases {
        let (word, style) = if case.passes { ("ok  ", ADDED) } else { ("FAIL", REMOVED) };
        let used = used(case.usage);
        let _ = writeln!(text, "{style}{word}{style:#}  {:width$}  {used}", case.name);
        if !case.passes || verbose {
            details(&mut text, case);
        }
    }
    for blessed in &view.blessed {
        let word = match blessed.change {
            Change::Added => "added",
            Change::Replaced => "replaced",
            Change::Removed => "removed",
        };
        let file = sanitize(&blessed.file.display().to_string(), 400);
        let _ = match &blessed.codes[..] {
            [] => writeln!(text, "{word:8}  {file}"),
            codes => {
                let codes: Vec<_> = codes.iter().map(|code| code.id()).collect();
                writeln!(text, "{CHANGED}{word:8}  {file} ({}){CHANGED:#}", codes.join(", "))
            }
        };
    }
    let _ = writeln!(text, "\n{BOLD}{}{BOLD:#}", summary(view));
    text
}

/// What a plugin used.
pub(crate) fn used(usage: CaseUsage) -> String {
    let CaseUsage { fuel, memory, edits } = usage;
    let s = if edits == 1 { "" } else { "s" };
    format!("{fuel} fuel, {} KiB, {edits} edit{s}", memory.div_ceil(1_024))
}

fn details(text: &mut String, case: &CaseView) {
    let mut indented = |line: &str| {
        let _ = writeln!(text, "      {line}");
    };
    for ProblemView { what, difference } in &case.problems {
        drawing::draw(what).lines().for_each(&mut indented);
        if let Some(difference) = difference {
            let lines = diff::text_lines(&difference.expected, &difference.actual);
            lines.iter().map(String::as_str).for_each(&mut indented);
        }
    }
    let said = |line: &LogLine| format!("log {}", trace::said(line));
    case.log.iter().map(said).for_each(|line| indented(&line));
}

fn summary(view: &View) -> String {
    let count = view.cases.len();
    let s = if count == 1 { "" } else { "s" };
    let mut line = format!("{count} case{s}: {} passed, {} failed", view.passed, view.failed);
    if view.skipped > 0 {
        let _ = write!(line, ", {} not run", view.skipped);
    }
    let errors = view.blessed.iter().filter(|it| !it.codes.is_empty()).count();
    if errors > 0 {
        let (s, expects) = if errors == 1 { ("", "expects") } else { ("s", "expect") };
        let _ = write!(line, "; {errors} blessed case{s} {expects} an error");
    }
    if view.bless_refused {
        line += "; nothing was blessed: not all that is wrong can be";
    }
    line
}
