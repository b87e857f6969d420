//! Revisions of a pipeline, as the history has them.

use std::str::FromStr;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use wellhead_render::ResourceSet;
use wellhead_spec::{Digest, PluginEntry};

use super::error::Problem;

/// A plugin that had a part in a revision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Plugin {
    /// Its name in the chain.
    pub name: String,
    /// The version that it gives of itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// SHA-256 of its component, `sha256:` and 64 hexadecimal digits.
    pub digest: String,
}

/// An entry of a chain as it ran. With the component of this digest and the pipeline that the chain got, it can run
/// again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ChainEntry {
    /// The customization that has it.
    pub customization: String,
    /// The version that the plugin gives of itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// SHA-256 of the component, `sha256:` and 64 hexadecimal digits.
    pub digest: String,
    /// Digest of the manifest under which a registry has the component, where it came from one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub manifest: Option<Digest>,
    /// Bytes of the component, where it came from a registry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<u64>,
    /// SHA-256 of the facts that the plugin got, as provenance has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub facts_digest: Option<String>,
    /// The entry itself: source, config, grants and the rest.
    #[serde(flatten)]
    pub entry: PluginEntry,
}

/// A plugin as the metadata of a record names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct UsedPlugin {
    /// Its name in the chain.
    pub name: String,
    /// SHA-256 of its component, `sha256:` and 64 hexadecimal digits, where it is noted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
}

/// What a pipeline was made from.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Origin {
    /// The pipeline as the plugins got it, as a draft; null where no plugin ran, or where it is not known.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub base: Value,
    /// The chain, in the order in which it ran.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub chain: Vec<ChainEntry>,
}

/// What the history notes of a pipeline beside its objects.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct About {
    /// The pipeline as the plugins left it; null where it is not known.
    pub spec: Value,
    /// What it was made from.
    #[serde(default)]
    pub origin: Origin,
    /// The plugins that transformed it, in the order of the chain.
    pub plugins: Vec<Plugin>,
    /// The revision that this one brings back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rollback_to: Option<i64>,
}

/// The state of a revision.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum RevisionState {
    /// It was applied last.
    Current,
    /// Others were applied after it.
    Earlier,
    /// A run that applied it did not get to the end.
    Unfinished,
    /// The Lease of the pipeline does not note it: that a run of Wellhead wrote it is the record's word alone.
    Unconfirmed,
}

/// One revision of a pipeline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Revision {
    /// Its number; a later one has a higher number.
    pub number: i64,
    /// The digest of its objects, `sha256:` and 64 hexadecimal digits.
    pub digest: String,
    /// Its state.
    pub state: RevisionState,
    /// When it was made, RFC 3339 in UTC, by the clock of the machine that made it.
    pub made: String,
    /// Whom the cluster knew its maker as.
    pub by: String,
    /// `user@host` of its maker.
    pub from: String,
    /// What the maker said about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// The version of Wellhead that made it.
    pub wellhead: String,
    /// The plugins that had a part in it, in the order of the chain.
    pub plugins: Vec<Plugin>,
    /// The revision that it brought back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rollback_to: Option<i64>,
}

/// A revision with all that it holds.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredRevision {
    /// What it says about itself.
    pub revision: Revision,
    /// The pipeline as the plugins left it; null where it is not known.
    pub spec: Value,
    /// What it was made from. Empty for a revision of a version that did not note it.
    pub origin: Origin,
    /// The objects that it applied.
    pub objects: ResourceSet,
}

/// The history of a pipeline.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct History {
    /// The revisions that are kept, the newest first.
    pub revisions: Vec<Revision>,
    /// Records that cannot be used, and why.
    pub unusable: Vec<Problem>,
}

/// A revision as a user names it: `NUMBER`, or `NUMBER@DIGEST`, which only the record of that content is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RevisionRef {
    /// Its number.
    pub number: i64,
    /// The digest of its objects, `sha256:` and 64 hexadecimal digits.
    pub digest: Option<String>,
}

impl From<i64> for RevisionRef {
    fn from(number: i64) -> Self {
        Self { number, digest: None }
    }
}

impl FromStr for RevisionRef {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (number, digest) = text.split_once('@').map_or((text, None), |it| (it.0, Some(it.1)));
        let form = "write NUMBER, or NUMBER@sha256: and 64 hexadecimal digits";
        let is_digest = |it: &str| {
            let hex = it.strip_prefix("sha256:").unwrap_or_default();
            hex.len() == 64 && hex.bytes().all(|it| matches!(it, b'0'..=b'9' | b'a'..=b'f'))
        };
        match number.parse() {
            Ok(number) if digest.is_none_or(is_digest) => {
                Ok(Self { number, digest: digest.map(str::to_owned) })
            }
            _ => Err(form.to_owned()),
        }
    }
}

/// The highest number that a revision can have: a thousand applies a day take 27 centuries.
pub(crate) const HIGHEST: i64 = 1_000_000_000;

#[cfg(test)]
mod tests {
    use super::RevisionRef;

    #[test]
    fn a_revision_is_named_by_its_number_or_by_its_number_and_whole_digest() {
        let digest = format!("sha256:{}", "0a".repeat(32));
        let named = |text: &str| text.parse::<RevisionRef>();
        assert_eq!(named("3"), Ok(RevisionRef::from(3)));
        let whole = RevisionRef { number: 3, digest: Some(digest.clone()) };
        assert_eq!(named(&format!("3@{digest}")), Ok(whole));
        for wrong in ["", "3@", "x", "3@sha256:0a", "9223372036854775808", &digest] {
            assert!(named(wrong).is_err(), "{wrong}");
        }
        assert!(named(&format!("3@{}", digest.to_uppercase())).is_err());
    }
}
