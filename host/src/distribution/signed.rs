//! Whether a plugin has the signatures that the trust policy requires.

use std::path::Path;

use wellhead_diagnostics::Code;
use wellhead_registry::{Evidence, FoundSignatures, PublicKey, Registry, RegistryError};
use wellhead_spec::{
    Digest, Located, PluginReference, Requirement, Signer, SourceRule, TrustPolicy, Verdict,
    read_file,
};

use super::settings::Distribution;

/// Most bytes of a file with a key.
const MAX_KEY: u64 = 64 << 10;
/// Most signatures that a message tells about.
const SHOWN: usize = 5;

/// Where signatures were looked for.
#[derive(Clone, Copy)]
pub(super) enum Place {
    Registry,
    Store,
    File,
}

/// A key of the trust policy.
pub(super) struct NamedKey {
    /// Its file, or where the policy has it.
    pub(super) name: String,
    pub(super) key: PublicKey,
}

/// The rule that requires signatures of a plugin, and its keys; none where no signature is required.
pub(super) fn rule_keys(
    distribution: &Distribution,
    source: &PluginReference,
) -> Result<Option<(String, Vec<NamedKey>)>, RegistryError> {
    let Some(policy) = &distribution.policy else { return Ok(None) };
    let Verdict::Rule(rule) = policy.spec.verdict(source) else { return Ok(None) };
    let Requirement::Signed(signers) = &rule.require else { return Ok(None) };
    let keys = keys(policy, rule, signers).map_err(|error| about(source, error))?;
    Ok(Some((rule.name.clone(), keys)))
}

/// Checks the signatures of a plugin: those that the store keeps, else those of its registry. Returns the rule that requires
/// them; none where no signature is required.
///
/// What the store keeps is checked each time, so that another policy or another file in the store changes the answer.
pub(super) fn check_signatures(
    distribution: &Distribution,
    registry: &Registry,
    source: &PluginReference,
    manifest: &Digest,
) -> Result<Option<String>, RegistryError> {
    let Some((rule, keys)) = rule_keys(distribution, source)? else { return Ok(None) };
    let store = distribution.store.as_ref();
    let kept = store.and_then(|it| it.evidence(manifest)).unwrap_or_default();
    if missing(&keys, &kept, manifest).is_empty() {
        return Ok(Some(rule));
    }
    let (found, place) = if distribution.offline {
        (FoundSignatures { evidence: kept, left_out: 0 }, Place::Store)
    } else {
        (registry.signatures(source, manifest)?, Place::Registry)
    };
    judge(&rule, &keys, manifest, &found, place).map_err(|error| about(source, error))?;
    // What is not enough replaces nothing that was, and may be again.
    if let Some(store) = store {
        store.keep_evidence(manifest, &found.evidence)?;
    }
    Ok(Some(rule))
}

/// The same with signatures that were found.
pub(super) fn check_found(
    distribution: &Distribution,
    source: &PluginReference,
    manifest: &Digest,
    found: &FoundSignatures,
    place: Place,
) -> Result<Option<String>, RegistryError> {
    let Some((rule, keys)) = rule_keys(distribution, source)? else { return Ok(None) };
    judge(&rule, &keys, manifest, found, place).map_err(|error| about(source, error))?;
    Ok(Some(rule))
}

/// Whether the owner of each key signed a manifest.
fn judge(
    rule: &str,
    keys: &[NamedKey],
    manifest: &Digest,
    found: &FoundSignatures,
    place: Place,
) -> Result<(), RegistryError> {
    let missing = missing(keys, &found.evidence, manifest);
    if missing.is_empty() {
        return Ok(());
    }
    let error = not_signed(rule, &missing, &found.evidence, manifest, place);
    Err(if found.left_out == 0 { error } else { too_many(&error, found.left_out) })
}

/// Says that the signature may be one that was not looked at.
fn too_many(error: &RegistryError, left_out: usize) -> RegistryError {
    let message =
        format!("{}; {left_out} more artifacts refer to it, and were not looked at", error.message);
    let hint = "remove what is not needed (`oras discover` lists it), or ask its author to sign a new version";
    RegistryError { code: Code::TooManyReferrers, message, hint: Some(hint.to_owned()) }
}

