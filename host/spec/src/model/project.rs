//! What the author of a plugin says beside its code: the project, and its test cases.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{PluginLimits, Quantity};

/// The project of a plugin: `plugin.yaml` in its folder. Name and version stand in the plugin itself.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PluginProject {
    /// The component that is built, a path relative to this file. Left out: `plugin.wasm`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub component: Option<String>,
    /// Folder of the test cases, relative to this file. Left out: `cases`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cases: Option<String>,
    /// Components that the plugin uses, paths relative to this file. The build plugs them into the plugin.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub plugs: Vec<String>,
    /// What the component says about its origin, where the manifest of its language does not.
    #[serde(default, skip_serializing_if = "PluginAbout::is_empty")]
    #[serde(deserialize_with = "crate::model::map_only")]
    pub about: PluginAbout,
    /// What the plugin promises to need at most. A test case that needs more fails.
    #[serde(default, skip_serializing_if = "PluginBudget::is_empty")]
    pub budget: PluginBudget,
}

/// What a component says about its origin, in sections that registries show. Each wins over the manifest of the language.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PluginAbout {
    /// The plugin's name, which must be the one that its code has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The plugin's version, which must be the one that its code has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// What it does, in a line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Who made it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authors: Option<String>,
    /// Its licence, an SPDX expression, e.g. `Apache-2.0`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub license: Option<String>,
    /// URL of its source.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// URL of its page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub homepage: Option<String>,
    /// The commit that it is made of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revision: Option<String>,
}

impl PluginAbout {
    /// Whether it says nothing.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// What differs in one test case: `case.yaml` in its folder.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PluginCase {
    /// Patterns of the fields that the plugin may write. Left out, and `opens`, too: those that it
    /// asks for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grants: Option<Vec<String>>,
    /// Protected fields that the plugin may write. Left out, and `grants`, too: those that it asks for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opens: Option<Vec<String>>,
    /// Names of the facts that the plugin may read; `facts.yaml` tells them. Left out: those that it asks for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub facts: Option<Vec<String>>,
    /// Budgets as an operator sets them in a chain entry.
    #[serde(default, skip_serializing_if = "PluginLimits::is_default")]
    #[serde(deserialize_with = "crate::model::map_only")]
    pub limits: PluginLimits,
    /// What the plugin promises to need at most, instead of what the project says.
    #[serde(default, skip_serializing_if = "PluginBudget::is_empty")]
    pub budget: PluginBudget,
}

/// What a plugin promises to need at most for one pipeline. What is left out has no limit but the
/// host's.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PluginBudget {
    /// Units of fuel; about one for each WebAssembly instruction.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 1_000_000_000_000_i64))]
    pub fuel: Option<u64>,
    /// Sum of its memories and tables, e.g. `2Mi`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory: Option<Quantity>,
    /// Edits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = 1_000_000))]
    pub edits: Option<u64>,
}

impl PluginBudget {
    /// Whether it promises nothing.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The same, where this one says nothing.
    #[must_use]
    pub fn or(&self, other: &Self) -> Self {
        Self {
            fuel: self.fuel.or(other.fuel),
            memory: self.memory.clone().or_else(|| other.memory.clone()),
            edits: self.edits.or(other.edits),
        }
    }
}
