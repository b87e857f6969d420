//! How a plugin hears that an edit is not made.

use std::fmt::Display;

use wellhead_spec::FieldPath;

use crate::bindings::types::{EditError, EditFailure};
use crate::limits::budget::UsedUp;

/// Why a host function does not do what it was called for.
#[expect(unreachable_pub, reason = "the generated bindings re-export it")]
pub enum EditFault {
    /// The plugin hears about it.
    Edit(EditError),
    /// The plugin ends here.
    Trap(wasmtime::Error),
}

impl From<wasmtime::Error> for EditFault {
    fn from(error: wasmtime::Error) -> Self {
        Self::Trap(error)
    }
}

impl From<UsedUp> for EditFault {
    fn from(used_up: UsedUp) -> Self {
        Self::Trap(used_up.into())
    }
}

/// How a plugin hears of a protected field.
pub(crate) const PROTECTED: &str = "the field is protected";

/// The fault of a value that does not fit its field.
pub(crate) fn invalid(path: &FieldPath, message: impl Display) -> EditFault {
    let message = message.to_string();
    EditFault::Edit(EditError::Invalid(EditFailure { path: path.to_string(), message, hint: None }))
}

/// The fault of a field that is not there.
pub(crate) fn not_found(path: &FieldPath, message: impl Display) -> EditFault {
    let message = message.to_string();
    EditFault::Edit(EditError::NotFound(EditFailure {
        path: path.to_string(),
        message,
        hint: None,
    }))
}
