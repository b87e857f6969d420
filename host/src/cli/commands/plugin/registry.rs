//! Plugins in registries.

pub(super) mod list;
pub(super) mod load;
pub(super) mod pull;
pub(super) mod push;
pub(super) mod save;
pub(super) mod sign;
pub(super) mod verify;

use wellhead_diagnostics::Code;
use wellhead_registry::RegistryError;
use wellhead_spec::{InvalidReference, PluginReference};

use crate::cli::failure::Failure;

/// A reference that is typed; `version` is used where it has none.
pub(super) fn reference(text: &str, version: &str) -> Result<PluginReference, Failure> {
    text.parse().or_else(|wrong: InvalidReference| {
        let error = RegistryError {
            code: Code::InvalidReference,
            message: wrong.to_string(),
            hint: wrong.hint,
        };
        format!("{text}:{version}").parse().map_err(|_| error.into())
    })
}