/// Reads the keys of a trust policy.
///
/// # Errors
/// The first that is not there, or not a public key of a kind that is known.
pub fn check_trust_keys(policy: &Located<TrustPolicy>) -> Result<(), RegistryError> {
    for rule in &policy.spec.sources {
        if let Requirement::Signed(signers) = &rule.require
            && not_verifiable(rule).is_none()
        {
            let keys = keys(policy, rule, signers)?;
            for (at, one) in keys.iter().enumerate() {
                if let Some(same) = keys[..at].iter().find(|it| it.key == one.key) {
                    let why = format!(
                        "rule `{}` names the same one as {} and {}: one signature would be both",
                        rule.name, same.name, one.name
                    );
                    return Err(wrong_key(&why));
                }
            }
        }
    }
    Ok(())
}

/// Why a rule's plugins cannot run whatever signatures they have, if so.
pub(super) fn not_verifiable(rule: &SourceRule) -> Option<String> {
    let Requirement::Signed(signers) = &rule.require else { return None };
    signers.iter().any(|it| it.key.is_none()).then(|| keyless(rule))
}

fn keyless(rule: &SourceRule) -> String {
    format!(
        "rule `{}` of the trust policy requires a keyless signature, and this version of Wellhead verifies signatures by \
         key only",
        rule.name
    )
}

/// Keys whose owners did not sign.
fn missing<'k>(keys: &'k [NamedKey], found: &[Evidence], manifest: &Digest) -> Vec<&'k NamedKey> {
    let signed = |key: &&NamedKey| found.iter().any(|it| it.check(&key.key, manifest).is_ok());
    keys.iter().filter(|it| !signed(it)).collect()
}

fn not_signed(
    rule: &str,
    missing: &[&NamedKey],
    found: &[Evidence],
    manifest: &Digest,
    place: Place,
) -> RegistryError {
    let names: Vec<_> = missing.iter().map(|it| it.name.as_str()).collect();
    let mut message = format!(
        "rule `{rule}` of the trust policy requires a signature by {}, and ",
        names.join(" and ")
    );
    let reasons: Vec<String> = missing
        .iter()
        .flat_map(|key| {
            found.iter().filter_map(|it| {
                Some(format!("{}: {}", it.found_in, it.check(&key.key, manifest).err()?))
            })
        })
        .collect();
    let hint = match (reasons.len(), place) {
        (0, Place::Store) => {
            message += "the store has no signature";
            "run it once without --offline, or load a file that has its signatures: `wellhead plugin load`"
        }
        (0, Place::File) => {
            message += "the file has no signature";
            "save it again where its registry is reached, once it is signed: `wellhead plugin save`"
        }
        (0, Place::Registry) => {
            message += "the registry has no signature";
            "ask its author to sign it: `wellhead plugin sign`, or `cosign sign`"
        }
        (count, _) => {
            let none = match count {
                1 => "the one that was found is not one: ".to_owned(),
                _ => format!("none of the {count} that were found is one: "),
            };
            message += &none;
            message += &reasons[..count.min(SHOWN)].join("; ");
            "ask its author which key signs it, and the operator which key is right"
        }
    };
    RegistryError { code: Code::NotSigned, message, hint: Some(hint.to_owned()) }
}

/// The keys of a rule.
fn keys(
    policy: &Located<TrustPolicy>,
    rule: &SourceRule,
    signers: &[Signer],
) -> Result<Vec<NamedKey>, RegistryError> {
    let folder = policy.file().parent().unwrap_or(Path::new(""));
    let read = |signer: &Signer| {
        let key = signer.key.as_ref().ok_or_else(|| RegistryError {
            code: Code::NotSigned,
            message: keyless(rule),
            hint: None,
        })?;
        let (name, pem) = match (&key.file, &key.pem) {
            (Some(file), _) => {
                let path = folder.join(file);
                let bytes = read_file(&path, MAX_KEY)
                    .map_err(|error| wrong_key(&format!("{}: {error}", path.display())))?;
                (file.clone(), bytes)
            }
            (None, pem) => (
                format!("the key of rule `{}`", rule.name),
                pem.clone().unwrap_or_default().into_bytes(),
            ),
        };
        let key = PublicKey::from_pem(&pem).map_err(|why| wrong_key(&format!("{name}: {why}")))?;
        Ok(NamedKey { name, key })
    };
    signers.iter().map(read).collect()
}

fn wrong_key(why: &str) -> RegistryError {
    RegistryError {
        code: Code::InvalidTrustPolicy,
        message: format!("a key of the trust policy cannot be used: {why}"),
        hint: Some("name a public key in PEM, such as `cosign.pub`".to_owned()),
    }
}

fn about(source: &PluginReference, error: RegistryError) -> RegistryError {
    RegistryError { message: format!("{source}: {}", error.message), ..error }
}
