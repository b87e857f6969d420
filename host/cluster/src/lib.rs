//! Objects meet the cluster: plan, apply, wait, status, delete.
//!
//! A [`Cluster`] is a connection. [`Cluster::apply`] takes the rendered objects of any number of pipelines
//! through five steps, each a module of its own:
//!
//! 1. `live` reads what exists,
//! 2. `decide` compares: what others set and may keep is left to them (`policies`), what is provably unchanged (`noop`)
//!    is left alone, what can never work (`immutable`, `storage`) is refused,
//! 3. `dry_run` asks the server about everything else before anything is written, and `preflight` reads and judges
//!    what a dry run does not see,
//! 4. `write` sends the Service and the claims, then the StatefulSet,
//! 5. `wait` watches until every replica is ready and every claim bound, and says why when they are not (`reasons`).
//!
//! [`Cluster::plan`] takes the first three (`check`) and says what the rest would do, and what that means.
//!
//! All writes are server-side applies of the field manager `wellhead`. A field of somebody else is taken over only when
//! the pipeline says so, from exactly the owners that were looked at. An update carries the object's uid, so a
//! workload that somebody deleted meanwhile is never recreated empty. No state is kept outside the cluster: after an
//! interruption the same call finishes the work.

#![expect(
    clippy::result_large_err,
    reason = "a finding is made once, on the way out, and moving it is nothing next to a request"
)]

mod aftermath;
mod apply;
mod check;
mod codes;
mod conflict;
mod connect;
#[cfg(debug_assertions)]
mod crash;
mod decide;
mod delete;
mod deletions;
mod dry_run;
mod ending;
mod error;
mod events;
mod failure;
mod fields;
mod find;
mod finished;
mod fleet;
#[doc(hidden)]
pub mod fuzzed;
mod growth;
mod history;
mod identity;
mod immutable;
mod items;
mod job;
mod json;
mod lease;
mod leftover;
mod list;
mod live;
mod lock;
mod noop;
mod object;
mod own;
mod ownership;
mod pace;
mod packed;
mod packing;
mod plan;
mod policies;
mod preflight;
mod progress;
mod quantity;
mod reasons;
mod record;
mod records;
mod recreate;
mod replace;
mod reply;
mod report;
mod revise;
mod rollback;
mod rollout;
mod session;
mod shelf;
mod status;
mod statuses;
mod stop;
mod storage;
mod transport;
mod wait;
mod warning;
mod way_back;
mod workload;
mod write;

pub use apply::{ApplyOptions, Wait};
pub use codes::{CODES, Code};
pub use connect::{Cluster, ConnectOptions, Impersonate, check_kubeconfig};
pub use delete::{Claims, DeleteOptions, DeleteReport, Deletion};
pub use ending::ENDING;
pub use error::{ClusterError, Problem};
pub use fields::Owner;
pub use growth::Growth;
pub use history::{About, History, Plugin, Revision, RevisionRef, RevisionState, StoredRevision};
pub use job::Source;
pub use leftover::LeftBehind;
pub use list::{PipelineState, PipelineSummary};
pub use object::{Kind, ObjectRef, PipelineRef};
pub use plan::{
    Effect, ExpectedObject, FieldChange, Plan, PlanOptions, PlannedAction, PlannedObject,
    PlannedPipeline,
};
pub use policies::SharedField;
pub use progress::{Event, PodState, Progress, Silent};
pub use report::{Action, ApplyReport, Fate, ObjectOutcome, PipelineReport};
pub use rollback::{Rollback, Storage};
pub use rollout::Readiness;
pub use status::{ClaimStatus, PodStatus, ServiceStatus, StatefulSetStatus, Status};
pub use stop::StopSignal;
pub use workload::Workload;

/// The field manager of every write, fixed so that ownership survives upgrades of Wellhead.
pub const FIELD_MANAGER: &str = "wellhead";

/// The label that says who looks after an object, and its value on ours.
/// <https://kubernetes.io/docs/concepts/overview/working-with-objects/common-labels/>
pub(crate) const MANAGED_BY: (&str, &str) = ("app.kubernetes.io/managed-by", "wellhead");

/// The label of Wellhead's own records, its Lease and its revisions: the name of their pipeline.
pub(crate) const PIPELINE_LABEL: &str = "wellhead.dev/pipeline";

/// The label that says which pipeline an object belongs to; a user may have set it otherwise.
pub(crate) const INSTANCE: &str = "app.kubernetes.io/instance";
