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

pub(crate) mod held;
pub(crate) mod notes;

use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::time::Instant;
use wellhead_diagnostics::Code;

use super::identity;
use crate::api::client;
use crate::api::client::Client;
use crate::api::failure::Failure;
use crate::model::error::Problem;
use crate::model::json;
use crate::model::object::{
    FIELD_MANAGER, Kind, MANAGED_BY, ObjectRef, PIPELINE_LABEL, PipelineRef,
};
use crate::model::revision::HIGHEST;
use crate::observe::live;
use crate::observe::live::Reader;
use notes::{Notes, REVISIONS};

/// How long a run that does not renew keeps others out: what the controllers of Kubernetes elect their leaders with.
/// <https://github.com/kubernetes/kubernetes/blob/v1.36.3/staging/src/k8s.io/component-base/config/v1alpha1/defaults.go>
const DURATION: Duration = Duration::from_secs(15);
/// A holder renews so many times as often, so that one slow reply loses nothing.
const RENEWALS: u32 = 5;
/// A Lease is good for at least the time of so many replies. From one renewal to the next that counts, two replies and
/// the pause between renewals pass; that is less than half of it, for replies differ.
const REPLIES: u32 = 6;
/// A holder keeps others out no longer than this, whatever its Lease says.
const LONGEST: Duration = Duration::from_mins(2);

/// The server cuts its times off to whole seconds: what was written at 0.9 s and is looked at at 1.0 s is not a second
/// old.
const CLOCK: Duration = Duration::from_secs(1);

/// Why a Lease is lost that its holder did not write again in time.
const TOO_LATE: &str = "it could not be renewed in time";

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

/// How long a Lease is good without a renewal, where the server takes so long to reply. A Lease counts in whole seconds.
fn lasting(reply: Duration) -> Duration {
    let needed = reply * REPLIES;
    let begun = u64::from(needed.subsec_nanos() > 0);
    Duration::from_secs(needed.as_secs() + begun).clamp(shortest(), LONGEST)
}

fn shortest() -> Duration {
    in_tests().unwrap_or(DURATION)
}

/// How long a Lease is good without a renewal, as its holder wrote it.
fn lasts(live: &Value) -> Duration {
    let written = u64::try_from(json::number(live, "/spec/leaseDurationSeconds")).ok();
    let written = written.filter(|it| *it > 0).map_or_else(shortest, Duration::from_secs);
    written.min(in_tests().unwrap_or(LONGEST))
}

/// What test builds shorten the life of a Lease to: their own, and that of a run that died.
fn in_tests() -> Option<Duration> {
    #[cfg(debug_assertions)]
    return std::env::var("WELLHEAD_LEASE_SECONDS").ok()?.parse().ok().map(Duration::from_secs);
    #[cfg(not(debug_assertions))]
    None
}

/// The Lease of a pipeline as it was read, before anything else of the pipeline was.
#[derive(Clone, Debug, Default)]
pub(crate) struct LeaseState {
    seen: Option<Seen>,
    /// How long ago its holder renewed it, by the server's clock.
    age: Duration,
}

/// What a Lease says.
#[derive(Clone, Debug)]
struct Seen {
    resource_version: String,
    /// Its holder; empty where it has none.
    identity: String,
    since: String,
    renewed: String,
    lasts: Duration,
    revision: Option<i64>,
    rolling_back: Option<i64>,
    notes: Notes,
}

impl Seen {
    fn of(live: &Value) -> Self {
        let text = |pointer| json::text(live, pointer).to_owned();
        let number = |annotation: &str| {
            let annotations = live.pointer("/metadata/annotations")?;
            let number = annotations.get(annotation)?.as_str()?.parse().ok();
            number.filter(|number| (1..=HIGHEST).contains(number))
        };
        Self {
            resource_version: resource_version(live).to_owned(),
            identity: text("/spec/holderIdentity"),
            since: text("/spec/acquireTime"),
            renewed: text("/spec/renewTime"),
            lasts: lasts(live),
            revision: number(REVISION),
            rolling_back: number(ROLLING_BACK),
            notes: Notes::of(live),
        }
    }
}

/// The run that holds a Lease.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Holder {
    /// `user@host`, and what tells its runs apart.
    pub(crate) identity: String,
    /// Since when, RFC 3339.
    pub(crate) since: String,
    /// The last renewal, as the holder wrote it: it only tells two renewals apart.
    renewed: String,
    /// How long ago that was, in whole seconds of the server's clock.
    pub(crate) age: Duration,
    /// How old it may become.
    lasts: Duration,
}

impl Holder {
    /// Whether it stopped renewing for so long that another run may take over.
    pub(crate) fn is_gone(&self) -> bool {
        self.age >= self.gone_after()
    }

    /// The age at which the Lease has surely ended.
    fn gone_after(&self) -> Duration {
        self.lasts + CLOCK
    }

    /// Whether this is a later sign of life of the same run.
    pub(crate) fn renewed_since(&self, earlier: &Self) -> bool {
        self.identity == earlier.identity && self.renewed != earlier.renewed
    }

