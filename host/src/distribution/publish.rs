//! Plugins of registries outside of a chain: authors push them, others list and pull them. The trust policy decides here,
//! too, what may be asked.

use std::path::PathBuf;

use wellhead_diagnostics::Code;
use wellhead_registry::{Artifact, Pinned, PublicKey, Pushed, RegistryError, Signed, SigningKey};
use wellhead_spec::{Digest, PluginReference, sanitize};

use super::policy::not_named;
use super::resolve::bring;
use super::settings::Distribution;
use super::signed::{NamedKey, check_signatures, rule_keys};
use super::upgrade::versions::sorted;

/// A plugin that was pulled.
#[derive(Clone, Debug)]
pub struct PulledPlugin {
    /// Digest of its manifest.
    pub manifest: Digest,
    /// Digest of its component.
    pub component: Digest,
    /// Bytes of its component.
    pub size: u64,
    /// The component in the store.
    pub path: PathBuf,
    /// Whose signatures it has, if the trust policy requires any.
    pub signed: Option<SignedPlugin>,
}

/// The signatures that a trust policy requires, and that a plugin has.
#[derive(Clone, Debug)]
pub struct SignedPlugin {
    /// The rule that requires them.
    pub rule: String,
    /// Keys whose owners signed it, by their names.
    pub keys: Vec<String>,
}

/// A plugin whose signatures were looked at.
#[derive(Clone, Debug)]
pub struct VerifiedPlugin {
    /// Digest of its manifest.
    pub manifest: Digest,
    /// The rule of the trust policy that says which keys must have signed it.
    pub rule: Option<String>,
    /// Each key, by its name, with what may be a signature of it.
    pub keys: Vec<VerifiedKey>,
}

/// What was found of a key.
#[derive(Clone, Debug)]
pub struct VerifiedKey {
    /// Its file, or where the policy has it.
    pub name: String,
    /// Where each signature was found, and why it is not one of this key, if so.
    pub signatures: Vec<(Digest, Option<&'static str>)>,
}

impl VerifiedPlugin {
    /// Whether each key signed it.
    pub fn is_signed(&self) -> bool {
        let signed = |it: &VerifiedKey| it.signatures.iter().any(|it| it.1.is_none());
        !self.keys.is_empty() && self.keys.iter().all(signed)
    }
}

/// Signs a plugin in a registry.
///
/// # Errors
/// What the trust policy, the network or the registry refuses.
pub fn sign_plugin(
    distribution: &Distribution,
    source: &PluginReference,
    key: &SigningKey,
) -> Result<Signed, RegistryError> {
    may_ask(distribution, source)?;
    distribution.registry().sign(source, key)
}

/// Looks at every signature that a registry has of a plugin: with a key, else with those that the trust policy requires.
///
/// # Errors
/// What the trust policy, the network or the registry refuses. A plugin without a signature is not an error here.
pub fn verify_plugin(
    distribution: &Distribution,
    source: &PluginReference,
    key: Option<(String, PublicKey)>,
) -> Result<VerifiedPlugin, RegistryError> {
    may_ask(distribution, source)?;
    let (rule, keys) = match key {
        Some((name, key)) => (None, vec![NamedKey { name, key }]),
        None => {
            rule_keys(distribution, source)?.map_or((None, Vec::new()), |it| (Some(it.0), it.1))
        }
    };
    let registry = distribution.registry();
    let manifest = registry.resolve(source)?.digest;
    let found = registry.signatures(source, &manifest)?.evidence;
    let verified = |key: NamedKey| VerifiedKey {
        signatures: found
            .iter()
            .map(|it| (it.found_in.clone(), it.check(&key.key, &manifest).err()))
            .collect(),
        name: key.name,
    };
    Ok(VerifiedPlugin { rule, keys: keys.into_iter().map(verified).collect(), manifest })
}

/// Puts a plugin into a registry, under the version of the reference; a version that is another plugin only if that may be
/// replaced.
///
/// # Errors
/// What the trust policy, the network or the registry refuses. No version is written then.
pub fn push_plugin(
    distribution: &Distribution,
    target: &PluginReference,
    artifact: &Artifact,
    may_replace: bool,
) -> Result<Pushed, RegistryError> {
    may_ask(distribution, target)?;
    distribution.registry().push(target, artifact, may_replace)
}

/// The versions of a plugin, the newest first. Tags that are not semantic versions are left out.
///
/// # Errors
/// What the trust policy, the network or the registry refuses.
pub fn plugin_versions(
    distribution: &Distribution,
    source: &PluginReference,
) -> Result<Vec<String>, RegistryError> {
    // The question is about all versions.
    let repository = format!("oci://{}", source.name());
    let of_all = |error: RegistryError| RegistryError {
        message: error.message.replacen(&source.to_string(), &repository, 1),
        ..error
    };
    may_ask(distribution, source).map_err(of_all)?;
    let tags = distribution.registry().versions(source).map_err(of_all)?;
    Ok(sorted(tags).into_iter().map(|it| it.1).collect())
}

/// Brings a plugin into the store, as its registry has it now.
///
/// # Errors
/// What the trust policy, the network or the registry refuses, and content that is not what it should be.
pub fn pull_plugin(
    distribution: &Distribution,
    source: &PluginReference,
) -> Result<PulledPlugin, RegistryError> {
    may_ask(distribution, source)?;
    let rules = distribution.policy.as_ref().map(|it| &it.spec);
    let registry = distribution.registry();
    let manifest = registry.resolve(source)?;
    let (digest, size) = (&manifest.component.digest, manifest.component.size);
    if let Some(denied) = rules.and_then(|it| it.denied(Some(&manifest.digest), digest)) {
        let message =
            format!("the trust policy denies this plugin: {}", sanitize(&denied.reason, 200));
        return Err(refused(Code::NotTrusted, source, &message, None));
    }
    check_signatures(distribution, &registry, source, &manifest.digest)?;
    if let Some(store) = &distribution.store {
        // It leaves the store, where nothing compares it again.
        store.whole(digest, size);
    }
    let path = bring(distribution, &registry, source, &Pinned::from(&manifest.component))?;
    let signed = rule_keys(distribution, source)?.map(|(rule, keys)| SignedPlugin {
        rule,
        keys: keys.into_iter().map(|it| it.name).collect(),
    });
    Ok(PulledPlugin { component: digest.clone(), size, path, signed, manifest: manifest.digest })
}

/// Whether a registry may be asked about a repository.
pub(super) fn may_ask(
    distribution: &Distribution,
    source: &PluginReference,
) -> Result<(), RegistryError> {
    if distribution.offline {
        return Err(refused(Code::NotInStore, source, "--offline asks no registry", None));
    }
    let rules = distribution.policy.as_ref().map(|it| &it.spec);
    let refusal = rules.and_then(|it| not_named(it, source));
    refusal.map_or(Ok(()), |(message, hint)| {
        Err(refused(Code::NotTrusted, source, &message, Some(hint)))
    })
}

fn refused(
    code: Code,
    source: &PluginReference,
    message: &str,
    hint: Option<String>,
) -> RegistryError {
    RegistryError { code, message: format!("{source}: {message}"), hint }
}
