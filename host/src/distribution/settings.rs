//! How plugins of registries are found.

use std::path::PathBuf;

use wellhead_registry::{Options, Registry, Store};
use wellhead_spec::{Located, TrustPolicy};

/// How plugins of registries are found.
#[derive(Clone, Debug, Default)]
pub struct Distribution {
    /// The operator's policy. Without one, every registry may be asked, and no right has a ceiling.
    pub policy: Option<Located<TrustPolicy>>,
    /// The lock of all customizations. Omitted: `wellhead.lock` beside each of them.
    pub lock: Option<PathBuf>,
    /// Whether the lock must be up to date to the letter.
    pub locked: bool,
    /// Whether no registry is asked.
    pub offline: bool,
    /// Where components are kept. Without it, no plugin of a registry can run.
    pub store: Option<Store>,
    /// How registries are reached, what the policy says of them aside.
    pub options: Options,
}

impl Distribution {
    /// What asks registries.
    pub(crate) fn registry(&self) -> Registry {
        let mut options = self.options.clone();
        if let Some(policy) = &self.policy {
            options.registries.clone_from(&policy.spec.registries);
            options.folder = policy.file().parent().map(PathBuf::from).unwrap_or_default();
        }
        Registry::new(options)
    }
}
