//! Whose value stands where somebody else sets a field of the pipeline, too.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{PathPattern, PipelineSpec};

/// Whose value stands for some fields, when another field manager of the cluster sets them, too.
/// Without an entry, that is a conflict, and nothing is written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Ownership {
    /// Pattern of the fields, with all that stands in them, e.g. `replicas` or
    /// `containers.*.resources`. It is written like a grant.
    pub field: String,
    /// What becomes of a field that somebody else sets, too.
    pub policy: OwnershipPolicy,
}

/// What becomes of a field that somebody else sets, too.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "camelCase")]
pub enum OwnershipPolicy {
    /// The pipeline's value stands: the field is taken over.
    Take,
    /// Their value stands, and goes with them: Wellhead stays an owner of the field beside them.
    Share,
    /// Their value stands: Wellhead gives the field up. It is set only as long as nobody else does.
    Yield,
}

impl OwnershipPolicy {
    /// The word that a file has for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Take => "take",
            Self::Share => "share",
            Self::Yield => "yield",
        }
    }
}

impl PipelineSpec {
    /// The policies that can be read, each with a pattern that covers what stands in its fields,
    /// too. The last that matches a field decides.
    pub fn ownership_policies(&self) -> Vec<(PathPattern, OwnershipPolicy)> {
        let read =
            |it: &Ownership| Some((it.field.parse::<PathPattern>().ok()?.and_below(), it.policy));
        self.ownership.iter().filter_map(read).collect()
    }
}
