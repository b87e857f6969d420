//! What registries have of the plugins of some customizations, each repository asked once.

use std::collections::BTreeMap;

use wellhead_registry::{Registry, RegistryError};
use wellhead_spec::{Digest, PluginReference, sanitize};

use super::super::publish::may_ask;
use super::super::settings::Distribution;
use super::versions::{Newer, newer};

/// Most versions that are passed over because the trust policy denies them.
const PASSED_OVER: usize = 10;
/// Most characters of a reason of the trust policy.
const REASON: usize = 200;

/// Asks registries which versions there are.
pub(super) struct Catalog<'d> {
    distribution: &'d Distribution,
    registry: Registry,
    tags: BTreeMap<String, Result<Vec<String>, RegistryError>>,
}

/// A plugin as a registry has it under a reference.
#[derive(Clone, Debug)]
pub(super) struct Found {
    pub(super) manifest: Digest,
    pub(super) component: Digest,
    /// Why the trust policy denies it, if it does.
    pub(super) denied: Option<String>,
}

/// A version that the trust policy denies, and why.
pub(super) type Denied = (String, String);

impl<'d> Catalog<'d> {
    pub(super) fn new(distribution: &'d Distribution) -> Self {
        Self { distribution, registry: distribution.registry(), tags: BTreeMap::new() }
    }

    /// The tags of a plugin's repository.
    pub(super) fn tags(&mut self, source: &PluginReference) -> Result<Vec<String>, RegistryError> {
        may_ask(self.distribution, source)?;
        let ask = || self.registry.versions(source);
        self.tags.entry(source.name()).or_insert_with(ask).clone()
    }

    /// What the registry has under a reference.
    pub(super) fn find(&self, source: &PluginReference) -> Result<Found, RegistryError> {
        may_ask(self.distribution, source)?;
        let manifest = self.registry.resolve(source)?;
        let component = manifest.component.digest;
        let denied = self.denied(&manifest.digest, &component);
        Ok(Found { manifest: manifest.digest, component, denied })
    }

    /// Why the trust policy denies a plugin, if it does.
    pub(super) fn denied(&self, manifest: &Digest, component: &Digest) -> Option<String> {
        let rules = &self.distribution.policy.as_ref()?.spec;
        rules.denied(Some(manifest), component).map(|it| sanitize(&it.reason, REASON))
    }

    /// The first of some versions that the trust policy does not deny, and those before it.
    pub(super) fn allowed<'n>(
        &self,
        source: &PluginReference,
        versions: impl Iterator<Item = &'n Newer>,
    ) -> Result<(Option<&'n Newer>, Vec<Denied>), RegistryError> {
        let policy = self.distribution.policy.as_ref();
        let nothing_denied = policy.is_none_or(|it| it.spec.deny.is_empty());
        let mut passed_over = Vec::new();
        for version in versions.take(PASSED_OVER) {
            if nothing_denied {
                return Ok((Some(version), passed_over));
            }
            match self.find(&source.at_tag(&version.tag))?.denied {
                None => return Ok((Some(version), passed_over)),
                Some(reason) => passed_over.push((version.tag.clone(), reason)),
            }
        }
        Ok((None, passed_over))
    }

    /// The versions that come after the one of a reference, the newest first. `None` where it has no order.
    pub(super) fn newer(
        &mut self,
        source: &PluginReference,
    ) -> Result<Option<Vec<Newer>>, RegistryError> {
        let Some(tag) = source.tag() else { return Ok(None) };
        Ok(newer(self.tags(source)?, tag))
    }
}
