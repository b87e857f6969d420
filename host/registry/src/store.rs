//! Components on disk, by their digest.
//!
//! What is in the store was hashed as it came, under a temporary name. It may change later, so that the digest is
//! compared again when a plugin is loaded; here, only its size is.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use wellhead_diagnostics::Code;
use wellhead_spec::{Digest, PrivateFolder, open_file, read_file};

use crate::content::{Hashed, strict};
use crate::error::Result;
use crate::{Evidence, RegistryError};

/// What a store has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stored {
    /// The components, the newest first.
    pub components: Vec<StoredComponent>,
    /// Of how many plugins it has signatures.
    pub signatures: usize,
    /// Bytes of all of it.
    pub bytes: u64,
}

/// A component in a store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredComponent {
    /// Its digest.
    pub digest: Digest,
    /// Its bytes.
    pub bytes: u64,
    /// When it came.
    pub since: SystemTime,
}

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

    /// The file of a component, if it is there and its digest is compared. One that changed is removed.
    pub fn whole(&self, component: &Digest, size: u64) -> Option<PathBuf> {
        let path = self.path(component, size)?;
        let mut file = Hashed::new(open_file(&path).ok()?);
        let is_whole = io::copy(&mut file, &mut io::sink()).is_ok() && file.digest() == *component;
        if !is_whole {
            // The next one that looks finds none, or the same.
            let _ = self.remove(component);
        }
        is_whole.then_some(path)
    }

    /// All that is there.
    pub fn stored(&self) -> Result<Stored> {
        match self.folder(PrivateFolder::open) {
            Ok(folder) => files(&folder).map_err(|it| self.unusable(&it)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Stored::default()),
            Err(error) => Err(self.unusable(&error)),
        }
    }

    /// Removes all components and signatures, and tells which. What is being written stays.
    pub fn clear(&self) -> Result<Stored> {
        let stored = self.stored()?;
        if stored == Stored::default() {
            return Ok(stored);
        }
        let folder = self.folder(PrivateFolder::open);
        let removed = folder.and_then(|folder| {
            folder.remove_unfinished()?;
            let names = folder.files()?.into_iter().map(|it| it.0);
            names.filter(|it| kind(it).is_some()).try_for_each(|it| folder.remove(&it))
        });
        removed.map(|()| stored).map_err(|it| self.unusable(&it))
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
        let folder = Arc::new(open(&self.directory)?);
        // What cannot be removed harms no one, and the next process tries again.
        let _ = folder.remove_unfinished();
        Ok(Arc::clone(held.insert(folder)))
    }

    pub(crate) fn unusable(&self, error: &io::Error) -> RegistryError {
        let message = format!("the store {} cannot be used: {error}", self.directory.display());
        RegistryError::new(Code::StoreUnusable, message)
            .hint("make room or correct its permissions")
    }
}

/// Most bytes of signatures that were kept: there are at most a hundred of 256 KiB, and JSON escapes some of them.
const MAX_EVIDENCE: u64 = 64 << 20;

/// Kinds of files in a store.
enum Kind {
    Component(Digest),
    Signatures,
}

fn kind(name: &str) -> Option<Kind> {
    let (hex, suffix) = name.split_once('.')?;
    let digest = format!("sha256:{hex}").parse().ok()?;
    match suffix {
        "wasm" => Some(Kind::Component(digest)),
        "signatures" => Some(Kind::Signatures),
        _ => None,
    }
}

fn files(folder: &PrivateFolder) -> io::Result<Stored> {
    let mut stored = Stored::default();
    for (name, metadata) in folder.files()? {
        match kind(&name) {
            None => continue,
            Some(Kind::Signatures) => stored.signatures += 1,
            Some(Kind::Component(digest)) => {
                let (bytes, since) = (metadata.len(), metadata.modified()?);
                stored.components.push(StoredComponent { digest, bytes, since });
            }
        }
        stored.bytes += metadata.len();
    }
    stored.components.sort_by(|one, other| {
        other.since.cmp(&one.since).then_with(|| one.digest.cmp(&other.digest))
    });
    Ok(stored)
}

fn signatures(manifest: &Digest) -> String {
    format!("{}.signatures", manifest.hex())
}

fn name(component: &Digest) -> String {
    format!("{}.wasm", component.hex())
}
