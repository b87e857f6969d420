//! Compiled plugins on disk, so that only the first run of a plugin compiles it.
//!
//! An entry is found by the digest of the plugin and by everything of the engine that decides how
//! code is compiled. It holds the compiled code, what the plugin says about itself, and the digest
//! of both: an entry that is damaged counts as missing. Writers never meet: each writes a file of
//! its own and renames it.
//!
//! Compiled code is trusted like the host's own: [`artefact`](crate::artefact) runs it. Entries
//! therefore come from this host alone, and the directory is the user's own.

use std::fs::File;
use std::hash::{Hash, Hasher};
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use wasmtime::component::Component;

use crate::{Description, artefact};

/// A directory of compiled plugins.
#[derive(Clone, Debug)]
pub struct Cache {
    directory: PathBuf,
}

/// A plugin that was compiled and accepted in an earlier run.
pub(crate) struct Cached {
    pub(crate) component: Component,
    pub(crate) description: Description,
}

/// Bytes of what an entry ends with: the length of the description, and the digest of all before.
const TRAILER: usize = LENGTH + blake3::OUT_LEN;
const LENGTH: usize = size_of::<u64>();
/// Bytes that are read at a time: few system calls, and little memory that is touched first.
const CHUNK: usize = 64 << 10;

impl Cache {
    /// The cache in a directory, which is made when the first entry is written.
    pub fn new(directory: impl Into<PathBuf>) -> Self {
        Self { directory: directory.into() }
    }

    /// The directory.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// Where the entry of a plugin (its digest in hexadecimal) is.
    fn entry(&self, engine: &wasmtime::Engine, plugin: &str) -> PathBuf {
        let mut hasher = EngineHasher(blake3::Hasher::new());
        env!("CARGO_PKG_VERSION").hash(&mut hasher);
        engine.precompile_compatibility_hash().hash(&mut hasher);
        self.directory.join(format!("{plugin}-{:016x}.cwasm", hasher.finish()))
    }

    /// The compiled form of a plugin (its digest in hexadecimal), if there is a whole one.
    pub(crate) fn get(&self, engine: &wasmtime::Engine, plugin: &str) -> Option<Cached> {
        let path = self.entry(engine, plugin);
        let file = File::open(&path).ok()?;
        let cached = check(file).and_then(|description| {
            let component = artefact::map(engine, &path).map_err(std::io::Error::other)?;
            Ok(Cached { component, description })
        });
        let anew = |error| {
            tracing::warn!(path = %path.display(), %error, "a damaged cache entry is made anew");
        };
        cached.map_err(anew).ok()
    }

    /// Keeps the compiled form of a plugin. A cache that cannot be written only costs time.
    pub(crate) fn put(
        &self,
        engine: &wasmtime::Engine,
        plugin: &str,
        code: &[u8],
        description: &Description,
    ) {
        if let Err(error) = self.write(&self.entry(engine, plugin), code, description) {
            tracing::warn!(directory = %self.directory.display(), %error, "the cache is not written");
        }
    }

    fn write(&self, path: &Path, code: &[u8], description: &Description) -> std::io::Result<()> {
        make_private(&self.directory)?;
        let description = serde_json::to_vec(description)?;
        let length = (description.len() as u64).to_le_bytes();
        let mut hasher = blake3::Hasher::new();
        let mut file = tempfile::NamedTempFile::new_in(&self.directory)?;
        for part in [code, &description, &length] {
            hasher.update(part);
            file.write_all(part)?;
        }
        file.write_all(hasher.finalize().as_bytes())?;
        file.persist(path)?;
        Ok(())
    }
}

/// Compares the digest of an entry, and reads the description that it holds.
fn check(mut file: File) -> std::io::Result<Description> {
    let damaged = || std::io::Error::other("its digest does not fit");
    let length = file.metadata()?.len();
    let trailer_at = length.checked_sub(TRAILER as u64).ok_or_else(damaged)?;
    let mut hasher = blake3::Hasher::new();
    hash(&mut (&mut file).take(length - blake3::OUT_LEN as u64), |bytes| {
        hasher.update(bytes);
    })?;
    file.seek(SeekFrom::Start(trailer_at))?;
    let mut trailer = [0; TRAILER];
    file.read_exact(&mut trailer)?;
    let (description_length, digest) = trailer.split_at(LENGTH);
    if hasher.finalize().as_bytes()[..] != *digest {
        return Err(damaged());
    }
    let description_length = description_length.try_into().map_err(|_| damaged())?;
    let at = trailer_at.checked_sub(u64::from_le_bytes(description_length)).ok_or_else(damaged)?;
    file.seek(SeekFrom::Start(at))?;
    let mut description = Vec::new();
    file.take(trailer_at - at).read_to_end(&mut description)?;
    Ok(serde_json::from_slice(&description)?)
}

/// Feeds all that can be read to a hash function.
pub(crate) fn hash(
    reader: &mut impl std::io::Read,
    mut update: impl FnMut(&[u8]),
) -> std::io::Result<()> {
    let mut chunk = vec![0; CHUNK];
    loop {
        match reader.read(&mut chunk) {
            Ok(0) => return Ok(()),
            Ok(read) => update(&chunk[..read]),
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

/// A hasher whose result is the same for every build of the host; that of the standard library may
/// change with the compiler.
struct EngineHasher(blake3::Hasher);

impl Hasher for EngineHasher {
    fn write(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    fn finish(&self) -> u64 {
        let mut first = [0; size_of::<u64>()];
        self.0.finalize_xof().fill(&mut first);
        u64::from_le_bytes(first)
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
