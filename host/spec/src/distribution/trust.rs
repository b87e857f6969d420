//! Whom an operator trusts.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{CustomizationMetadata, Digest, PluginReference, RepositoryPattern};

/// Which plugins may run, and from where: the operator's own file, never one of a team.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TrustPolicy {
    /// Name of the policy; messages use it.
    pub metadata: CustomizationMetadata,
    /// The rules.
    pub spec: TrustRules,
}

/// The rules of a [`TrustPolicy`].
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TrustRules {
    /// What happens to plugins of repositories that no rule names. Omitted: `refuse`.
    #[serde(default)]
    pub default: DefaultRule,
    /// What happens to plugins that are files beside a customization. Omitted: `allow`.
    #[serde(default)]
    pub local_files: LocalFiles,
    /// Repositories. The first rule that names a plugin's repository decides.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sources: Vec<SourceRule>,
    /// Plugins that never run, whatever a rule says.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub deny: Vec<DeniedPlugin>,
    /// How registries are reached.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub registries: Vec<RegistrySettings>,
}

/// What happens to plugins of repositories that no rule names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum DefaultRule {
    /// They are refused, and no request is sent to their registry.
    #[default]
    Refuse,
    /// They run, with a warning from `wellhead lock`.
    Warn,
    /// They run.
    Allow,
}

/// What happens to plugins that are files.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum LocalFiles {
    /// They run.
    #[default]
    Allow,
    /// They run where the entry has their `digest`.
    Pinned,
    /// They are refused.
    Refuse,
}

/// What a plugin of some repositories needs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SourceRule {
    /// The repositories: `HOST/REPOSITORY`, with `*` for one part, and `**` at the end for one part or more.
    pub repository: RepositoryPattern,
    /// Name of the rule; messages use it.
    pub name: String,
    /// Which signature a plugin needs.
    pub require: Requirement,
    /// The most that a customization may grant to a plugin of them. Omitted: no ceiling.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allow: Option<Ceiling>,
}

/// Which signatures a plugin needs: `none`, or a list of which it needs all.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Requirement {
    /// `none`.
    Unsigned(Unsigned),
    /// All of these.
    Signed(Vec<Signer>),
}

/// No signature is needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Unsigned {
    /// No signature is needed.
    None,
}

/// Who must have signed a plugin: one of `key` and `keyless`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Signer {
    /// The owner of a key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<PublicKey>,
    /// An identity that an issuer confirmed when it signed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keyless: Option<Identity>,
}

/// A public key: one of `file` and `pem`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PublicKey {
    /// A file in PEM, a path relative to this file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// The key in PEM.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pem: Option<String>,
}

/// An identity of a keyless signature.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Identity {
    /// The issuer, exactly, e.g. `https://token.actions.githubusercontent.com`.
    pub issuer: String,
    /// The identity. `*` stands for any characters but `/`.
    pub identity: String,
    /// The trusted root of Sigstore (JSON), a path relative to this file.
    pub trusted_root: String,
}

/// The most that a customization may grant. A list that is omitted is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Ceiling {
    /// Patterns that must include each pattern of an entry's `grants`.
    #[serde(default)]
    pub grants: Vec<String>,
    /// Patterns that must include each pattern of an entry's `opens`.
    #[serde(default)]
    pub opens: Vec<String>,
    /// Names of the facts that an entry may have.
    #[serde(default)]
    pub facts: Vec<String>,
    /// Codes of findings that an entry may waive.
    #[serde(default)]
    pub waives: Vec<String>,
}

/// A plugin that never runs: by its manifest, its component, or both.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DeniedPlugin {
    /// Digest of the component.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub component: Option<Digest>,
    /// Digest of the manifest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub manifest: Option<Digest>,
    /// Why, e.g. the number of an advisory.
    pub reason: String,
}

/// How a registry is reached.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RegistrySettings {
    /// The registry: a host, with its port where that is not 443.
    pub host: String,
    /// Certificates of authorities (PEM) that are trusted beside those of the system, a path relative to this file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ca_file: Option<String>,
    /// Where content is asked for first: `HOST` or `HOST/PREFIX`. Versions are asked of the registry itself.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mirrors: Vec<String>,
    /// Hosts that give tokens for the registry, beside itself.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub token_hosts: Vec<String>,
    /// Whether it is asked by HTTP. Only for a registry on this machine.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub plain_http: bool,
}

/// What a policy says about a plugin's repository.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Verdict<'p> {
    /// A rule names it.
    Rule(&'p SourceRule),
    /// No rule names it.
    Default(DefaultRule),
}

impl TrustRules {
    /// What decides on a plugin's repository.
    pub fn verdict(&self, plugin: &PluginReference) -> Verdict<'_> {
        let rule = self.sources.iter().find(|it| it.repository.matches(plugin));
        rule.map_or(Verdict::Default(self.default), Verdict::Rule)
    }

    /// Why a plugin never runs, if it does not.
    pub fn denied(&self, manifest: Option<&Digest>, component: &Digest) -> Option<&DeniedPlugin> {
        self.deny.iter().find(|it| {
            it.component.as_ref() == Some(component)
                || it.manifest.is_some() && it.manifest.as_ref() == manifest
        })
    }

    /// How a registry is reached, where the policy says it.
    pub fn registry(&self, host: &str) -> Option<&RegistrySettings> {
        self.registries.iter().find(|it| it.host == host)
    }
}
