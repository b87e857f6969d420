//! Writing to several pipelines at once, each under its Lease.

use std::time::Duration;

use futures::future::{join_all, select_all};
use tokio::time::Instant;

use crate::error::Problem;
use crate::lease::{self, Head, Holder, Lease, Missed};
use crate::live;
use crate::object::PipelineRef;
use crate::progress::Event;
use crate::session::Session;

/// A run that finds something else each time it is about to write gives up after so many looks.
pub(crate) const LOOKS: u32 = 5;

/// The pause between two looks at a Lease that somebody else holds.
const PAUSE: Duration = Duration::from_millis(500);

/// The Leases of the pipelines that a run writes to.
#[derive(Debug)]
pub(crate) struct Lock(Vec<Lease>);

/// What to do about pipelines that somebody else is writing to.
#[derive(Debug)]
pub(crate) enum Busy {
    /// Look at everything again: they are done, or died.
    LookAgain,
    /// Give up.
    Refused(Vec<Problem>),
}

impl Lock {
    /// Takes the Leases of all these pipelines, or none, once nobody else holds any of them.
    ///
    /// Another run that renews is alive: it is waited for until `patience` is over. One that does not is taken over
    /// once its Lease ends.
    pub(crate) async fn take_in_turn(
        session: &Session<'_>,
        pipelines: &[(&PipelineRef, &Head)],
        patience: Duration,
    ) -> Result<Self, Busy> {
        match wait_for_others(session, pipelines, patience).await {
            Some(busy) => Err(busy),
            None => Self::take(session, pipelines).await,
        }
    }

    /// Takes the Leases, if nobody wrote them since they were read.
    async fn take(
        session: &Session<'_>,
        pipelines: &[(&PipelineRef, &Head)],
    ) -> Result<Self, Busy> {
        let taken =
            pipelines.iter().map(|(pipeline, head)| Lease::acquire(session, pipeline, head));
        let (mut held, mut changed, mut problems) = (Vec::new(), false, Vec::new());
        for result in join_all(taken).await {
            match result {
                Ok(lease) => held.push(lease),
                Err(Missed::Changed) => changed = true,
                Err(Missed::Failed(problem)) => problems.push(*problem),
            }
        }
        if !changed && problems.is_empty() {
            return Ok(Self(held));
        }
        join_all(held.into_iter().map(|lease| lease.release(session, None))).await;
        Err(if problems.is_empty() { Busy::LookAgain } else { Busy::Refused(problems) })
    }

    /// Does what needs the Leases. One that is lost ends the work between two requests, or within one.
    pub(crate) async fn hold<T>(
        &mut self,
        session: &Session<'_>,
        work: impl Future<Output = T>,
    ) -> Result<T, Problem> {
        if self.0.is_empty() {
            return Ok(work.await);
        }
        let kept = self.0.iter_mut().map(|lease| Box::pin(lease.keep(session)));
        // The Leases come first: a run that was held up for longer than they are good sends nothing more.
        tokio::select! {
            biased;
            (lost, ..) = select_all(kept) => Err(lost),
            done = work => Ok(done),
        }
    }

    /// The Leases, in the order of the plans.
    pub(crate) fn into_leases(self) -> Vec<Lease> {
        self.0
    }

    /// Deletes the Leases of pipelines that are no more, and says what hinders that.
    pub(crate) async fn delete(self, session: &Session<'_>) -> Vec<Problem> {
        let deleted = self.0.into_iter().map(|lease| lease.delete(session));
        join_all(deleted).await.into_iter().filter_map(Result::err).collect()
    }

    /// Lets others in, and says of no pipeline that it was applied.
    pub(crate) async fn abandon(self, session: &Session<'_>) {
        // Whoever comes next waits until they end.
        let _ = join_all(self.0.into_iter().map(|lease| lease.release(session, None))).await;
    }
}

/// What is told when others write again and again between reading and writing.
pub(crate) fn contended() -> Problem {
    Problem::new("WH0402", "somebody else writes to the same pipeline all the time")
        .hint("run the same command again")
}

/// Waits while somebody else writes to any of these pipelines, and tells whether there is hope.
async fn wait_for_others(
    session: &Session<'_>,
    pipelines: &[(&PipelineRef, &Head)],
    patience: Duration,
) -> Option<Busy> {
    let held =
        |(pipeline, head): &(&PipelineRef, &Head)| Some(((*pipeline).clone(), head.holder()?));
    let first: Vec<_> = pipelines.iter().filter_map(held).filter(|(_, it)| !it.is_gone()).collect();
    if first.is_empty() {
        return None;
    }
    for (pipeline, holder) in &first {
        let (pipeline, holder, since) =
            (pipeline.clone(), holder.identity.clone(), holder.since.clone());
        session.progress.event(Event::Held { pipeline, holder, since });
    }
    let started = Instant::now();
    loop {
        tokio::select! {
            () = tokio::time::sleep(PAUSE) => {}
            () = session.stop.stopped() => return Some(Busy::LookAgain),
        }
        let still = match still_held(session, &first).await {
            Ok(still) => still,
            Err(problem) => return Some(Busy::Refused(vec![problem])),
        };
        let alive: Vec<_> = still.iter().filter(|it| it.alive).collect();
        if !alive.is_empty() && started.elapsed() >= patience {
            let refused = alive.iter().map(|it| it.holder.problem(&it.pipeline)).collect();
            return Some(Busy::Refused(refused));
        }
        if still.is_empty() || still.iter().all(|it| it.holder.is_gone()) {
            return Some(Busy::LookAgain);
        }
    }
}

/// A pipeline that the same run still holds.
struct Still {
    pipeline: PipelineRef,
    holder: Holder,
    /// Whether it renewed since it was seen first.
    alive: bool,
}

async fn still_held(
    session: &Session<'_>,
    first: &[(PipelineRef, Holder)],
) -> Result<Vec<Still>, Problem> {
    let pipelines: Vec<_> = first.iter().map(|it| &it.0).collect();
    let mut heads = heads(session, &pipelines).await?.into_iter();
    let still = first.iter().filter_map(|(pipeline, seen)| {
        let holder = heads.next()?.holder().filter(|it| it.identity == seen.identity)?;
        let alive = holder.renewed_since(seen);
        Some(Still { pipeline: pipeline.clone(), holder, alive })
    });
    Ok(still.collect())
}

/// Reads the Leases of pipelines, in their order.
pub(crate) async fn heads(
    session: &Session<'_>,
    pipelines: &[&PipelineRef],
) -> Result<Vec<Head>, Problem> {
    let objects: Vec<_> = pipelines.iter().map(|it| lease::object(it)).collect();
    let sent = Instant::now();
    let mut found = live::read(session, &objects).await?;
    let (now, reply) = (session.server_time(), sent.elapsed());
    let head = |object| Head::new(found.remove(object), now).read_in(reply);
    Ok(objects.iter().map(head).collect())
}
