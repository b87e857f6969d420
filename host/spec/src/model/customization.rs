//! A team's changes: which plugins, in which order, with which config and rights.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{Metadata, ObjectName, PluginLimits, PluginName};

/// A team's changes to the pipelines that it selects.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Customization {
    /// Name of the customization itself.
    pub metadata: CustomizationMetadata,
    /// The changes.
    pub spec: CustomizationSpec,
}

/// Name of a customization.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CustomizationMetadata {
    /// Name of the customization; messages use it.
    pub name: ObjectName,
    /// Labels of the customization.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
    /// Annotations of the customization.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub annotations: BTreeMap<String, String>,
}

/// The changes of a [`Customization`].
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CustomizationSpec {
    /// The pipelines that it applies to. Left out: all that are given with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub select: Option<PipelineSelector>,
    /// The plugins, in the order in which they run.
    pub plugins: Vec<PluginEntry>,
}

/// Which pipelines a customization applies to: those that match every list that is given.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PipelineSelector {
    /// Names, of which the pipeline must have one. `*` stands for any number of characters.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub names: Vec<String>,
    /// Labels, of which the pipeline must have all.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
    /// Namespaces, of which the pipeline must be in one. `*` stands for any number of characters.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub namespaces: Vec<String>,
}

/// One plugin of the chain.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PluginEntry {
    /// Name of the entry, unique in the customization; messages and provenance use it.
    pub name: PluginName,
    /// The component: a path, relative to the customization's file, or `oci://HOST/REPOSITORY:VERSION`, a plugin in a
    /// registry, which `wellhead.lock` beside the file pins.
    pub source: String,
    /// SHA-256 of the component, as `wellhead plugin inspect` prints it: `sha256:` and 64 hexadecimal digits. A file with
    /// another digest is neither compiled nor run. Left out: whatever is there is used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = "^sha256:[0-9a-f]{64}$"))]
    pub digest: Option<String>,
    /// The plugin's config. Its shape is the plugin's own (`wellhead plugin inspect` shows it).
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub config: Value,
    /// Patterns of the fields that the plugin may write, e.g. `containers.*.image`: keys with dots
    /// between them, `*` for one of them, `**` for any number; other keys than letters, digits, `-`,
    /// `_` and `/` are written `labels["example.com/a"]`. Without a grant it may only read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub grants: Vec<String>,
    /// Protected fields that the plugin may write nevertheless, each by its name, e.g.
    /// `serviceAccountName` or `containers.*.securityContext.runAsUser`. A `*` stands for the name of
    /// an item only, `**` is not allowed. An opened field needs no grant beside it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub opens: Vec<String>,
    /// Patterns of the fields that the plugin may set although an earlier plugin set them to
    /// something else.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub overrides: Vec<String>,
    /// Names of entries that must stand before this one in the chain. The order is the one that is
    /// written; this checks it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub after: Vec<PluginName>,
    /// Names of entries that must stand behind this one in the chain.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub before: Vec<PluginName>,
    /// Names of the facts that the plugin may read, e.g. `storageClasses`. `--facts FILE` tells them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(inner(regex(pattern = "^[A-Za-z][-A-Za-z0-9_.]*$"), length(max = 63)))]
    pub facts: Vec<String>,
    /// Codes of findings that this plugin may have and that stop nothing, e.g. `tag-missing`. They are shown as notes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(inner(regex(pattern = "^[a-z][a-z0-9]*(-[a-z0-9]+)*$"), length(max = 64)))]
    pub waives: Vec<String>,
    /// Whether the plugin is on trial: what it would edit, refuse or object to is reported, and has
    /// no effect.
    #[serde(default, skip_serializing_if = "is_false")]
    pub audit: bool,
    /// Budgets that differ from the defaults.
    #[serde(default, skip_serializing_if = "PluginLimits::is_default")]
    #[serde(deserialize_with = "crate::model::map_only")]
    pub limits: PluginLimits,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_false(value: &bool) -> bool {
    !value
}

impl PipelineSelector {
    /// Whether a pipeline with this name, labels and namespace is selected.
    pub fn matches(&self, pipeline: &Metadata) -> bool {
        let namespace = pipeline.namespace.as_ref().map_or("", |name| name.as_str());
        one_of(&self.names, pipeline.name.as_str())
            && one_of(&self.namespaces, namespace)
            && self.labels.iter().all(|(key, value)| pipeline.labels.get(key) == Some(value))
    }
}

/// Whether a text matches one of the patterns; an empty list matches everything.
fn one_of(patterns: &[String], text: &str) -> bool {
    patterns.is_empty() || patterns.iter().any(|pattern| glob(pattern, text))
}

/// Whether a text matches a pattern in which `*` stands for any number of characters.
fn glob(pattern: &str, text: &str) -> bool {
    let Some((head, rest)) = pattern.split_once('*') else { return pattern == text };
    let Some(mut text) = text.strip_prefix(head) else { return false };
    let (inner, last) = rest.rsplit_once('*').map_or((None, rest), |(it, last)| (Some(it), last));
    // The first place where a part fits leaves most to those behind it.
    for part in inner.into_iter().flat_map(|it| it.split('*')) {
        let Some(at) = text.find(part) else { return false };
        text = &text[at + part.len()..];
    }
    text.ends_with(last)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The definition, as short as it can be said.
    fn by_definition(pattern: &[u8], text: &[u8]) -> bool {
        match (pattern, text) {
            ([], _) => text.is_empty(),
            ([b'*', rest @ ..], _) => (0..=text.len()).any(|at| by_definition(rest, &text[at..])),
            ([a, pattern @ ..], [b, text @ ..]) => a == b && by_definition(pattern, text),
            _ => false,
        }
    }

    proptest! {
        #[test]
        fn names_match_as_they_are_defined(pattern in "[ab*]{0,6}", text in "[ab]{0,6}") {
            let expected = by_definition(pattern.as_bytes(), text.as_bytes());
            prop_assert_eq!(glob(&pattern, &text), expected);
        }
    }

    #[test]
    fn many_stars_do_not_take_forever() {
        assert!(!glob(&"a*".repeat(200), &format!("{}b", "c".repeat(2_000))));
        assert!(glob(&format!("{}b", "a*".repeat(200)), &format!("{}b", "a".repeat(2_000))));
    }
}
