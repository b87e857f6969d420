//! Asking before something is lost.

use std::io::{self, BufRead as _, IsTerminal as _};

use wellhead::{CheckedPlan, ClusterError, Plan};
use wellhead_diagnostics::Code;

use super::prepared;
use crate::cli::failure::Failure;
use crate::cli::output::diagnostic::Diagnostic;
use crate::cli::output::printer::Printer;
use crate::cli::output::progress::Reporter;
use crate::cli::signals::Signals;

/// Whether a person can be asked: both ends of the conversation are a terminal.
pub(crate) fn can_ask() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// Plans, shows what would change, and asks whether it may. What was agreed to is applied: exactly, or not at all. There
/// is none where an apply is refused, which tells every reason. One that changes nothing has nothing to ask about.
pub(crate) async fn agreed(
    plan: impl AsyncFnOnce(&Reporter) -> Result<CheckedPlan, ClusterError>,
    show: impl FnOnce(&Plan) -> String,
    (what, question): (&str, &str),
    (signals, printer): (&Signals, &Printer),
) -> Result<Option<CheckedPlan>, Failure> {
    let checked = prepared::reported(plan, signals, printer).await?;
    if !checked.plan.problems.is_empty() {
        return Ok(None);
    }
    if !checked.plan.is_empty() {
        prepared::warn(&checked.plan, printer);
        require(what)?;
        printer.shown(&show(&checked.plan));
        ask(question, printer)?;
    }
    Ok(Some(checked))
}

/// Refuses to go on where no person can be asked.
pub(crate) fn require(what: &str) -> Result<(), Failure> {
    if can_ask() {
        return Ok(());
    }
    let message = format!("{what} needs confirmation, and no terminal is attached");
    Err(Failure::unconfirmed(
        Diagnostic::error(Code::NotConfirmed, message).hint("pass `--yes` (or set WELLHEAD_YES=1)"),
    ))
}

/// Asks a question whose default answer is No.
pub(crate) fn ask(question: &str, printer: &Printer) -> Result<(), Failure> {
    printer.prompt(&format!("{question} [y/N] "));
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer)?;
    if matches!(answer.trim().to_lowercase().as_str(), "y" | "yes") {
        return Ok(());
    }
    Err(Failure::unconfirmed(Diagnostic::error(
        Code::NotConfirmed,
        "not confirmed: nothing was done",
    )))
}
