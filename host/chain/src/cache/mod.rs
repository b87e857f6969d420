//! Compiled plugins on disk, so that only the first run of a plugin compiles it.
//!
//! An entry is found by the digest of the plugin and by everything of the engine that decides how
//! code is compiled ([`files::name`]). What it holds is checked against a digest ([`form`]): an entry
//! that is damaged counts as missing. Writers never meet: each writes a file of its own and renames it.
//! No file is synchronized with the disk: one that a power failure cuts does not fit its digest.
//!
//! Compiled code is trusted like the host's own: [`artefact`](crate::engine::artefact) runs it. Entries
//! therefore come from this host alone, and nobody else can change the directory or put another one in
//! its place ([`Folder`]). What was checked is what is run: the file that was opened, not its name again.

mod files;
pub(crate) mod fingerprint;
mod form;
mod note;
mod stamp;

use std::collections::HashSet;
use std::fs::{File, Metadata};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use wasmtime::component::Component;
use wellhead_spec::PrivateFolder as Folder;

use crate::engine::artefact;
use crate::{Description, Engine};
use note::Note;

pub use files::CacheEntry;
pub(crate) use form::hash;

/// Bytes of all entries together. A plugin in Rust has 0.6 MB, those of the heaviest toolchains have
/// 50 to 80 MB.
const CAPACITY: u64 = 512 << 20;

/// A directory of compiled plugins. What is used least goes when they become too many.
#[derive(Clone, Debug)]
pub struct Cache {
    directory: PathBuf,
    capacity: u64,
    run: Arc<Run>,
}

/// What this process did with a cache.
#[derive(Debug, Default)]
struct Run {
    /// Names of entries that it used: they are not removed while it lives.
    used: Mutex<HashSet<String>>,
    /// The folder, from its first use on.
    folder: Mutex<Option<Arc<Folder>>>,
    /// Whether it said that the cache cannot be used.
    complained: AtomicBool,
}

/// A plugin that was compiled and accepted in an earlier run.
pub(crate) struct Cached {
    pub(crate) component: Component,
    pub(crate) description: Description,
    /// Its file, as it was before its digest was compared.
    entry: Metadata,
}

impl Cache {
    /// The cache in a directory, which is made when the first entry is written. It keeps 512 MiB.
    pub fn new(directory: impl Into<PathBuf>) -> Self {
        Self { directory: directory.into(), capacity: CAPACITY, run: Arc::default() }
    }

    /// The same with room for so many bytes.
    #[must_use]
    pub fn with_capacity(self, bytes: u64) -> Self {
        Self { capacity: bytes, ..self }
    }

    /// The directory.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// Bytes that all entries together may have.
    pub fn capacity(&self) -> u64 {
        self.capacity
    }

    /// All entries, those that were used last first.
    pub fn entries(&self) -> io::Result<Vec<CacheEntry>> {
        let mut entries = self.found(files::scan)?;
        entries.sort_by(|a, b| b.used.cmp(&a.used).then_with(|| a.plugin.cmp(&b.plugin)));
        Ok(entries)
    }

    /// Removes all entries, and tells which. Whoever uses one at this time goes on.
    pub fn clear(&self) -> io::Result<Vec<CacheEntry>> {
        self.found(files::clear)
    }

    /// What is found in the folder as it is now, which is nothing where there is none.
    fn found(
        &self,
        find: impl FnOnce(&Folder) -> io::Result<Vec<CacheEntry>>,
    ) -> io::Result<Vec<CacheEntry>> {
        match Folder::open(&self.directory) {
            Ok(folder) => find(&folder),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
            Err(error) => Err(error),
        }
    }

    /// The compiled form of a plugin (its key: [`LoadOptions`](crate::LoadOptions)), if there is a whole
    /// one.
    pub(crate) fn get(&self, engine: &Engine, key: &str) -> Option<Cached> {
        let name = files::name(key, engine.fingerprint());
        let opened = self.folder().and_then(|folder| Ok((folder.file(&name)?, folder)));
        let ((file, entry), folder) = match opened {
            Ok(opened) => opened,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return None,
            Err(error) => {
                self.complain(&error);
                return None;
            }
        };
        let cached = form::check(&file, &name).and_then(|description| {
            let component = artefact::map(engine.inner(), &file).map_err(io::Error::other)?;
            Ok(Cached { component, description, entry })
        });
        match cached {
            Ok(cached) => {
                self.use_now(&file, &cached.entry, name);
                Some(cached)
            }
            Err(error) => {
                let path = self.directory.join(&name);
                tracing::warn!(path = %path.display(), %error, "a damaged cache entry is compiled again");
                if let Err(error) = folder.remove(&name) {
                    self.complain(&error);
                }
                None
            }
        }
    }

    /// The compiled form of a plugin and the plugin's digest (in hexadecimal), when its file and the
    /// entry are as they were when an earlier run compared their digests.
    pub(crate) fn recall(
        &self,
        engine: &Engine,
        plugin: &Metadata,
        budgets: &str,
    ) -> Option<(String, Cached)> {
        let folder = self.folder().ok()?;
        let name = note::name(plugin, budgets, engine.fingerprint())?;
        let note = Note::read(&folder, &name, plugin)?;
        let name = files::name(&key(&note.digest, budgets), engine.fingerprint());
        let (file, entry) = folder.file(&name).ok()?;
        if !note.holds_for(&entry) {
            return None;
        }
        let component = artefact::map(engine.inner(), &file).ok()?;
        self.use_now(&file, &entry, name);
        Some((note.digest, Cached { component, description: note.description, entry }))
    }

