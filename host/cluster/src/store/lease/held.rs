//! Working under a Lease, which a task of its own renews.
//!
//! The task does not wait for the work: neither for its requests, which may fill what is in flight, nor for its
//! computations, where the runtime has another thread.

use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;

use tokio::sync::{oneshot, watch};
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::Applied;
use super::acquired::{Lease, TOO_LATE, lost};
use crate::api::client::Client;
use crate::api::transport::Lane;
use crate::model::error::Problem;
use crate::model::object::ObjectRef;
use crate::model::stop::StopSignal;

/// How the task that renews a Lease ended: with the Lease, and why it was lost, if it was.
type Ended = (Lease, Option<Problem>);

/// A Lease that is being renewed. Dropping it ends the renewals, and others wait until it ends by itself.
#[derive(Debug)]
pub(crate) struct Held {
    object: ObjectRef,
    /// The one task that renews.
    keeper: JoinSet<Ended>,
    /// Tells the task that the work is over.
    over: oneshot::Sender<()>,
    good_until: watch::Receiver<Instant>,
    /// The Lease, once the task has ended.
    lease: Option<Lease>,
}

impl Held {
    /// Begins to renew.
    pub(crate) fn begin(client: &Client<'_>, lease: Lease) -> Self {
        let (object, good_until) = (lease.object.clone(), lease.good_until.subscribe());
        let (over, mut is_over) = oneshot::channel();
        let (cluster, mut lease) = (client.cluster.clone(), lease);
        let mut keeper = JoinSet::new();
        keeper.spawn(async move {
            let stop = StopSignal::default();
            let reading = Client::reading(&cluster, &stop);
            let client = Client { lane: Lane::Renewals, ..reading };
            let lost = tokio::select! {
                biased;
                _ = &mut is_over => None,
                problem = lease.keep(&client) => Some(problem),
            };
            (lease, lost)
        });
        Self { object, keeper, over, good_until, lease: None }
    }

    /// Does what needs the Lease. Where it is lost, the work ends between two requests, or within one.
    pub(crate) async fn hold<T>(&mut self, work: impl Future<Output = T>) -> Result<T, Problem> {
        let mut work = pin!(work);
        poll_fn(|context| {
            // The Lease comes first: a run that was held up for longer than it is good sends nothing more.
            if let Poll::Ready(ended) = self.keeper.poll_join_next(context) {
                return Poll::Ready(Err(self.ended(ended)));
            }
            if Instant::now() >= *self.good_until.borrow() {
                return Poll::Ready(Err(lost(&self.object, TOO_LATE)));
            }
            work.as_mut().poll(context).map(Ok)
        })
        .await
    }

    /// Keeps the Lease to be given back, and tells why it was lost.
    fn ended(&mut self, ended: Option<Result<Ended, tokio::task::JoinError>>) -> Problem {
        let Some(Ok((lease, problem))) = ended else { return lost(&self.object, TOO_LATE) };
        self.lease = Some(lease);
        problem.unwrap_or_else(|| lost(&self.object, TOO_LATE))
    }

    /// Lets others in; `applied` says of the pipeline what was written to its end.
    pub(crate) async fn release(
        self,
        client: &Client<'_>,
        applied: Option<Applied>,
    ) -> Result<(), Problem> {
        match self.end().await {
            Some(lease) => lease.release(client, applied).await,
            None => Ok(()),
        }
    }

    /// Deletes the Lease with which a pipeline ends.
    pub(crate) async fn delete(self, client: &Client<'_>) -> Result<(), Problem> {
        match self.end().await {
            Some(lease) => lease.delete(client).await,
            None => Ok(()),
        }
    }

    /// Ends the renewals.
    async fn end(self) -> Option<Lease> {
        let Self { mut keeper, over, lease, .. } = self;
        if lease.is_some() {
            return lease;
        }
        // One that has ended by itself does not listen.
        let _ = over.send(());
        keeper.join_next().await?.ok().map(|(lease, _)| lease)
    }
}
