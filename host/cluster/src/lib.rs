//! Objects meet the cluster: plan, apply, wait, status, delete.
//!
//! A [`Cluster`] is a connection. Its calls are in `verbs`, one file or folder each. What they need is on
//! floors below them, from the top:
//!
//! - `verbs`: the public calls. [`Cluster::apply`] writes the Service and the claims, then the StatefulSet.
//! - `wait`: watches until every replica is ready and every claim bound, and says why when they are not.
//! - `check`: all that is known before the first write. `dry_run` asks the server about every change, and `preflight`
//!   reads and judges what a dry run does not see. [`Cluster::plan`] takes it and says what the rest would do.
//! - `migrate`: moves the data of a claim to another volume, under the same name.
//! - `recreate`: replaces a StatefulSet and keeps its pods, for fields that are immutable.
//! - `decide`: compares. What is provably unchanged is left alone, what can never work is refused.
//! - `store`: Wellhead's own objects, a Lease and the revisions.
//! - `observe`: reads what exists, and says what it means.
//! - `api`: one request.
//! - `managed_fields`: who owns which field, and whose value wins.
//! - `model`: the types that all floors speak of.
//!
//! All writes are server-side applies of the field manager `wellhead`. A field of another manager is taken over only
//! when the pipeline says so, from exactly the owners that were looked at. An update carries the object's uid, so a
//! workload that was deleted meanwhile is never recreated empty. No state is kept outside the cluster: after an
//! interruption the same call finishes the work.

#![expect(
    clippy::result_large_err,
    reason = "a finding is made once, on the way out, and moving it is nothing next to a request"
)]

mod api;
mod check;
mod decide;
#[doc(hidden)]
pub mod fuzzed;
mod managed_fields;
mod migrate;
mod model;
mod observe;
mod recreate;
mod store;
mod verbs;
mod wait;

pub use api::connect::options::{ConnectOptions, Impersonate};
pub use api::connect::{Cluster, check_kubeconfig};
pub use api::packed::Packed;
pub use check::accepted::Accepted;
pub use decide::desired::{Rendered, Source};
pub use decide::leftover::takeover::LeftBehind;
pub use model::error::{ClusterError, Problem};
pub use model::object::{FIELD_MANAGER, Kind, ObjectRef, PipelineRef};
pub use model::options::{
    ApplyOptions, Claims, DeleteOptions, Deletion, PlanOptions, Wait, WaitOptions,
};
pub use model::ownership::{Owner, SharedField};
pub use model::progress::{Event, PodState, Progress, Silent};
pub use model::remedy::Remedy;
pub use model::report::{Action, ApplyReport, DeleteReport, Fate, ObjectOutcome, PipelineReport};
pub use model::revision::{
    About, ChainEntry, History, Origin, Plugin, Revision, RevisionRef, RevisionState,
    StoredRevision, UsedPlugin,
};
pub use model::status::{
    ClaimStatus, Growth, PodStatus, Readiness, ServiceStatus, StatefulSetStatus, Status,
};
pub use model::stop::StopSignal;
pub use model::storage::migration::{Migration, MigrationPhase};
pub use model::storage::volume::{Volume, VolumeState, Volumes};
pub use verbs::apply::agreed::CheckedPlan;
pub use verbs::drift::{Drift, DriftState, DriftedObject};
pub use verbs::facts::{ClusterFacts, FactsWanted, NodeFacts, StorageClassFacts, TaintFacts};
pub use verbs::list::{PipelineState, PipelineSummary};
pub use verbs::plan::changes::FieldChange;
pub use verbs::plan::effect::Effect;
pub use verbs::plan::expected::ExpectedObject;
pub use verbs::plan::{Plan, PlannedAction, PlannedObject, PlannedPipeline};
pub use verbs::rollback::{Rollback, Storage};
pub use verbs::volumes::Released;
pub use verbs::workload::Workload;