    /// Why a run is refused.
    pub(crate) fn problem(&self, pipeline: &PipelineRef) -> Problem {
        let Self { identity, since, age, .. } = self;
        let what = format!("{pipeline} is being changed by {identity} since {since}");
        Problem::new(Code::PipelineLocked, what)
            .on(&object(pipeline))
            .why(format!("its Lease was last renewed {} s ago", age.as_secs()))
            .hint(format!(
                "run the same command again when it is done; the Lease of a run that died expires after {} s",
                self.gone_after().as_secs()
            ))
    }
}

impl LeaseState {
    /// From what was read of the Lease; `now` is the server's clock.
    pub(crate) fn new(live: Option<&Value>, now: Timestamp) -> Self {
        let written = live.and_then(written_at);
        let age = written.and_then(|at| now.duration_since(at).try_into().ok());
        Self { seen: live.map(Seen::of), age: age.unwrap_or_default() }
    }

    pub(crate) fn holder(&self) -> Option<Holder> {
        let seen = self.seen.as_ref().filter(|it| !it.identity.is_empty())?;
        let Seen { identity, since, renewed, lasts, .. } = seen.clone();
        Some(Holder { identity, since, renewed, age: self.age, lasts })
    }

    /// Whether a revision was applied to its end, and no run is at work since.
    pub(crate) fn is_settled(&self) -> bool {
        self.holder().is_none() && self.revision() > 0
    }

    /// The number of the revision that was applied last, or 0.
    pub(crate) fn revision(&self) -> i64 {
        self.seen.as_ref().and_then(|it| it.revision).unwrap_or_default()
    }

    /// The number of the revision that was applied last, if it is a rollback that no run has seen become ready.
    pub(crate) fn rolling_back(&self) -> Option<i64> {
        let rolling_back = self.seen.as_ref()?.rolling_back;
        rolling_back.filter(|it| *it == self.revision())
    }

    /// Whether there is a Lease.
    pub(crate) fn exists(&self) -> bool {
        self.seen.is_some()
    }

    /// The version of the Lease; none where there is no Lease.
    pub(crate) fn resource_version(&self) -> Option<&str> {
        self.seen.as_ref().map(|it| it.resource_version.as_str())
    }
}

/// When Wellhead wrote the Lease last, by the server's clock.
fn written_at(live: &Value) -> Option<Timestamp> {
    let ours = json::items(live, "/metadata/managedFields")
        .iter()
        .filter(|entry| json::text(entry, "/manager") == FIELD_MANAGER);
    ours.filter_map(|entry| json::text(entry, "/time").parse().ok()).max()
}

