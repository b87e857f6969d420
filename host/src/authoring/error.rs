//! Why nothing could be tested, run or measured.

use std::path::PathBuf;
use std::{fmt, io};

use wellhead_chain::{EngineError, PluginError};
use wellhead_spec::{Finding, Loaded};

use crate::error::{InvalidInput, Texts};

/// Why nothing could be tested, run or measured.
#[derive(Debug)]
#[non_exhaustive]
pub enum AuthoringError {
    /// Files cannot be read, or what they contain is not valid.
    Input(InvalidInput),
    /// The WebAssembly engine does not start on this machine.
    Engine(EngineError),
    /// The plugin cannot be used.
    Plugin(Box<PluginError>),
    /// There is no component yet.
    NotBuilt {
        /// Where it should be.
        path: PathBuf,
    },
    /// A file cannot be written.
    Unwritable {
        /// The file.
        path: PathBuf,
        /// The system's word.
        cause: io::Error,
    },
}

impl AuthoringError {
    /// One finding that is in no file that was read.
    pub(super) fn finding(finding: Finding) -> Self {
        Self::Input(InvalidInput { findings: vec![finding], texts: Texts::default() })
    }
}

/// What is wrong with one file.
impl From<Loaded> for AuthoringError {
    fn from(loaded: Loaded) -> Self {
        Self::Input(invalid(loaded))
    }
}

impl From<EngineError> for AuthoringError {
    fn from(error: EngineError) -> Self {
        Self::Engine(error)
    }
}

impl From<PluginError> for AuthoringError {
    fn from(error: PluginError) -> Self {
        Self::Plugin(Box::new(error))
    }
}

/// What is wrong with files, with their texts for excerpts.
pub(super) fn invalid(mut loaded: Loaded) -> InvalidInput {
    InvalidInput { findings: std::mem::take(&mut loaded.findings), texts: Texts(vec![loaded]) }
}

impl fmt::Display for AuthoringError {
    /// The first thing that is wrong, in one line.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Input(input) => {
                f.write_str(input.findings.first().map_or("", |it| it.message.as_str()))
            }
            Self::Engine(error) => error.fmt(f),
            Self::Plugin(error) => error.fmt(f),
            Self::NotBuilt { path } => write!(f, "there is no component {}", path.display()),
            Self::Unwritable { path, cause } => {
                write!(f, "cannot write {}: {cause}", path.display())
            }
        }
    }
}

impl std::error::Error for AuthoringError {}
