//! What to do about a problem, as data: who shows a problem words it for those who read it.

use std::fmt;

use wellhead_spec::{FieldPath, yaml_item};

use super::object::PipelineRef;

/// A way out of a problem: a change of the pipeline, an option of the same call, or another call. Its text is for the
/// command line, whose JSON has it, too.
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
    /// Let Wellhead move the data to another volume: `volumeMigration` of the pipeline.
    AllowMigration {
        /// The value that the volume has, which needs no other one.
        restore: String,
        /// Whether the new volume is smaller, which only a copy of the files can fill.
        shrinks: bool,
    },
    /// Finish a migration that was begun, or go back from it.
    AbortMigration {
        /// The pipeline.
        pipeline: PipelineRef,
    },
    /// Look at what holds the data of a pipeline.
    ShowVolumes {
        /// The pipeline.
        pipeline: PipelineRef,
    },
    /// Delete pods that block a rollout:
    /// [`ApplyOptions::replace_stuck_pods`](crate::ApplyOptions::replace_stuck_pods).
    ReplaceStuckPods,
    /// Make the same call again.
    Retry {
        /// When, and what it does then, as the end of a sentence; may be empty.
        note: String,
    },
    /// Wait until the rollout is done: [`ApplyOptions::wait`](crate::ApplyOptions::wait).
    Wait,
    /// Go back without the storage of the revision: [`Storage::Keep`](crate::Storage::Keep).
    KeepStorage,
    /// Plan again: the plan that was to be applied is stale.
    NewPlan,
    /// Go back to the revision before.
    RollBack {
        /// The pipeline.
        pipeline: PipelineRef,
        /// What helps as well, in words; may be empty.
        instead: String,
    },
    /// Look at the revisions that there are.
    ShowHistory {
        /// The pipeline.
        pipeline: PipelineRef,
    },
    /// Look at a revision that nothing confirms, and name its digest to go back to it all the same.
    CheckRevision {
        /// The pipeline.
        pipeline: PipelineRef,
        /// The number of the revision.
        number: i64,
        /// Its digest; none where another revision was named.
        digest: Option<String>,
    },
    /// Delete the pipeline, which keeps its claims.
    DeletePipeline {
        /// The pipeline.
        pipeline: PipelineRef,
    },
    /// Keep the volume of a claim that is being deleted, and bind it to the next claim of that name.
    RescueVolume {
        /// The pipeline that the claim is of: its pods must end first.
        pipeline: PipelineRef,
        /// The volume.
        volume: String,
    },
    /// Look at the fields of the pipelines.
    ShowFields,
}

/// What keeps the data whatever happens to the claim.
/// <https://kubernetes.io/docs/tasks/administer-cluster/change-pv-reclaim-policy/>
pub(crate) fn keep_volume(volume: &str) -> String {
    format!(
        "keep the data before anything else: kubectl patch pv {volume} \
         -p '{{\"spec\":{{\"persistentVolumeReclaimPolicy\":\"Retain\"}}}}'"
    )
}

/// A volume that still names its claim, and no uid, is bound by the next claim of that name.
pub(crate) fn free_volume(volume: &str) -> String {
    format!(
        "kubectl patch pv {volume} -p '{{\"spec\":{{\"claimRef\":{{\"uid\":null,\"resourceVersion\":null}}}}}}'"
    )
}

impl fmt::Display for Remedy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SetPolicy { manager, field: None } => write!(
                f,
                "set a policy for this field in `ownership` of the pipeline: `yield` keeps the value of \"{manager}\", \
                 `take` overwrites it"
            ),
            Self::SetPolicy { field: Some(field), .. } => {
                let text = field.to_string();
                let item = format!("{{field: {}, policy: yield}}", yaml_item(&text));
                write!(f, "leave it: add `{item}` to `ownership` of the pipeline")
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
            Self::AllowMigration { restore, shrinks } => allow_migration(f, restore, *shrinks),
            Self::AbortMigration { pipeline: PipelineRef { namespace, name } } => write!(
                f,
                "apply what the earlier run was given, or go back: wellhead volumes abort {name} -n {namespace}"
            ),
            Self::ShowVolumes { pipeline: PipelineRef { namespace, name } } => write!(
                f,
                "both volumes are kept; look at them before anything else: wellhead volumes {name} -n {namespace}"
            ),
            Self::ReplaceStuckPods => f.write_str("rerun with `--replace-stuck-pods`"),
            Self::Retry { note } => write!(f, "run the same command again{note}"),
            Self::Wait => f.write_str("run the same command again without `--wait=false`"),
            Self::KeepStorage => {
                f.write_str("go back with everything else and keep the claims: add --keep-storage")
            }
            Self::NewPlan => f.write_str(
                "make a new plan with `wellhead plan --out FILE`, look at it, and apply that",
            ),
            Self::RollBack { pipeline: PipelineRef { namespace, name }, instead } => {
                let or = if instead.is_empty() { "" } else { "; or go back: " };
                write!(f, "{instead}{or}wellhead rollback {name} -n {namespace}")
            }
            Self::ShowHistory { pipeline: PipelineRef { namespace, name } } => {
                write!(f, "wellhead history {name} -n {namespace}")
            }
            Self::CheckRevision { pipeline: PipelineRef { namespace, name }, number, digest } => {
                write!(f, "look at it: wellhead history show {name} {number} -n {namespace}")?;
                let Some(digest) = digest else { return Ok(()) };
                let back = format!("wellhead rollback {name} {number}@{digest} -n {namespace}");
                write!(f, "; if that is what you want: {back}")
            }
            Self::DeletePipeline { pipeline } => {
                write!(f, "wellhead delete {} keeps its claims", pipeline.name)
            }
            Self::RescueVolume { pipeline: PipelineRef { namespace, name }, volume } => write!(
                f,
                "{}\nto get it back, end the pods, which keeps all other claims: \
                 wellhead delete {name} -n {namespace}; {}; then run the same command again",
                keep_volume(volume),
                free_volume(volume)
            ),
            Self::ShowFields => {
                f.write_str("`wellhead explain -f FILE` shows every field and who set it")
            }
        }
    }
}

fn allow_migration(f: &mut fmt::Formatter<'_>, restore: &str, shrinks: bool) -> fmt::Result {
    let (instead, methods) = if shrinks {
        let copy = "{methods: [Copy], copyImage: \"busybox:1.37.0\"}";
        (format!("ask for at least {restore}, or have the files copied to a smaller volume"), copy)
    } else {
        let any = "{methods: [Clone, Snapshot]}";
        (format!("put {restore} back, or have the data moved to another volume"), any)
    };
    write!(f, "{instead}: add `volumeMigration: {methods}` to the pipeline")
}

const RECREATE: &str =
    "rerun with `--recreate`: the StatefulSet is recreated, and its pods keep running";
