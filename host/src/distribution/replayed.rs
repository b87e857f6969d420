//! Plugins that run once more, or might: the same rules decide on them as on those of customizations.

use std::path::PathBuf;

use wellhead_diagnostics::Code;
use wellhead_registry::{Pinned, Registry, RegistryError};
use wellhead_spec::{Digest, Finding, PluginEntry, PluginReference, sanitize};

use super::policy::{check, check_file, not_named};
use super::publish::may_ask;
use super::resolve::bring;
use super::settings::Distribution;
use super::signed::check_signatures;

/// Most characters of a reason of the trust policy.
const REASON: usize = 200;

/// The file and the digest of the component that a record names: the one that is pinned, else the one that the registry has
/// under the reference.
pub(crate) fn recorded_component(
    distribution: &Distribution,
    registry: &Registry,
    source: &PluginReference,
    pinned: Option<(Digest, Pinned)>,
) -> Result<(PathBuf, Digest), RegistryError> {
    let rules = distribution.policy.as_ref().map(|it| &it.spec);
    let refused = |message: String, hint| RegistryError {
        code: Code::NotTrusted,
        message: format!("{source}: {message}"),
        hint,
    };
    if let Some((message, hint)) = rules.and_then(|it| not_named(it, source)) {
        return Err(refused(message, Some(hint)));
    }
    let (manifest, component) = if let Some(pinned) = pinned {
        pinned
    } else {
        may_ask(distribution, source)?;
        let found = registry.resolve(source)?;
        (found.digest, Pinned::from(&found.component))
    };
    if let Some(denied) = rules.and_then(|it| it.denied(Some(&manifest), &component.digest)) {
        let reason = sanitize(&denied.reason, REASON);
        return Err(refused(format!("the trust policy denies this plugin: {reason}"), None));
    }
    check_signatures(distribution, registry, source, &manifest)?;
    let path = bring(distribution, registry, source, &component)?;
    Ok((path, component.digest))
}

/// Why an entry may not run a plugin, whatever the plugin is.
pub(crate) fn refusals(
    distribution: &Distribution,
    entry: &PluginEntry,
    source: Option<&PluginReference>,
) -> Vec<Finding> {
    let Some(policy) = &distribution.policy else { return Vec::new() };
    match source {
        Some(source) => check(&policy.spec, entry, source),
        None => check_file(&policy.spec, entry).into_iter().collect(),
    }
}

/// Whether a plugin's own version is not the one of its reference.
pub(crate) fn wrong_version(source: &PluginReference, version: &str) -> Option<RegistryError> {
    let tag = source.tag().filter(|tag| tag.replace('_', "+") != version)?;
    let message = format!("{source}: the registry has version {version} of the plugin as {tag}");
    Some(RegistryError { code: Code::OtherVersion, message, hint: None })
}
