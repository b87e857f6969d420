//! The components of recorded chains, each loaded once, by its digest.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use wellhead_chain::{Engine, Limits, LoadOptions, Plugin, PluginError};
use wellhead_cluster::ChainEntry;
use wellhead_registry::Registry;
use wellhead_spec::{PluginLimits, PluginReference, in_code};

use super::pinned;
use crate::distribution::recorded_component;
use crate::request::Request;

/// Most characters of a name in what is said.
const NAME: usize = 200;

/// The components that were needed until now.
#[derive(Debug)]
pub(super) struct Components<'r> {
    request: &'r Request,
    engine: Engine,
    registry: Registry,
    known: Mutex<Known>,
}

#[derive(Debug, Default)]
struct Known {
    /// Files by the digest that they had.
    files: HashMap<String, PathBuf>,
    loaded: Vec<Loaded>,
}

/// A component under the limits of an entry, or why there is none.
#[derive(Debug)]
struct Loaded {
    digest: String,
    limits: PluginLimits,
    plugin: Result<Arc<Plugin>, String>,
}

impl<'r> Components<'r> {
    pub(super) fn new(request: &'r Request, engine: Engine) -> Self {
        let registry = request.distribution.registry();
        Self { request, engine, registry, known: Mutex::default() }
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes which file a component is.
    pub(super) fn know(&self, digest: String, path: PathBuf) {
        self.known().files.entry(digest).or_insert(path);
    }

    /// Notes a component that is loaded already.
    pub(super) fn add(&self, path: &Path, plugin: Arc<Plugin>) {
        let digest = plugin.digest().to_owned();
        let mut known = self.known();
        known.files.insert(digest.clone(), path.to_owned());
        known.loaded.push(Loaded { digest, limits: PluginLimits::default(), plugin: Ok(plugin) });
    }

    /// Loads files, so that they are known by their digests.
    pub(super) fn add_files(&self, files: &[PathBuf]) -> Result<(), PluginError> {
        for path in files {
            self.add(path, Arc::new(self.read(path, None)?));
        }
        Ok(())
    }

    /// The component in a file, whose digest must be this one.
    pub(super) fn read(&self, path: &Path, digest: Option<&str>) -> Result<Plugin, PluginError> {
        self.read_within(path, digest, &PluginLimits::default())
    }

    fn read_within(
        &self,
        path: &Path,
        digest: Option<&str>,
        limits: &PluginLimits,
    ) -> Result<Plugin, PluginError> {
        let limits = Limits::from(limits);
        let options = LoadOptions { cache: self.request.cache.as_ref(), limits };
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        match digest {
            Some(digest) => Plugin::load_pinned(&self.engine, &name, path, digest, &options),
            None => Plugin::load(&self.engine, &name, path, &options),
        }
    }

    /// The component that an entry ran, or why it cannot run again.
    pub(super) fn get(&self, entry: &ChainEntry) -> Result<Arc<Plugin>, String> {
        self.get_by(&entry.digest, &entry.entry.limits, || self.find(entry))
    }

    /// The component of a digest under the limits of an entry; `find` names its file where none is known.
    pub(super) fn get_by(
        &self,
        digest: &str,
        limits: &PluginLimits,
        find: impl FnOnce() -> Result<PathBuf, String>,
    ) -> Result<Arc<Plugin>, String> {
        let mut known = self.known();
        let is_it = |it: &&Loaded| it.digest == digest && it.limits == *limits;
        if let Some(loaded) = known.loaded.iter().find(is_it) {
            return loaded.plugin.clone();
        }
        // The lock is held: what several releases need is looked for once.
        let path = known.files.get(digest).cloned().map_or_else(find, Ok);
        let plugin = path.and_then(|path| {
            let read = self.read_within(&path, Some(digest), limits);
            read.map(Arc::new).map_err(|error| error.to_string())
        });
        let (digest, limits) = (digest.to_owned(), limits.clone());
        known.loaded.push(Loaded { digest, limits, plugin: plugin.clone() });
        plugin
    }

    fn find(&self, entry: &ChainEntry) -> Result<PathBuf, String> {
        let name = in_code(entry.entry.name.as_str(), NAME);
        let Ok(source) = entry.entry.source.parse::<PluginReference>() else {
            let digest = in_code(&entry.digest, NAME);
            return Err(format!(
                "plugin {name} was a file, and none with the digest {digest} is given"
            ));
        };
        let distribution = &self.request.distribution;
        let found = recorded_component(distribution, &self.registry, &source, pinned(entry));
        let (path, digest) = found.map_err(|error| error.message)?;
        if digest.as_str() != entry.digest {
            return Err(format!(
                "the registry has another component under {source} than plugin {name} ran"
            ));
        }
        Ok(path)
    }
}
