//! The Lease that this run holds: taken, renewed, given back or deleted.

use std::time::Duration;

use jiff::Timestamp;
use k8s_openapi::api::coordination::v1;
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::time::Instant;
use wellhead_diagnostics::Code;

use super::notes::REVISIONS;
use super::state::LeaseState;
use super::{Applied, LONGEST, REVISION, ROLLING_BACK, micro, object, shortest};
use crate::api::client;
use crate::api::client::Client;
use crate::api::failure::Failure;
use crate::model::error::Problem;
use crate::model::json::typed::{lenient, resource_version, text};
use crate::model::object::{MANAGED_BY, ObjectRef, PIPELINE_LABEL, PipelineRef};
use crate::store::identity;

/// A holder renews so many times as often, so that one slow reply loses nothing.
const RENEWALS: u32 = 5;
/// A Lease is good for at least the time of so many replies. From one renewal to the next that counts, two replies and
/// the pause between renewals pass; that is less than half of it, for replies differ.
const REPLIES: u32 = 6;
/// Why a Lease is lost that its holder did not write again in time.
pub(super) const TOO_LATE: &str = "it could not be renewed in time";

/// How long a Lease is good without a renewal, where the server takes so long to reply. A Lease counts in whole seconds.
pub(super) fn lasting(reply: Duration) -> Duration {
    let needed = reply * REPLIES;
    let begun = u64::from(needed.subsec_nanos() > 0);
    Duration::from_secs(needed.as_secs() + begun).clamp(shortest(), LONGEST)
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
    pub(super) object: ObjectRef,
    identity: String,
    resource_version: String,
    /// How long it is good without a renewal.
    lasts: Duration,
    /// From here on another run may have taken over. The work under the Lease sees it, too.
    pub(super) good_until: watch::Sender<Instant>,
}

impl Lease {
    /// Takes the Lease, if no run wrote it since `lease_state` was read.
    pub(crate) async fn acquire(
        client: &Client<'_>,
        pipeline: &PipelineRef,
        lease_state: &LeaseState,
    ) -> Result<Self, AcquireError> {
        let (object, identity) = (object(pipeline), identity::unique());
        let (now, sent) = (micro(Timestamp::now()), Instant::now());
        let lasts = lasting(client.reply_time());
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
            resource_version: read(live).0,
            lasts,
            good_until: watch::Sender::new(sent + lasts),
        };
        match result {
            Ok(live) => Ok(ours(&live)),
            // The reply to an earlier try may have been lost.
            Err(failure) if failure.is_conflict() || failure.is_not_found() => {
                match client.get(&object).await {
                    Ok(Some(live)) if read(&live).1 == identity => Ok(ours(&live)),
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
    pub(super) async fn keep(&mut self, client: &Client<'_>) -> Problem {
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
        let lasts = |it: &Self| json!({"renewTime": micro(Timestamp::now()), "leaseDurationSeconds": it.lasts.as_secs()});
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
    pub(super) async fn release(
        mut self,
        client: &Client<'_>,
        applied: Option<Applied>,
    ) -> Result<(), Problem> {
        let body = |_: &Self| {
            let none = json!({"holderIdentity": null, "acquireTime": null, "renewTime": null});
            let mut body = json!({"spec": none});
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
    pub(super) async fn delete(mut self, client: &Client<'_>) -> Result<(), Problem> {
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
                    self.resource_version = read(&live).0;
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
        let Some(live) = client.get(&self.object).await? else { return Ok(false) };
        let (version, holder) = read(&live);
        let is_ours = holder == self.identity;
        if is_ours {
            self.resource_version = version;
        }
        Ok(is_ours)
    }
}

pub(super) fn lost(object: &ObjectRef, why: &str) -> Problem {
    Problem::new(Code::LeaseLost, format!("lost {object} while writing"))
        .on(object)
        .why(why)
        .retry(": it goes on from what is there")
}

/// Its version, and who holds it, or "".
fn read(live: &Value) -> (String, String) {
    let live: v1::Lease = lenient(live);
    let holder = live.spec.as_ref().and_then(|it| it.holder_identity.as_ref());
    (resource_version(&live.metadata).to_owned(), text(holder).to_owned())
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
