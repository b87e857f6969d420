//! The steps of an apply, for any number of pipelines at once.

use std::time::Duration;

use futures::future::join_all;
use wellhead_render::ResourceSet;

use crate::connect::Cluster;
use crate::decide::{Decision, PipelinePlan};
use crate::dry_run::Conflicts;
use crate::error::{ClusterError, Problem};
use crate::plan::{self, ExpectedObject};
use crate::progress::{Event, Progress};
use crate::report::{ApplyReport, PipelineReport};
use crate::session::Session;
use crate::stop::StopSignal;
use crate::wait::{self, Target};
use crate::write::{self, Written};
use crate::{check, json, rollout};

/// Whether a call returns before what it asked for is true.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wait {
    /// It returns as soon as the server accepted everything.
    No,
    /// It returns when all is done.
    UntilDone {
        /// The longest wait; `None` has no limit.
        timeout: Option<Duration>,
    },
}

impl Default for Wait {
    /// Five minutes, as Helm has it.
    fn default() -> Self {
        Self::UntilDone { timeout: Some(Duration::from_mins(5)) }
    }
}

/// How to apply.
#[derive(Clone, Debug, Default)]
pub struct ApplyOptions {
    /// Whether to wait until every replica is ready and every claim bound.
    pub wait: Wait,
    /// Stops the call between two steps.
    pub stop: StopSignal,
}

impl Cluster {
    /// Makes the cluster hold these objects.
    ///
    /// Every change of every pipeline is dry-run on the server before anything is written, and every refusal is
    /// reported at once. Objects that are already as wanted are not written. Repeating an interrupted call finishes it.
    pub async fn apply(
        &self,
        sets: &[ResourceSet],
        options: &ApplyOptions,
        progress: &dyn Progress,
    ) -> Result<ApplyReport, ClusterError> {
        self.apply_if(sets, options, progress, |_| Vec::new()).await
    }

    /// [`Cluster::apply`], if everything is still as it was when these objects were planned ([`Plan::expected`]):
    /// what was planned is done, or nothing.
    ///
    /// [`Plan::expected`]: crate::Plan::expected
    pub async fn apply_planned(
        &self,
        sets: &[ResourceSet],
        expected: &[ExpectedObject],
        options: &ApplyOptions,
        progress: &dyn Progress,
    ) -> Result<ApplyReport, ClusterError> {
        self.apply_if(sets, options, progress, |plans| plan::differences(plans, expected)).await
    }

    async fn apply_if(
        &self,
        sets: &[ResourceSet],
        options: &ApplyOptions,
        progress: &dyn Progress,
        objections: impl Fn(&[PipelinePlan]) -> Vec<Problem>,
    ) -> Result<ApplyReport, ClusterError> {
        let before = self.requests_sent();
        let session = Session { cluster: self, progress, stop: &options.stop };
        let plans = check::check(&session, sets, Conflicts::Report).await?.accepted()?;
        let objections = objections(&plans);
        if !objections.is_empty() {
            return Err(ClusterError::Refused(objections));
        }
        if options.stop.is_stopped() {
            return Err(ClusterError::Stopped { report: None });
        }
        announce(&session, &plans);
        let written = join_all(plans.iter().map(|plan| write::pipeline(&session, plan))).await;
        let mut report = report(&plans, &written);
        let failed: Vec<_> = written.iter().flat_map(|one| one.problems.clone()).collect();
        let stopped = written.iter().any(|one| one.stopped);
        report.requests = self.requests_sent() - before;
        if !failed.is_empty() {
            let report = Box::new(report);
            return Err(ClusterError::Interrupted { problems: failed, report });
        }
        if stopped {
            return Err(ClusterError::Stopped { report: Some(Box::new(report)) });
        }
        let Wait::UntilDone { timeout } = options.wait else { return Ok(report) };
        let problems = wait_for(&session, &plans, &written, timeout, &mut report).await;
        report.requests = self.requests_sent() - before;
        if problems.is_empty() {
            Ok(report)
        } else if options.stop.is_stopped() {
            Err(ClusterError::Stopped { report: Some(Box::new(report)) })
        } else {
            Err(ClusterError::NotReady { problems, report: Box::new(report) })
        }
    }
}

fn announce(session: &Session<'_>, plans: &[PipelinePlan]) {
    let steps = || plans.iter().flat_map(PipelinePlan::steps);
    let unchanged = steps().filter(|step| step.decision == Decision::Leave).count();
    let to_write = steps().count() - unchanged;
    session.progress.event(Event::Checked { pipelines: plans.len(), unchanged, to_write });
    for warning in plans.iter().flat_map(|plan| &plan.warnings) {
        session.progress.event(Event::Warning(warning.clone()));
    }
}

fn report(plans: &[PipelinePlan], written: &[Written]) -> ApplyReport {
    let pipelines = plans.iter().zip(written).map(|(plan, written)| PipelineReport {
        pipeline: plan.pipeline.clone(),
        stateful_set: plan.stateful_set.object.name.clone(),
        service: plan.service.object.name.clone(),
        objects: written.objects.clone(),
        warnings: plan.warnings.clone(),
        readiness: None,
    });
    ApplyReport { pipelines: pipelines.collect(), requests: 0 }
}

/// Waits for the pipelines that are not ready by what was read or written already.
async fn wait_for(
    session: &Session<'_>,
    plans: &[PipelinePlan],
    written: &[Written],
    timeout: Option<Duration>,
    report: &mut ApplyReport,
) -> Vec<Problem> {
    let (mut targets, mut waiting) = (Vec::new(), Vec::new());
    for ((plan, written), pipeline) in plans.iter().zip(written).zip(&mut report.pipelines) {
        let now = written.stateful_set.clone().unwrap_or_default();
        let generation = json::number(&now, "/metadata/generation");
        let bound = plan.claims.iter().filter(|step| {
            step.live.as_ref().is_some_and(|live| json::text(live, "/status/phase") == "Bound")
        });
        let readiness = rollout::readiness(&now, generation, plan.claims.len(), bound.count());
        if readiness.complete {
            session.progress.event(Event::Ready { pipeline: plan.pipeline.clone() });
            pipeline.readiness = Some(readiness);
            continue;
        }
        waiting.push(pipeline);
        targets.push(Target {
            pipeline: plan.pipeline.clone(),
            stateful_set: plan.stateful_set.object.clone(),
            claims: plan.claims.iter().map(|step| step.object.clone()).collect(),
            generation,
        });
    }
    if targets.is_empty() {
        return Vec::new();
    }
    let outcomes = wait::until_ready(session, &targets, timeout).await;
    let mut problems = Vec::new();
    for (pipeline, outcome) in waiting.into_iter().zip(outcomes) {
        pipeline.readiness = Some(outcome.readiness);
        problems.extend(outcome.problems);
    }
    problems
}
