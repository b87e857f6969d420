//! Waiting until every replica is ready and every claim bound.

use std::time::Duration;

use futures::future::try_join_all;
use tokio::time::Instant;

use super::pipeline::Watched;
use super::target::{Found, Outcome, Target};
use super::timeout_report;
use crate::api::client::Client;
use crate::api::pauses::Pauses;
use crate::model::error::Problem;
use crate::observe::live;
use crate::observe::pods::Pods;

/// The first and the longest pause between two looks.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// Looks before reasons are asked for: most rollouts are done by then or on a good way.
const LOOKS_BEFORE_REASONS: usize = 3;

/// Pipelines that are asked for their reasons at one look, which takes a few requests each.
const ASKED_AT_ONCE: usize = 64;

/// Pipelines whose objects and pods are in memory at once; a multiple of [`ASKED_AT_ONCE`].
const LOOKED_AT: usize = 8 * ASKED_AT_ONCE;

/// Waits for every target. One that cannot become ready does not keep the others from being waited for.
pub(crate) async fn until_ready(
    client: &Client<'_>,
    targets: &[Target],
    timeout: Option<Duration>,
) -> Vec<Outcome> {
    let mut pauses = Pauses::new(timeout, FIRST_PAUSE, LONGEST_PAUSE);
    let mut watched: Vec<_> = targets.iter().map(Watched::new).collect();
    let mut looks = 0;
    loop {
        let begun = Instant::now();
        let how = (looks, looks >= LOOKS_BEFORE_REASONS);
        if let Err(problem) = look(client, &mut watched, how).await {
            for one in watched.iter_mut().filter(|one| !one.has_ended()) {
                one.end(vec![problem.clone()]);
            }
        }
        looks += 1;
        let all_ended = watched.iter().all(Watched::has_ended);
        if all_ended || pauses.are_over() || client.stop.is_stopped() {
            let outcomes = watched.into_iter().map(|one| (one.target, one.outcome(timeout)));
            return timeout_report::explain(client, outcomes.collect()).await;
        }
        // A server that takes long to answer is asked less often.
        tokio::select! {
            () = pauses.pause(begun.elapsed()) => {}
            () = client.stop.stopped() => {}
        }
    }
}

async fn look(
    client: &Client<'_>,
    watched: &mut [Watched<'_>],
    (looks, with_reasons): (usize, bool),
) -> Result<(), Problem> {
    let mut open: Vec<_> = watched.iter_mut().filter(|one| !one.has_ended()).collect();
    let objects = open.iter().flat_map(|one| one.target.objects());
    let mut found = live::read_packed(client, objects).await?;
    // Of thousands that wait, some are asked for their reasons, others at the next look.
    let windows = open.len().div_ceil(ASKED_AT_ONCE).max(1);
    let mut window = 0;
    for some in open.chunks_mut(LOOKED_AT) {
        let found = Found::unpack(some.iter().map(|one| one.target), &mut found);
        let waiting = some.iter().filter(|one| !one.is_ready(&found));
        let sets: Vec<_> = waiting.filter_map(|one| found.set(one.target)).collect();
        // Without the right to list pods, each pipeline reports that.
        let pods = Pods::read(client, &sets).await.unwrap_or_default();
        for some in some.chunks_mut(ASKED_AT_ONCE) {
            let with_reasons = with_reasons && window == looks % windows;
            let updates =
                some.iter_mut().map(|one| one.update(client, (&found, &pods), with_reasons));
            try_join_all(updates).await?;
            window += 1;
        }
    }
    Ok(())
}
