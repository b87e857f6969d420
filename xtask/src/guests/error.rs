//! Why guests could not be built.

use std::path::{Path, PathBuf};

use super::component::EncodeError;
use super::toolchain::TARGET;

/// Why guests could not be built.
#[derive(Debug, thiserror::Error)]
pub(crate) enum GuestsError {
    /// No compiler for the target is there, and none could be installed.
    #[error("no Rust compiler with a standard library for {TARGET} is here")]
    NoToolchain,
    /// A command did not start.
    #[error("`{command}` did not start")]
    Start {
        /// The command.
        command: String,
        /// Why.
        source: std::io::Error,
    },
    /// A command failed; it has written why to the standard error.
    #[error("`{command}` failed")]
    Failed {
        /// The command.
        command: String,
    },
    /// The answer of `cargo metadata` is not understood.
    #[error("cargo describes the workspace {} in an unknown way", path.display())]
    Metadata {
        /// The workspace.
        path: PathBuf,
        /// Why.
        source: serde_json::Error,
    },
    /// A file could not be read or written.
    #[error("{} cannot be read or written", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A module is no guest.
    #[error("{} is no guest", path.display())]
    Encode {
        /// The core module.
        path: PathBuf,
        /// Why.
        source: EncodeError,
    },
}

impl GuestsError {
    /// What to type next, where it is known.
    pub(crate) fn hint(&self) -> Option<String> {
        match self {
            Self::NoToolchain => Some(super::toolchain::install_hint()),
            Self::Encode { source, .. } => Some(source.hint().to_owned()),
            Self::Start { .. }
            | Self::Failed { .. }
            | Self::Metadata { .. }
            | Self::File { .. } => None,
        }
    }

    /// For `map_err` after reading or writing `path`.
    pub(super) fn file(path: &Path) -> impl FnOnce(std::io::Error) -> Self + use<> {
        let path = path.to_owned();
        move |source| Self::File { path, source }
    }
}
