//! The steps of an apply, for any number of pipelines at once.

pub(crate) mod accepted;
pub(crate) mod agreed;
pub(crate) mod finished;
pub(crate) mod fleet;
pub(crate) mod record;
pub(crate) mod turns;
pub(crate) mod write;

use std::collections::HashSet;
use std::time::Duration;

use wellhead_render::ResourceSet;

use super::plan::PlannedAction;
use super::plan::expected::{Expected, ExpectedObject};
use crate::api::client::Client;
use crate::api::connect::Cluster;
use crate::api::warning;
use crate::api::warning::Heard;
use crate::check::accepted::Accepted;
use crate::decide::desired::{Rendered, Source};
use crate::model::error::{ClusterError, ENDINGS, Problem};
use crate::model::options::{ApplyOptions, Wait};
use crate::model::progress::{Event, Progress};
use crate::model::report::{ApplyReport, Fate};
use crate::store::lease;
use crate::wait::ready;
use crate::wait::target::Target;
use accepted::{Attempt, Noted, attempt, outdated};
use agreed::Kept;
use finished::Finished;
use fleet::Fleet;
use record::{RevisionRecorder, Work};

impl Cluster {
    /// Makes the cluster hold these objects.
    ///
    /// Every change of every pipeline is dry-run on the server before anything is written, and every refusal is
    /// reported at once. Objects that are already as wanted are not written. From then on each pipeline has its own fate:
    /// one that fails leaves the others alone, and the report has what became of each. Repeating an interrupted call
    /// finishes it.
    pub async fn apply(
        &self,
        sets: &[ResourceSet],
        options: &ApplyOptions,
        progress: &dyn Progress,
    ) -> Result<ApplyReport, ClusterError> {
        self.apply_from(&Rendered { sets, about: &options.about }, options, progress).await
    }

    /// [`Cluster::apply`] of pipelines that are rendered when they are asked for. What the history notes of each is the
    /// source's to say, not [`ApplyOptions::about`]'s.
    pub async fn apply_from(
        &self,
        source: &dyn Source,
        options: &ApplyOptions,
        progress: &dyn Progress,
    ) -> Result<ApplyReport, ClusterError> {
        self.apply_as(source, (&Expected::default(), None), options, progress).await
    }

    /// [`Cluster::apply`], if everything is still as it was when these objects were planned ([`Plan::expected`]):
    /// what was planned is done, or nothing.
    ///
    /// [`Plan::expected`]: crate::Plan::expected
    pub async fn apply_planned(
        &self,
        source: &dyn Source,
        expected: &[ExpectedObject],
        options: &ApplyOptions,
        progress: &dyn Progress,
    ) -> Result<ApplyReport, ClusterError> {
        let planned = expected.iter().any(|it| it.action == PlannedAction::Recreate);
        let options = ApplyOptions { recreate: planned, ..options.clone() };
        let expected = Expected::saved(expected);
        self.apply_as(source, (&expected, None), &options, progress).await
    }

    /// With what must be found, and what was found out before: use is made of it while the cluster is as it was.
    async fn apply_as(
        &self,
        source: &dyn Source,
        (expected, checked): (&Expected<'_>, Option<Kept>),
        options: &ApplyOptions,
        progress: &dyn Progress,
    ) -> Result<ApplyReport, ClusterError> {
        let before = self.requests_sent();
        let heard = Heard::default();
        let client = &Client::new(self, progress, &options.stop, &heard);
        let fleet = Fleet::new(client, source, options, expected)?;
        let checked = match checked {
            Some(kept) => kept.if_current(client).await?,
            None => None,
        };
        // What it awaits is large, and callers keep this on their stacks.
        let finished = match checked {
            Some(outcome) => Box::pin(fleet.write_checked(outcome)).await?,
            None => Box::pin(fleet.write()).await?,
        };
        let rolls_back = |at| source.rolls_back(at);
        Ending { client, options, before, rolls_back: &rolls_back }.end(finished).await
    }

    /// Checks pipelines as [`Cluster::apply`] does before its first write, and writes nothing. The result has the plan of
    /// each, in the order given; where anything speaks against one of them, there is none.
    pub async fn check(
        &self,
        sets: &[ResourceSet],
        options: &ApplyOptions,
        progress: &dyn Progress,
    ) -> Result<Vec<Accepted>, ClusterError> {
        let heard = Heard::default();
        let client = &Client::new(self, progress, &options.stop, &heard);
        let (source, expected) = (&Rendered { sets, about: &options.about }, Expected::default());
        let fleet = Fleet::new(client, source, options, &expected)?;
        Box::pin(fleet.check()).await
    }

    /// Applies one pipeline by a plan that [`Cluster::check`] accepted, as [`Cluster::apply`] does when the pipeline's
    /// turn comes. It is not looked at again: where another run holds the pipeline, or wrote to it since, it is refused.
    /// [`ApplyOptions::about`] has at most one entry.
    pub async fn apply_accepted(
        &self,
        accepted: &Accepted,
        options: &ApplyOptions,
        progress: &dyn Progress,
    ) -> Result<ApplyReport, ClusterError> {
        let before = self.requests_sent();
        let heard = Heard::default();
        let noted = Noted::new(progress);
        let client = &Client::new(self, &noted, &options.stop, &heard);
        let (plan, about) = (accepted.plan(), options.about.first().cloned().unwrap_or_default());
        let rolls_back = about.rollback_to.is_some();
        let writes = plan.needs_writing().then_some(&plan.pipeline);
        let recorder = RevisionRecorder::new(client, writes.as_slice(), options).await?;
        let work = Work { plan: accepted, about, again: false };
        let refused = |problem| Err(ClusterError::refused(vec![problem]));
        let mut finished = match Box::pin(attempt(client, &recorder, work, options)).await {
            Attempt::Done(finished) => *finished,
            Attempt::Lost(problem) => {
                noted.lost(plan);
                Finished::lost(plan, problem, options)
            }
            Attempt::Held(holder) => return refused(holder.problem(&plan.pipeline)),
            Attempt::Changed => return refused(outdated(&plan.pipeline)),
            Attempt::Failed(problem) => return refused(problem),
        };
        noted.complete(&mut finished);
        let rolls_back = |_| rolls_back;
        Ending { client, options, before, rolls_back: &rolls_back }.end(vec![finished]).await
    }
}

/// What comes after the writes of an apply.
struct Ending<'a> {
    client: &'a Client<'a>,
    options: &'a ApplyOptions,
    /// Requests that were sent before.
    before: u64,
    /// Whether the pipeline at a position brings a revision back.
    rolls_back: &'a (dyn Fn(usize) -> bool + Sync),
}

