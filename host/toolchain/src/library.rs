//! Components that a plugin uses: a build plugs them into it.

use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use wasmparser::Parser;

use crate::component::{EncodeError, wrap};
use crate::shown::in_code;

/// What makes bindings, where there are none.
pub(crate) const BINDINGS: &str =
    "build it with bindings of the interface that it exports, e.g. by wit-bindgen";

/// A component that a plugin uses.
#[derive(Clone, Debug)]
pub struct Library {
    file: PathBuf,
    changed: Option<SystemTime>,
    component: Vec<u8>,
}

/// Why a library cannot be plugged into a plugin.
#[derive(Debug, thiserror::Error)]
#[error("{why}")]
pub struct PlugError {
    file: PathBuf,
    /// What is wrong with it.
    why: String,
    /// What to change.
    pub(crate) hint: String,
}

impl Library {
    /// What a file has. A core module that describes its world, as compilers make it, is wrapped into a component.
    ///
    /// # Errors
    /// What is neither.
    pub fn new(file: &Path, bytes: Vec<u8>) -> Result<Self, PlugError> {
        let changed = file.metadata().and_then(|it| it.modified()).ok();
        let component = if Parser::is_core_wasm(&bytes) {
            wrap(&bytes).map_err(|error| match error {
                EncodeError::Component(why) => PlugError::new(file, why, BINDINGS),
                other @ EncodeError::Imports(_) => {
                    PlugError::new(file, other.to_string(), &other.hints().join("; "))
                }
            })?
        } else if Parser::is_component(&bytes) {
            bytes
        } else {
            let why = "it is not WebAssembly".to_owned();
            return Err(PlugError::new(file, why, "name the file that the library's build makes"));
        };
        Ok(Self { file: file.to_owned(), changed, component })
    }

    /// Where it is.
    pub(crate) fn file(&self) -> &Path {
        &self.file
    }

    /// The component.
    pub fn component(&self) -> &[u8] {
        &self.component
    }

    /// When its file changed last.
    pub(crate) fn changed(&self) -> Option<SystemTime> {
        self.changed
    }

    /// Its name in messages.
    pub(crate) fn shown(&self) -> String {
        in_code(&self.file.display().to_string())
    }
}

impl PlugError {
    /// The error of a library whose file cannot be read.
    pub fn unreadable(file: &Path, error: &io::Error) -> Self {
        Self::new(file, error.to_string(), "build the library first, or name its file")
    }

    pub(crate) fn new(file: &Path, why: String, hint: &str) -> Self {
        Self { file: file.to_owned(), why, hint: hint.to_owned() }
    }

    /// The library's name in messages.
    pub(crate) fn shown(&self) -> String {
        in_code(&self.file.display().to_string())
    }
}
