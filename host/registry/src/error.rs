//! Why a registry could not be used.

use std::path::Path;

use wellhead_diagnostics::Code;
use wellhead_spec::PluginReference;

/// Why a plugin could not be had from a registry.
///
/// No text of a registry is part of it, and no credential: names of hosts, digests and numbers are.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct RegistryError {
    /// What it is about.
    pub code: Code,
    /// What failed, and why.
    pub message: String,
    /// What to do about it, where that is known.
    pub hint: Option<String>,
}

impl RegistryError {
    pub(crate) fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), hint: None }
    }

    #[must_use]
    pub(crate) fn hint(self, hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }

    /// The same, about a plugin.
    #[must_use]
    pub(crate) fn of(self, source: &PluginReference) -> Self {
        Self { message: format!("{source}: {}", self.message), ..self }
    }

    /// The same, about a file.
    #[must_use]
    pub(crate) fn in_file(self, path: &Path) -> Self {
        Self { message: format!("{}: {}", path.display(), self.message), ..self }
    }

    /// Whether another try may end otherwise: the registry was slow, or broke off.
    pub(crate) fn may_pass(&self) -> bool {
        self.code == Code::RegistryFails
    }
}

/// A result of this crate.
pub(crate) type Result<T> = std::result::Result<T, RegistryError>;
