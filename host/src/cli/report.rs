//! How a command that failed ends: what is printed, and with which exit code.

use serde::Serialize;
use wellhead::Severity;

use super::exit::Exit;
use super::failure::Failure;
use super::output::apply_result::ApplyResult;
use super::output::diagnostic::Diagnostic;
use super::output::envelope::Envelope;
use super::output::printer::Printer;

/// Prints why a command failed, and returns what the process ends with. `is_json`: errors are part of the result, too.
pub(crate) fn report(failure: &Failure, is_json: bool, printer: &Printer) -> Exit {
    let diagnostics = failure.diagnostics(printer.is_verbose());
    let shown = |it: &&Diagnostic| !printer.is_quiet() || it.severity == Severity::Error;
    printer.print(&diagnostics.iter().filter(shown).cloned().collect::<Vec<_>>());
    // Whether the result can be written changes nothing any more: standard error has said it.
    let _ = match failure.apply_report().map(ApplyResult::new) {
        Some(result) if is_json => printer.json(&Envelope::new("ApplyResult", result, diagnostics)),
        Some(result) => printer.text(&result.text()),
        None if is_json && !diagnostics.is_empty() => {
            printer.json(&Envelope::new("Error", Nothing {}, diagnostics))
        }
        None => Ok(()),
    };
    failure.exit()
}

/// The result of a command that has none.
#[derive(Serialize)]
struct Nothing {}
