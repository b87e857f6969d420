//! Components on disk, by their digest.
//!
//! What is in the store was hashed as it came, under a temporary name. It may change later, so that the digest is
//! compared again when a plugin is loaded; here, only its size is.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use wellhead_diagnostics::Code;
use wellhead_spec::{Digest, PrivateFolder, read_file};

use crate::content::strict;
use crate::error::Result;
use crate::{Evidence, RegistryError};

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

    /// What was found that may be a signature of a manifest, if it was kept.
    pub fn evidence(&self, manifest: &Digest) -> Option<Vec<Evidence>> {
        let folder = self.folder(PrivateFolder::open).ok()?;
        folder.file(&signatures(manifest)).ok()?;
        let bytes = read_file(&folder.path().join(signatures(manifest)), MAX_EVIDENCE).ok()?;
        strict(&bytes).ok()
    }

    /// Keeps what may be a signature of a manifest. It has to be checked each time that it is read.
    pub fn keep_evidence(&self, manifest: &Digest, found: &[Evidence]) -> Result<()> {
        let folder = self.folder(PrivateFolder::make).map_err(|it| self.unusable(&it))?;
        let write = |file: &mut File| serde_json::to_writer(file, found).map_err(io::Error::from);
        folder.write(&signatures(manifest), write).map(drop).map_err(|it| self.unusable(&it))
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

/// Most bytes of signatures that were kept: there are at most a hundred of 256 KiB, and JSON escapes some of them.
const MAX_EVIDENCE: u64 = 64 << 20;

fn signatures(manifest: &Digest) -> String {
    format!("{}.signatures", manifest.hex())
}

fn name(component: &Digest) -> String {
    format!("{}.wasm", component.hex())
}
