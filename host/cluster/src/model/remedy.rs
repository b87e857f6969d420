//! What to do about a problem, as data: who shows a problem words it for those who read it.

use std::fmt;

use wellhead_spec::{FieldPath, yaml_item};

/// A way out of a problem: a change of the pipeline, or an option of the same call. Its text is for the command line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Remedy {
    /// Set an ownership policy for the field: `yield` keeps the value of the manager, `take` overwrites it.
    SetPolicy {
        /// The other field manager.
        manager: String,
        /// The field of the pipeline, where it was looked up.
        field: Option<FieldPath>,
    },
    /// Stop the manager from setting the field: Wellhead sets it for every pipeline.
    StopManager {
        /// The other field manager.
        manager: String,
    },
    /// Set the field in the pipeline to keep it, or take it from its owners to remove it.
    SetOrTake {
        /// The field of the pipeline.
        field: FieldPath,
        /// Whether [`ApplyOptions::adopt`](crate::ApplyOptions::adopt) removes it, too.
        adopt: bool,
    },
    /// Allow StatefulSets to be recreated: [`ApplyOptions::recreate`](crate::ApplyOptions::recreate).
    Recreate {
        /// The value of the immutable field that needs no recreation; none where it is no single value.
        restore: Option<String>,
    },
    /// Adopt objects of others: [`ApplyOptions::adopt`](crate::ApplyOptions::adopt).
    Adopt {
        /// The pipeline in which the object can have another name instead.
        pipeline: String,
    },
    /// Let the claims of replicas go: [`ApplyOptions::delete_claims`](crate::ApplyOptions::delete_claims).
    DeleteClaims {
        /// The pipeline whose claims they are.
        pipeline: String,
    },
    /// Delete pods that block a rollout:
    /// [`ApplyOptions::replace_stuck_pods`](crate::ApplyOptions::replace_stuck_pods).
    ReplaceStuckPods,
}

impl fmt::Display for Remedy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const RECREATE: &str =
            "rerun with `--recreate`: the StatefulSet is recreated, and its pods keep running";
        match self {
            Self::SetPolicy { manager, field: None } => write!(
                f,
                "set a policy for this field in `ownership` of the pipeline: `yield` keeps the value of \"{manager}\", \
                 `take` overwrites it"
            ),
            Self::SetPolicy { field: Some(field), .. } => {
                let text = field.to_string();
                let field = yaml_item(&text);
                write!(
                    f,
                    "leave it: add `{{field: {field}, policy: yield}}` to `ownership` of the pipeline"
                )
            }
            Self::StopManager { manager } => {
                write!(f, "Wellhead sets it for every pipeline: stop \"{manager}\" from setting it")
            }
            Self::SetOrTake { field, adopt } => {
                let adopt = if *adopt { ", or with `--adopt`" } else { "" };
                write!(f, "remove it: apply with `--take '{field}'`{adopt}")
            }
            Self::Recreate { restore: Some(value) } => write!(f, "put {value} back, or {RECREATE}"),
            Self::Recreate { restore: None } => f.write_str(RECREATE),
            Self::Adopt { pipeline } => write!(
                f,
                "rename it in the pipeline {pipeline}, or take it over: the same command with `--adopt`"
            ),
            Self::DeleteClaims { pipeline } => write!(
                f,
                "if the data may go: --delete-claims {pipeline}; to keep it, apply \
                 persistentVolumeClaimRetentionPolicy.whenScaled: Retain"
            ),
            Self::ReplaceStuckPods => f.write_str("rerun with `--replace-stuck-pods`"),
        }
    }
}