    /// Notes for [`Cache::recall`] that the digests of a plugin and of its entry were compared after
    /// `since`.
    pub(crate) fn note(
        &self,
        engine: &Engine,
        plugin: &Metadata,
        budgets: &str,
        (since, digest, cached): (SystemTime, &str, &Cached),
    ) {
        let note = Note::new(since, (plugin, &cached.entry), digest, &cached.description);
        let name = note::name(plugin, budgets, engine.fingerprint());
        if let (Some(name), Some(note)) = (name, note)
            && let Err(error) = self.folder().and_then(|folder| note.write(&folder, &name))
        {
            tracing::debug!(name, %error, "a note was not written");
        }
    }

    /// Keeps the compiled form of a plugin. A cache that cannot be written only costs time.
    pub(crate) fn put(&self, engine: &Engine, key: &str, code: &[u8], description: &Description) {
        let engine = engine.fingerprint();
        let name = files::name(key, engine);
        let written = self.made_folder().and_then(|folder| {
            folder.write(&name, |file| form::write(file, &name, code, description))?;
            self.keep(name.clone());
            let used = self.run.used.lock().unwrap_or_else(PoisonError::into_inner);
            files::evict(&folder, self.capacity, engine, |name| used.contains(name))
        });
        self.told(written);
    }

    /// Whether a config was found to fit its plugin's schema in an earlier run. Building the validator
    /// of JSON Schema takes as long as everything else that a run does with a plugin.
    pub(crate) fn accepted(&self, plugin: &str, config: &str) -> bool {
        let mark = files::mark(&config_key(plugin, config));
        self.folder().and_then(|folder| folder.file(&mark)).is_ok()
    }

    /// Notes that a config fits its plugin's schema.
    pub(crate) fn accept(&self, plugin: &str, config: &str) {
        let mark = files::mark(&config_key(plugin, config));
        self.told(self.made_folder().and_then(|folder| folder.write(&mark, |_| Ok(()))));
    }

    /// The folder, as it was when it was first used.
    fn folder(&self) -> io::Result<Arc<Folder>> {
        self.held(Folder::open)
    }

    /// The same, which is made where there is none.
    fn made_folder(&self) -> io::Result<Arc<Folder>> {
        self.held(Folder::make)
    }

    fn held(&self, open: impl FnOnce(&Path) -> io::Result<Folder>) -> io::Result<Arc<Folder>> {
        let mut held = self.run.folder.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(folder) = &*held {
            return Ok(Arc::clone(folder));
        }
        Ok(Arc::clone(held.insert(Arc::new(open(&self.directory)?))))
    }

    /// Says why nothing was written. The next use looks at the folder again.
    fn told(&self, written: io::Result<()>) {
        let Err(error) = written else { return };
        *self.run.folder.lock().unwrap_or_else(PoisonError::into_inner) = None;
        let refused = [io::ErrorKind::PermissionDenied, io::ErrorKind::ReadOnlyFilesystem];
        if refused.contains(&error.kind()) && self.folder().is_ok() {
            // One of the system's user, which is only read.
            tracing::debug!(directory = %self.directory.display(), %error, "nothing is added");
        } else {
            self.complain(&error);
        }
    }

    fn use_now(&self, file: &File, entry: &Metadata, name: String) {
        self.keep(name);
        // An entry whose use is not noted only goes too early.
        let _ = files::touch(file, entry);
    }

    fn keep(&self, name: String) {
        self.run.used.lock().unwrap_or_else(PoisonError::into_inner).insert(name);
    }

    /// Says once that the cache cannot be used.
    fn complain(&self, error: &io::Error) {
        if !self.run.complained.swap(true, Ordering::Relaxed) {
            let directory = self.directory.display();
            tracing::warn!(%directory, %error, "the cache is not used; plugins are compiled again");
        }
    }
}

impl CacheEntry {
    /// Whether an engine of this program would use it.
    pub fn is_for(&self, engine: &Engine) -> bool {
        self.engine == engine.fingerprint()
    }

    /// What the plugin says about itself. `None` when the entry is damaged.
    pub fn description(&self) -> Option<Description> {
        let name = self.path.file_name()?.to_str()?;
        let (file, _) = Folder::open(self.path.parent()?).ok()?.file(name).ok()?;
        form::check(&file, name).ok()
    }
}

/// What a plugin (its digest in hexadecimal) that passed under these budgets is called.
pub(crate) fn key(digest: &str, budgets: &str) -> String {
    format!("{digest}-{budgets}")
}

/// A config of a plugin (its digest), as the version of this program that looks at it.
fn config_key(plugin: &str, config: &str) -> String {
    let mut hasher = blake3::Hasher::new();
    for part in [env!("CARGO_PKG_VERSION"), plugin, config] {
        hasher.update(&(part.len() as u64).to_le_bytes()).update(part.as_bytes());
    }
    hasher.finalize().to_hex().to_string()
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn a_config_is_known_for_its_plugin_until_the_cache_is_cleared() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::new(folder.path().join("compiled"));
        assert!(!cache.accepted("sha256:a", "{}"), "there is no cache yet");
        cache.accept("sha256:a", "{}");
        assert!(cache.accepted("sha256:a", "{}"));
        assert!(!cache.accepted("sha256:b", "{}"), "another plugin");
        assert!(!cache.accepted("sha256:a{", "}"), "another border between the two");
        assert!(!cache.accepted("sha256:a", r#"{"a":1}"#), "another config");
        assert_eq!(cache.entries().unwrap(), [], "no compiled plugin");
        cache.clear().unwrap();
        assert!(!cache.accepted("sha256:a", "{}"));
    }
}
