//! Components on disk, by their digest.
//!
//! What is in the store was hashed as it came, under a temporary name. It may change later, so that the digest is
//! compared again when a plugin is loaded; here, only its size is.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use wellhead_diagnostics::Code;
use wellhead_spec::{Digest, PrivateFolder};

use crate::RegistryError;
use crate::error::Result;

/// A folder of components, each named by its digest. No other user can write to it.
#[derive(Clone, Debug)]
pub struct Store {
    directory: PathBuf,
    folder: Arc<Mutex<Option<Arc<PrivateFolder>>>>,
}

impl Store {
    /// The store in a folder, which is made when the first component comes.
    pub fn new(directory: impl Into<PathBuf>) -> Self {
        Self { directory: directory.into(), folder: Arc::default() }
    }

    /// The folder.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// The file of a component, if it is there with so many bytes.
    pub fn path(&self, component: &Digest, size: u64) -> Option<PathBuf> {
        let folder = self.folder(PrivateFolder::open).ok()?;
        let (_, metadata) = folder.file(&name(component)).ok()?;
        (metadata.len() == size).then(|| folder.path().join(name(component)))
    }

    /// Removes a component, unless it is not there.
    pub fn remove(&self, component: &Digest) -> Result<()> {
        let folder = self.folder(PrivateFolder::open);
        folder.and_then(|it| it.remove(&name(component))).map_err(|it| self.unusable(&it))
    }

    /// Writes a component by a function, and names it when that is done. What the function refuses leaves nothing.
    pub(crate) fn write(
        &self,
        component: &Digest,
        write: impl FnOnce(&mut dyn Write) -> Result<()>,
    ) -> Result<PathBuf> {
        let folder = self.folder(PrivateFolder::make).map_err(|it| self.unusable(&it))?;
        let mut refused = None;
        let written = folder.write(&name(component), |file: &mut File| {
            write(file).map_err(|error| {
                refused = Some(error);
                io::Error::other("refused")
            })
        });
        match (refused, written) {
            (Some(error), _) => Err(error),
            (None, Err(error)) => Err(self.unusable(&error)),
            (None, Ok(())) => Ok(folder.path().join(name(component))),
        }
    }

    fn folder(
        &self,
        open: impl FnOnce(&Path) -> io::Result<PrivateFolder>,
    ) -> io::Result<Arc<PrivateFolder>> {
        let mut held = self.folder.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(folder) = &*held {
            return Ok(Arc::clone(folder));
        }
        Ok(Arc::clone(held.insert(Arc::new(open(&self.directory)?))))
    }

    pub(crate) fn unusable(&self, error: &io::Error) -> RegistryError {
        let message = format!("the store {} cannot be used: {error}", self.directory.display());
        RegistryError::new(Code::StoreUnusable, message)
            .hint("make room or correct its permissions")
    }
}

fn name(component: &Digest) -> String {
    format!("{}.wasm", component.hex())
}
