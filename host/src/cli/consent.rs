//! Asking before something is lost.

use std::io::{self, BufRead as _, IsTerminal as _};

use super::codes;
use super::diagnostic::Diagnostic;
use super::failure::Failure;
use super::printer::Printer;

/// Whether a person can be asked: both ends of the conversation are a terminal.
pub(crate) fn can_ask() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// Refuses to go on where nobody can be asked and `--yes` was not given.
pub(crate) fn require(yes: bool, what: &str) -> Result<(), Failure> {
    if yes || can_ask() {
        return Ok(());
    }
    let message = format!("{what} needs a confirmation, and there is no terminal to ask at");
    Err(Failure::unconfirmed(
        Diagnostic::error(codes::UNCONFIRMED, message).hint("pass `--yes` (or set WELLHEAD_YES=1)"),
    ))
}

/// Asks a question whose default answer is No.
pub(crate) fn ask(yes: bool, question: &str, printer: &Printer) -> Result<(), Failure> {
    if yes {
        return Ok(());
    }
    printer.prompt(&format!("{question} [y/N] "));
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer)?;
    if matches!(answer.trim().to_lowercase().as_str(), "y" | "yes") {
        return Ok(());
    }
    Err(Failure::unconfirmed(Diagnostic::error(
        codes::UNCONFIRMED,
        "not confirmed: nothing was done",
    )))
}
