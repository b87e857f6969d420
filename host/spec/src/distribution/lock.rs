//! What a lock pins, and the rights that somebody agreed to.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::model::pipeline::API_VERSION;
use crate::{Customization, Digest, PipelineSelector, PluginEntry, PluginLimits, PluginReference};

/// The plugins of the customizations in a folder: `wellhead.lock` beside them. `wellhead lock` writes it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Lock {
    /// The plugins, sorted by their source.
    #[serde(default)]
    pub plugins: Vec<LockedPlugin>,
}

/// One plugin of a [`Lock`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LockedPlugin {
    /// The reference, as `source` of an entry has it: `oci://HOST/REPOSITORY:VERSION`.
    pub source: String,
    /// Digest of the manifest that the registry has under the reference.
    pub manifest: Digest,
    /// Digest of the component.
    pub component: Digest,
    /// Bytes of the component. A download ends there.
    #[schemars(range(min = 1, max = 1_073_741_824))]
    pub size: u64,
    /// What the plugin calls itself.
    pub name: String,
    /// Its version, as it says itself.
    pub version: String,
    /// The contract that it is built for, e.g. `wellhead:plugin@0.1.0`.
    pub contract: String,
    /// Interfaces that it exports.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exports: Vec<String>,
    /// Interfaces that it imports.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub imports: Vec<String>,
    /// Patterns of the fields that it asks to write.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub asks: Vec<String>,
    /// Names of the facts that it asks to read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub asks_facts: Vec<String>,
    /// The rule of the trust policy whose signatures it had. Omitted: no signature was required.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signed_by: Option<String>,
    /// What each entry that runs it may do.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub consent: Vec<Consent>,
}

/// The rights of one entry: whatever differs from the defaults.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Consent {
    /// The entry: `CUSTOMIZATION/ENTRY`.
    pub entry: String,
    /// As in the entry.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub grants: Vec<String>,
    /// As in the entry.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub opens: Vec<String>,
    /// As in the entry.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub overrides: Vec<String>,
    /// As in the entry.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub facts: Vec<String>,
    /// As in the entry.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub waives: Vec<String>,
    /// As in the entry.
    #[serde(default, skip_serializing_if = "PluginLimits::is_default")]
    #[serde(deserialize_with = "crate::model::map_only")]
    pub limits: PluginLimits,
    /// As in the entry.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub audit: bool,
    /// The pipelines that the entry's customization selects.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub select: Option<PipelineSelector>,
}

impl Consent {
    /// The rights that an entry of a customization has now. Patterns have one spelling and one order, so that only what
    /// they mean makes a difference.
    pub fn of(customization: &Customization, entry: &PluginEntry) -> Self {
        // A field of an entry that is new is a right here, or is named among those that give none.
        let PluginEntry {
            name,
            source: _,
            digest: _,
            config: _,
            grants,
            opens,
            overrides,
            after: _,
            before: _,
            facts,
            waives,
            audit,
            limits,
        } = entry;
        let sorted = |list: &[String]| {
            let mut list = list.to_vec();
            list.sort();
            list.dedup();
            list
        };
        let mut select = customization.spec.select.clone();
        if let Some(select) = &mut select {
            for list in [&mut select.names, &mut select.namespaces] {
                *list = sorted(list);
            }
        }
        Self {
            entry: format!("{}/{name}", customization.metadata.name),
            grants: canonical_patterns(grants),
            opens: canonical_patterns(opens),
            overrides: canonical_patterns(overrides),
            facts: sorted(facts),
            waives: sorted(waives),
            limits: limits.clone(),
            audit: *audit,
            select,
        }
    }
}

/// Patterns in their one spelling, sorted, each once. A text that is not a pattern is kept.
pub fn canonical_patterns(list: &[String]) -> Vec<String> {
    let one = |text: &String| {
        text.parse::<crate::PathPattern>().map_or_else(|_| text.clone(), |it| it.to_string())
    };
    let mut patterns: Vec<String> = list.iter().map(one).collect();
    patterns.sort();
    patterns.dedup();
    patterns
}

impl LockedPlugin {
    /// The reference; `None` where a lock was made without [`load_lock`](crate::load_lock), which checks it.
    pub fn reference(&self) -> Option<PluginReference> {
        self.source.parse().ok()
    }
}

/// The first line of each lock.
const HEAD: &str = "# Made by `wellhead lock`. Commit it. Wellhead checks a plugin against it before the plugin runs.\n";

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Document<'l> {
    api_version: &'static str,
    kind: &'static str,
    #[serde(flatten)]
    lock: &'l Lock,
}

impl Lock {
    /// The plugin of a reference.
    pub fn plugin(&self, source: &PluginReference) -> Option<&LockedPlugin> {
        let source = source.to_string();
        self.plugins.iter().find(|it| it.source == source)
    }

    /// The plugin that a reference follows: its own, or else the only one of the same repository, of which it is another
    /// version.
    pub fn previous(&self, source: &PluginReference) -> Option<&LockedPlugin> {
        let of_repository =
            |it: &&LockedPlugin| it.reference().is_some_and(|it| it.name() == source.name());
        self.plugin(source).or_else(|| {
            let mut same = self.plugins.iter().filter(of_repository);
            same.next_back()
        })
    }

    /// What the lock's file holds. Equal locks have equal bytes on every machine.
    ///
    /// # Panics
    ///
    /// Never: the types of a lock are those of YAML.
    pub fn to_yaml(&self) -> String {
        let mut sorted = self.clone();
        sorted.plugins.sort_by(|one, other| one.source.cmp(&other.source));
        for plugin in &mut sorted.plugins {
            let LockedPlugin { exports, imports, asks, asks_facts, .. } = plugin;
            for list in [exports, imports, asks, asks_facts] {
                list.sort();
                list.dedup();
            }
            plugin.consent.sort_by(|one, other| one.entry.cmp(&other.entry));
        }
        let document = Document { api_version: API_VERSION, kind: "Lock", lock: &sorted };
        let options = serde_saphyr::ser_options! { compact_list_indent: true };
        let text = serde_saphyr::to_string_with_options(&document, options)
            .expect("because the types of a lock are those of YAML");
        format!("{HEAD}{text}")
    }
}
