//! Who may write to a pipeline: one run at a time, held by a Lease that ends by itself.
//!
//! The Lease `wellhead.PIPELINE` names the run that writes. A run that dies while holding it stops renewing it, and after
//! [`DURATION`] another run takes it over: nothing is unlocked by hand. Between runs it has no holder and says which
//! revision was applied last, so that a run that has nothing to write finds that out by reading it; and, while no run has
//! seen a rollback become ready, that it is one.
//!
//! How old a renewal is, is decided by the server's clock alone: the time of our entry in `managedFields` and the `Date`
//! of its replies. A clock that runs wrong on either side takes no lock away. Both are whole seconds, so a renewal may be
//! younger than it looks ([`CLOCK`]), and its holder still be at work.

pub(crate) mod acquired;
pub(crate) mod held;
pub(crate) mod notes;
pub(crate) mod state;

use std::time::Duration;

use jiff::Timestamp;
use serde_json::json;

use crate::api::client::Client;
use crate::model::error::Problem;
use crate::model::object::{Kind, ObjectRef, PipelineRef};
use crate::observe::live;
use crate::observe::live::Reader;
use state::LeaseState;

/// How long a run that does not renew keeps others out: what the controllers of Kubernetes elect their leaders with.
/// <https://github.com/kubernetes/kubernetes/blob/v1.36.3/staging/src/k8s.io/component-base/config/v1alpha1/defaults.go>
const DURATION: Duration = Duration::from_secs(15);
/// A holder keeps others out no longer than this, whatever its Lease says.
const LONGEST: Duration = Duration::from_mins(2);

/// The number of the revision that was applied last.
const REVISION: &str = "wellhead.dev/revision";

/// The number of the revision that was applied last, as long as it is a rollback whose end is awaited.
const ROLLING_BACK: &str = "wellhead.dev/rolling-back";

/// The Lease of a pipeline.
pub(crate) fn object(pipeline: &PipelineRef) -> ObjectRef {
    ObjectRef::new(Kind::Lease, &pipeline.namespace, &format!("wellhead.{}", pipeline.name))
}

/// Reads the Lease of a pipeline.
pub(crate) async fn state<R: Reader>(
    reader: &R,
    pipeline: &PipelineRef,
) -> Result<LeaseState, Problem> {
    let live = live::read_one(reader, &object(pipeline)).await?;
    Ok(LeaseState::new(live.as_ref(), reader.now()))
}

fn shortest() -> Duration {
    in_tests().unwrap_or(DURATION)
}

/// What test builds shorten the life of a Lease to: their own, and that of a run that died.
fn in_tests() -> Option<Duration> {
    #[cfg(debug_assertions)]
    return std::env::var("WELLHEAD_LEASE_SECONDS").ok()?.parse().ok().map(Duration::from_secs);
    #[cfg(not(debug_assertions))]
    None
}

/// What a run wrote to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Applied {
    /// The number of the revision.
    pub(crate) revision: i64,
    /// Whether it is a rollback that is waited for; [`seen_ready`] ends that.
    pub(crate) rolling_back: bool,
    /// The revisions that the Lease notes from now on.
    pub(crate) revisions: String,
}

/// Notes that a rollback became ready. A run that has written since knows better.
pub(crate) async fn seen_ready(client: &Client<'_>, pipeline: &PipelineRef) -> Result<(), Problem> {
    let (object, lease_state) = (object(pipeline), state(client, pipeline).await?);
    let (None, Some(_), Some(version)) =
        (lease_state.holder(), lease_state.rolling_back(), lease_state.resource_version())
    else {
        return Ok(());
    };
    let annotations = json!({ROLLING_BACK: null});
    let body = json!({"metadata": {"resourceVersion": version, "annotations": annotations}});
    match client.merge(&object, &body).await {
        Err(failure) if !failure.is_conflict() && !failure.is_not_found() => {
            Err(failure.problem("write", &object))
        }
        _ => Ok(()),
    }
}

/// A time in the form of a `MicroTime`.
fn micro(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S.%6fZ").to_string()
}

#[cfg(test)]
mod tests;
