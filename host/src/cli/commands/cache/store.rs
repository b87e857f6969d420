//! The store as a part of what `wellhead cache` shows.

use jiff::Timestamp;
use serde::Serialize;
use wellhead::CacheEntry;
use wellhead_registry::{Store, StoredComponent};

use super::{SHORT_DIGEST, age, count, size};
use crate::cli::failure::Failure;
use crate::cli::output::table::table;

/// The store as a document.
#[derive(Serialize)]
pub(super) struct StoreInfo {
    directory: String,
    bytes: u64,
    components: Vec<Component>,
    /// Of how many plugins there are signatures.
    signatures: usize,
}

/// A component as a document.
#[derive(Serialize)]
struct Component {
    /// Name and version that the plugin gives itself; none of one that was not compiled yet.
    plugin: Option<String>,
    version: Option<String>,
    digest: String,
    bytes: u64,
    since: Timestamp,
}

/// The user's store. A cache has a folder, so that there is one.
pub(super) fn store() -> Store {
    Store::new(wellhead::store_directory().unwrap_or_default())
}

impl StoreInfo {
    pub(super) fn new(store: &Store, compiled: &[CacheEntry]) -> Result<Self, Failure> {
        let stored = store.stored()?;
        Ok(Self {
            directory: store.directory().display().to_string(),
            bytes: stored.bytes,
            components: stored
                .components
                .into_iter()
                .map(|it| Component::new(it, compiled))
                .collect(),
            signatures: stored.signatures,
        })
    }

    pub(super) fn text(&self) -> String {
        if self.components.is_empty() && self.signatures == 0 {
            return String::new();
        }
        let header = ["COMPONENT", "VERSION", "SIZE", "CAME", "DIGEST"];
        format!(
            "\n{}\n{}, signatures of {}, {} in the store\n",
            table(header, self.components.iter().map(Component::row)),
            count(self.components.len(), "component"),
            count(self.signatures, "plugin"),
            size(self.bytes),
        )
    }
}

impl Component {
    fn new(component: StoredComponent, compiled: &[CacheEntry]) -> Self {
        let StoredComponent { digest, bytes, since } = component;
        let entry = compiled.iter().find(|it| it.plugin == digest.hex());
        let about = entry.and_then(CacheEntry::description);
        let (plugin, version) = about.map(|it| (it.name, it.version)).unzip();
        let since = Timestamp::try_from(since).unwrap_or_default();
        Self { plugin, version, digest: digest.to_string(), bytes, since }
    }

    fn row(&self) -> [String; 5] {
        let digest = self.digest.trim_start_matches("sha256:");
        [
            self.plugin.clone().unwrap_or_else(|| "(not compiled)".to_owned()),
            self.version.clone().unwrap_or_default(),
            size(self.bytes),
            age(self.since),
            digest.get(..SHORT_DIGEST).unwrap_or(digest).to_owned(),
        ]
    }
}