impl Ending<'_> {
    /// Waits for what was written, where that is asked for, and tells what became of it.
    async fn end(&self, finished: Vec<Finished>) -> Result<ApplyReport, ClusterError> {
        let Self { client, options, .. } = *self;
        let requests = || client.cluster.requests_sent() - self.before;
        let touched = finished.iter().any(|it| it.touched);
        let (reports, targets): (Vec<_>, Vec<_>) =
            finished.into_iter().map(|it| (it.report, it.target)).unzip();
        let mut report = ApplyReport { pipelines: reports, requests: 0 };
        report_server_warnings(client, &mut report);
        let failed = drop_repeated(&report);
        report.requests = requests();
        if !failed.is_empty() {
            let report = Box::new(report);
            return Err(if touched {
                ClusterError::Interrupted { problems: failed, report }
            } else {
                ClusterError::refused(failed)
            });
        }
        if report.fates(Fate::Stopped) + report.fates(Fate::NotBegun) > 0 {
            return Err(ClusterError::Stopped { report: Some(Box::new(report)) });
        }
        let Wait::UntilDone { timeout } = options.wait else { return Ok(report) };
        let problems = wait_for(client, targets, timeout, &mut report).await;
        if problems.is_empty() {
            end_rollbacks(client, self.rolls_back, &mut report).await;
        }
        report_server_warnings(client, &mut report);
        report.requests = requests();
        if problems.is_empty() {
            Ok(report)
        } else if options.stop.is_stopped() {
            Err(ClusterError::Stopped { report: Some(Box::new(report)) })
        } else {
            Err(ClusterError::NotReady { problems, report: Box::new(report) })
        }
    }
}

/// Tells what the server warned of while it wrote, where the dry runs did not say it.
fn report_server_warnings(client: &Client<'_>, report: &mut ApplyReport) {
    let said = client.take_heard();
    if said.is_empty() {
        return;
    }
    client.progress.event(Event::Warnings(said.clone()));
    let pipelines = report.pipelines.iter();
    let owners = pipelines
        .map(|it| (&it.pipeline, it.objects.iter().map(|outcome| &outcome.object).collect()));
    for (at, problem) in warning::assign(said, owners) {
        report.pipelines[at].warnings.push(problem);
    }
}

/// Why pipelines failed. What ends a run is reported of the first that it ended.
fn drop_repeated(report: &ApplyReport) -> Vec<Problem> {
    let mut told = HashSet::new();
    let problems = report.pipelines.iter().flat_map(|it| &it.problems);
    let problems = problems.filter(|it| !ENDINGS.contains(&it.code) || told.insert(it.code));
    problems.cloned().collect()
}

/// Notes of each rollback that it became ready. That is no reason to fail.
async fn end_rollbacks(
    client: &Client<'_>,
    rolls_back: &(dyn Fn(usize) -> bool + Sync),
    report: &mut ApplyReport,
) {
    for (at, it) in report.pipelines.iter_mut().enumerate() {
        if rolls_back(at) {
            let result = lease::seen_ready(client, &it.pipeline).await;
            it.warnings.extend(result.err());
        }
    }
}

/// Waits for the pipelines that are not ready by what was read or written already.
async fn wait_for(
    client: &Client<'_>,
    targets: Vec<Option<Target>>,
    timeout: Option<Duration>,
    report: &mut ApplyReport,
) -> Vec<Problem> {
    let (mut open, mut waiting) = (Vec::new(), Vec::new());
    for (target, pipeline) in targets.into_iter().zip(&mut report.pipelines) {
        if let Some(target) = target {
            open.push(target);
            waiting.push(pipeline);
        } else {
            client.progress.event(Event::Ready { pipeline: pipeline.pipeline.clone() });
        }
    }
    if open.is_empty() {
        return Vec::new();
    }
    let outcomes = ready::until_ready(client, &open, timeout).await;
    let mut problems = Vec::new();
    for (pipeline, outcome) in waiting.into_iter().zip(outcomes) {
        pipeline.readiness = Some(outcome.readiness);
        pipeline.warnings.extend(outcome.warnings);
        problems.extend(outcome.problems);
    }
    problems
}