fn resource_version(live: &Value) -> &str {
    json::text(live, "/metadata/resourceVersion")
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

/// Why a Lease was not acquired.
#[derive(Debug)]
pub(crate) enum AcquireError {
    /// Another run wrote it after it was read: what was decided since may be stale.
    Changed,
    /// The server could not be asked, or said no.
    Failed(Box<Problem>),
}

/// A Lease that this run holds.
#[derive(Debug)]
pub(crate) struct Lease {
    object: ObjectRef,
    identity: String,
    resource_version: String,
    /// How long it is good without a renewal.
    lasts: Duration,
    /// From here on another run may have taken over. The work under the Lease sees it, too.
    good_until: watch::Sender<Instant>,
}

impl Lease {
    /// Takes the Lease, if no run wrote it since `lease_state` was read.
    pub(crate) async fn acquire(
        client: &Client<'_>,
        pipeline: &PipelineRef,
        lease_state: &LeaseState,
    ) -> Result<Self, AcquireError> {
        let (object, identity) = (object(pipeline), identity::unique());
        let (now, sent, lasts) = (now(), Instant::now(), lasting(client.reply_time()));
        let spec = json!({
            "holderIdentity": identity,
            "leaseDurationSeconds": lasts.as_secs(),
            "acquireTime": now,
            "renewTime": now,
        });
        let result = match lease_state.resource_version() {
            Some(version) => {
                let body = json!({"metadata": {"resourceVersion": version}, "spec": spec});
                client.merge(&object, &body).await
            }
            None => client.create(&object, &new(&object, pipeline, &spec)).await,
        };
        let ours = |live: &Value| Self {
            object: object.clone(),
            identity: identity.clone(),
            resource_version: resource_version(live).to_owned(),
            lasts,
            good_until: watch::Sender::new(sent + lasts),
        };
        match result {
            Ok(live) => Ok(ours(&live)),
            // The reply to an earlier try may have been lost.
            Err(failure) if failure.is_conflict() || failure.is_not_found() => {
                match client.get(&object).await {
                    Ok(Some(live)) if holder(&live) == identity => Ok(ours(&live)),
                    Ok(_) => Err(AcquireError::Changed),
                    Err(failure) => {
                        Err(AcquireError::Failed(failure.problem("read", &object).into()))
                    }
                }
            }
            Err(failure) => Err(AcquireError::Failed(failure.problem("take", &object).into())),
        }
    }

    /// Renews for as long as that works, and says why when it does not.
    async fn keep(&mut self, client: &Client<'_>) -> Problem {
        loop {
            tokio::time::sleep(self.lasts / RENEWALS).await;
            let good_until = *self.good_until.borrow();
            if Instant::now() >= good_until {
                return self.lost(TOO_LATE);
            }
            match tokio::time::timeout_at(good_until, self.renew(client)).await {
                Ok(Ok(())) => {}
                Ok(Err(problem)) => return problem,
                Err(_) => return self.lost(TOO_LATE),
            }
        }
    }

    async fn renew(&mut self, client: &Client<'_>) -> Result<(), Problem> {
        let sent = Instant::now();
        let lasts =
            |it: &Self| json!({"renewTime": now(), "leaseDurationSeconds": it.lasts.as_secs()});
        match self.write(client, |it| json!({"spec": lasts(it)})).await {
            Ok(true) => {
                self.good_until.send_replace(sent + self.lasts);
                self.lasts = self.lasts.max(lasting(sent.elapsed()));
                Ok(())
            }
            Ok(false) => Err(self.lost("another run has taken the Lease")),
            Err(failure) => Err(self.lost(&failure.reason())),
        }
    }

    fn lost(&self, why: &str) -> Problem {
        lost(&self.object, why)
    }

    /// Lets others in.
    async fn release(
        mut self,
        client: &Client<'_>,
        applied: Option<Applied>,
    ) -> Result<(), Problem> {
        let body = |_: &Self| {
            let mut body =
                json!({"spec": {"holderIdentity": null, "acquireTime": null, "renewTime": null}});
            if let Some(Applied { revision, rolling_back, revisions }) = &applied {
                let revision = revision.to_string();
                let rolling_back = rolling_back.then(|| revision.clone());
                body["metadata"]["annotations"] =
                    json!({REVISION: revision, ROLLING_BACK: rolling_back, REVISIONS: revisions});
            }
            body
        };
        match self.write(client, body).await {
            Ok(_) => Ok(()),
            Err(failure) => Err(failure.problem("give back", &self.object)),
        }
    }

    /// Deletes the Lease with which a pipeline ends.
    async fn delete(mut self, client: &Client<'_>) -> Result<(), Problem> {
        loop {
            let params = client::precondition(None, Some(self.resource_version.clone()));
            let failure = match client.delete(&self.object, &params).await {
                Ok(()) => return Ok(()),
                Err(failure) => failure,
            };
            let ours =
                if failure.is_conflict() { self.is_still_ours(client).await } else { Err(failure) };
            match ours {
                // The work was over while a renewal was on its way, which arrived all the same.
                Ok(true) => {}
                Ok(false) => return Ok(()),
                Err(failure) => return Err(failure.problem("delete", &self.object)),
            }
        }
    }

    /// Merges into the Lease as long as this run holds it, whatever else was written to it.
    async fn write(
        &mut self,
        client: &Client<'_>,
        body: impl Fn(&Self) -> Value,
    ) -> Result<bool, Failure> {
        loop {
            let mut body = body(self);
            body["metadata"]["resourceVersion"] = self.resource_version.as_str().into();
            let failure = match client.merge(&self.object, &body).await {
                Ok(live) => {
                    resource_version(&live).clone_into(&mut self.resource_version);
                    return Ok(true);
                }
                Err(failure) if failure.is_not_found() => return Ok(false),
                Err(failure) => failure,
            };
            if !failure.is_conflict() {
                return Err(failure);
            }
            if !self.is_still_ours(client).await? {
                return Ok(false);
            }
        }
    }

    /// Looks at the Lease again after a conflict.
    async fn is_still_ours(&mut self, client: &Client<'_>) -> Result<bool, Failure> {
        match client.get(&self.object).await? {
            Some(live) if holder(&live) == self.identity => {
                resource_version(&live).clone_into(&mut self.resource_version);
                Ok(true)
            }
            _ => Ok(false),
        }
    }
}

fn lost(object: &ObjectRef, why: &str) -> Problem {
    Problem::new(Code::LeaseLost, format!("lost {object} while writing"))
        .on(object)
        .why(why)
        .hint("run the same command again: it goes on from what is there")
}

fn holder(live: &Value) -> &str {
    json::text(live, "/spec/holderIdentity")
}

fn new(object: &ObjectRef, pipeline: &PipelineRef, spec: &Value) -> Value {
    json!({
        "apiVersion": object.kind.api_version(),
        "kind": "Lease",
        "metadata": {
            "name": object.name,
            "namespace": object.namespace,
            "labels": {MANAGED_BY.0: MANAGED_BY.1, PIPELINE_LABEL: pipeline.name},
        },
        "spec": spec,
    })
}

/// This machine's clock, in the form of a `MicroTime`.
fn now() -> String {
    Timestamp::now().strftime("%Y-%m-%dT%H:%M:%S.%6fZ").to_string()
}

#[cfg(test)]
mod tests;
