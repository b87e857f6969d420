//! Plugins of registries in customizations: from a `source` to a file, by the lock and the trust policy.
//!
//! The trust policy is asked before the first request, and a component runs only if the lock names its digest and the
//! rights of its entry. What is in the store already needs no request at all.

mod air_gap;
mod draft;
mod locks;
mod policy;
mod publish;
mod replayed;
pub(crate) mod resolve;
pub(crate) mod settings;
mod signed;
mod upgrade;

pub use air_gap::{LoadedPlugin, WantedPlugin, load_plugins, locked_plugins, pack_plugins};
pub use draft::{LockDraft, draft_locks};
pub use publish::{
    PulledPlugin, SignedPlugin, VerifiedKey, VerifiedPlugin, plugin_versions, pull_plugin,
    push_plugin, sign_plugin, verify_plugin,
};
pub(crate) use replayed::{recorded_component, refusals, wrong_version};
pub use settings::Distribution;
pub use signed::check_trust_keys;
pub use upgrade::outdated::{Outdated, OutdatedNote, OutdatedPlugin, outdated_plugins};
pub use upgrade::{EditedFile, SourceEdit, UpgradeDraft, UpgradeTarget, draft_upgrade};
