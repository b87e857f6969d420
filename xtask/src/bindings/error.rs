//! Why bindings could not be generated.

use std::io;
use std::path::{Path, PathBuf};

/// Why bindings could not be generated.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BindingsError {
    /// The contract cannot be read, or wit-bindgen does not accept it.
    #[error("the contract does not become bindings: {0}")]
    Contract(String),
    /// The contract uses something that the SDKs have no form for.
    #[error("`{function}` has a type that the SDKs for Go and C have no form for")]
    Type {
        /// The function, e.g. `claim.set-size`.
        function: String,
    },
    /// gofmt is not there, or does not accept what is generated.
    #[error("gofmt: {0}")]
    Format(String),
    /// A file could not be read or written.
    #[error("{} cannot be read or written", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

impl BindingsError {
    /// What to do about it, where it is known.
    pub(crate) fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Type { .. } => Some("teach it to xtask/src/bindings/contract.rs, go.rs and c.rs"),
            Self::Format(_) => Some("install Go 1.26, whose gofmt formats the files"),
            Self::Contract(_) | Self::File { .. } => None,
        }
    }
}

/// For `map_err` of wit-parser and wit-bindgen, whose chain of causes is one text.
pub(super) fn contract_error(error: impl std::fmt::Display) -> BindingsError {
    BindingsError::Contract(format!("{error:#}"))
}

/// For `map_err` after reading or writing `path`.
pub(super) fn file(path: &Path) -> impl FnOnce(io::Error) -> BindingsError + use<> {
    let path = path.to_owned();
    move |source| BindingsError::File { path, source }
}
