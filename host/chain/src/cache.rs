//! Compiled plugins on disk, so that only the first run of a plugin compiles it.
//!
//! An entry is found by the digest of the plugin and by everything of the engine that decides how
//! code is compiled. It ends with its own digest: one that is damaged counts as missing. Writers
//! never meet: each writes a file of its own and renames it.
//!
//! Compiled code is trusted like the host's own: [`artefact`](crate::artefact) runs it. Entries
//! therefore come from this host alone, and the directory is the user's own.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

/// A directory of compiled plugins.
#[derive(Clone, Debug)]
pub struct Cache {
    directory: PathBuf,
}

/// Bytes of the digest that an entry ends with.
const DIGEST: usize = 32;

impl Cache {
    /// The cache in a directory, which is made when the first entry is written.
    pub fn new(directory: impl Into<PathBuf>) -> Self {
        Self { directory: directory.into() }
    }

    /// The directory.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    fn entry(&self, engine: &wasmtime::Engine, plugin: &str) -> PathBuf {
        let mut hasher = DefaultHasher::new();
        engine.precompile_compatibility_hash().hash(&mut hasher);
        self.directory.join(format!("{plugin}-{:016x}.cwasm", hasher.finish()))
    }

    /// The compiled form of a plugin (its digest in hexadecimal), if there is a whole one.
    pub(crate) fn get(&self, engine: &wasmtime::Engine, plugin: &str) -> Option<Vec<u8>> {
        let path = self.entry(engine, plugin);
        let mut bytes = std::fs::read(&path).ok()?;
        let length = bytes.len().checked_sub(DIGEST)?;
        let (code, digest) = bytes.split_at(length);
        if *digest != *Sha256::digest(code) {
            tracing::warn!(path = %path.display(), "a damaged cache entry is made anew");
            return None;
        }
        bytes.truncate(length);
        Some(bytes)
    }

    /// Keeps the compiled form of a plugin. A cache that cannot be written only costs time.
    pub(crate) fn put(&self, engine: &wasmtime::Engine, plugin: &str, code: &[u8]) {
        if let Err(error) = self.write(&self.entry(engine, plugin), code) {
            tracing::warn!(directory = %self.directory.display(), %error, "the cache is not written");
        }
    }

    fn write(&self, path: &Path, code: &[u8]) -> std::io::Result<()> {
        make_private(&self.directory)?;
        let mut file = tempfile::NamedTempFile::new_in(&self.directory)?;
        file.write_all(code)?;
        file.write_all(&Sha256::digest(code))?;
        file.persist(path)?;
        Ok(())
    }
}

/// Makes a directory that only its owner can enter.
fn make_private(directory: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(directory)
}
