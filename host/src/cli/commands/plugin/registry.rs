//! Plugins in registries.

pub(super) mod list;
pub(super) mod pull;
pub(super) mod push;
pub(super) mod sign;
pub(super) mod verify;

use wellhead_registry::RegistryError;
use wellhead_spec::PluginReference;

use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::output::diagnostic::Diagnostic;
use wellhead_diagnostics::Code;

/// A reference that is typed; `version` is used where it has none.
fn reference(text: &str, version: &str) -> Result<PluginReference, Failure> {
    text.parse().or_else(|wrong: wellhead_spec::InvalidReference| {
        format!("{text}:{version}").parse().map_err(|_| {
            let diagnostic = Diagnostic::error(Code::InvalidReference, wrong.to_string());
            failure(
                match wrong.hint {
                    Some(hint) => diagnostic.hint(hint),
                    None => diagnostic,
                },
                Code::InvalidReference,
            )
        })
    })
}

/// What a registry did not do.
fn of_registry(error: RegistryError) -> Failure {
    let diagnostic = Diagnostic::error(error.code, error.message);
    let diagnostic = match error.hint {
        Some(hint) => diagnostic.hint(hint),
        None => diagnostic,
    };
    failure(diagnostic, error.code)
}

fn failure(diagnostic: Diagnostic, code: Code) -> Failure {
    Failure::Several { exit: Exit::of_code(code), what: vec![diagnostic] }
}
