//! The steps of an apply, for any number of pipelines at once.

use std::time::Duration;

use wellhead_render::ResourceSet;

use crate::check::CheckOptions;
use crate::connect::Cluster;
use crate::decide::{Allowed, Decision, PipelinePlan, Step};
use crate::dry_run::Conflicts;
use crate::error::{ClusterError, Problem};
use crate::history::About;
use crate::lock::{Busy, Lock};
use crate::plan::{self, ExpectedObject, PlannedAction, scale_down};
use crate::progress::{Event, Progress};
use crate::report::{ApplyReport, PipelineReport};
use crate::revise::{self, Revised};
use crate::session::Session;
use crate::stop::StopSignal;
use crate::wait::{self, Target};
use crate::warning::{self, Heard};
use crate::{check, json, lease, lock, rollout, storage};

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
#[derive(Clone, Debug)]
pub struct ApplyOptions {
    /// Whether to wait until every replica is ready and every claim bound.
    pub wait: Wait,
    /// Whether a StatefulSet may be taken off its pods and created again, where fields change that Kubernetes fixes at
    /// its creation. The pods keep running, and claims are not touched. Otherwise such a change is refused.
    pub recreate: bool,
    /// Whether the wait may delete a broken pod of an earlier template that keeps Kubernetes from rolling out the new
    /// one. Its claims are kept. Otherwise the pod is told, and the wait ends.
    pub replace_stuck_pods: bool,
    /// Whether a Service or StatefulSet that exists and is not Wellhead's is taken over. Without it, one
    /// is refused. One that belongs to another pipeline is refused in any case.
    pub adopt: bool,
    /// Names of pipelines, or `NAMESPACE/NAME`, whose claims Kubernetes may delete because this apply takes replicas
    /// away under `whenScaled: Delete`. Without it, that is refused.
    pub delete_claims: Vec<String>,
    /// Stops the call between two steps.
    pub stop: StopSignal,
    /// What the history notes of each pipeline, in the order of the sets; where it ends, of the objects alone.
    pub about: Vec<About>,
    /// What the history says about this apply.
    pub message: Option<String>,
    /// How many revisions of a pipeline are kept, the newest; at least one is.
    pub keep_revisions: usize,
    /// How long another run that writes to the same pipeline, and is alive, is waited for.
    pub lock_timeout: Duration,
}

/// Revisions that are kept of a pipeline, as Helm keeps.
const KEPT_REVISIONS: usize = 10;

impl Default for ApplyOptions {
    fn default() -> Self {
        Self {
            wait: Wait::default(),
            recreate: false,
            replace_stuck_pods: false,
            adopt: false,
            delete_claims: Vec::new(),
            stop: StopSignal::default(),
            about: Vec::new(),
            message: None,
            keep_revisions: KEPT_REVISIONS,
            lock_timeout: Duration::ZERO,
        }
    }
}

impl ApplyOptions {
    /// Whether the set of this index is what a rollback brings.
    pub(crate) fn is_rollback(&self, at: usize) -> bool {
        self.about.get(at).is_some_and(|about| about.rollback_to.is_some())
    }
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
        let planned = expected.iter().any(|it| it.action == PlannedAction::Recreate);
        let options = ApplyOptions { recreate: planned, ..options.clone() };
        self.apply_if(sets, &options, progress, |plans| plan::differences(plans, expected)).await
    }

    async fn apply_if(
        &self,
        sets: &[ResourceSet],
        options: &ApplyOptions,
        progress: &dyn Progress,
        objections: impl Fn(&[PipelinePlan]) -> Vec<Problem>,
    ) -> Result<ApplyReport, ClusterError> {
        let before = self.requests_sent();
        let heard = Heard::default();
        let session = Session { cluster: self, progress, stop: &options.stop, heard: Some(&heard) };
        // What it awaits is large, and callers keep this on their stacks.
        let (plans, revised) = Box::pin(write(&session, sets, options, &objections)).await?;
        let mut report = report(&plans, &revised);
        tell_heard(&session, &plans, &mut report);
        let failed: Vec<_> = revised.iter().flat_map(|it| it.written.problems.clone()).collect();
        let stopped = revised.iter().any(|it| it.written.stopped);
        report.requests = self.requests_sent() - before;
        if !failed.is_empty() {
            let report = Box::new(report);
            return Err(ClusterError::Interrupted { problems: failed, report });
        }
        if stopped {
            return Err(ClusterError::Stopped { report: Some(Box::new(report)) });
        }
        if options.wait == Wait::No {
            return Ok(report);
        }
        let problems = wait_for(&session, &plans, &revised, options, &mut report).await;
        if problems.is_empty() {
            end_rollbacks(&session, options, &mut report).await;
        }
        tell_heard(&session, &plans, &mut report);
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

/// Checks and writes, each pipeline under its Lease, and starts over while others write in between.
async fn write(
    session: &Session<'_>,
    sets: &[ResourceSet],
    options: &ApplyOptions,
    objections: &impl Fn(&[PipelinePlan]) -> Vec<Problem>,
) -> Result<(Vec<PipelinePlan>, Vec<Revised>), ClusterError> {
    let mut lost = Vec::new();
    let default = session.cluster.default_namespace();
    let consented = scale_down::consented(&options.delete_claims, sets, default)?;
    for _ in 0..lock::LOOKS {
        let how = CheckOptions {
            conflicts: Conflicts::Report,
            allowed: Allowed { recreate: options.recreate, adopt: options.adopt },
            consented: &consented,
        };
        let plans = check::check(session, sets, how).await?.accepted()?;
        let objections = objections(&plans);
        if !objections.is_empty() {
            return Err(ClusterError::Refused(objections));
        }
        if options.stop.is_stopped() {
            return Err(ClusterError::Stopped { report: None });
        }
        let writing = revise::writing(&plans);
        let lock = match Lock::take_in_turn(session, &writing, options.lock_timeout).await {
            Ok(lock) => lock,
            Err(Busy::LookAgain) => continue,
            Err(Busy::Refused(problems)) => return Err(ClusterError::refused(problems)),
        };
        announce(session, &plans);
        match revise::all(session, &plans, lock, options).await {
            Ok(revised) => return Ok((plans, revised)),
            Err(problem) => lost = vec![problem],
        }
    }
    if lost.is_empty() {
        return Err(ClusterError::Refused(vec![lock::contended()]));
    }
    let report = ApplyReport { pipelines: Vec::new(), requests: 0 };
    Err(ClusterError::Interrupted { problems: lost, report: Box::new(report) })
}

fn announce(session: &Session<'_>, plans: &[PipelinePlan]) {
    let steps = || plans.iter().flat_map(PipelinePlan::steps);
    let unchanged = steps().filter(|step| step.decision == Decision::Leave).count();
    let to_write = steps().count() - unchanged;
    session.progress.event(Event::Checked { pipelines: plans.len(), unchanged, to_write });
    for step in steps() {
        for field in &step.shared {
            let (object, field) = (step.object.clone(), field.clone());
            session.progress.event(Event::LeftToOthers { object, field });
        }
    }
    let warnings: Vec<_> = plans.iter().flat_map(|plan| plan.warnings.clone()).collect();
    if !warnings.is_empty() {
        session.progress.event(Event::Warnings(warnings));
    }
}

/// Tells what the server warned of while it wrote, where the dry runs did not say it.
fn tell_heard(session: &Session<'_>, plans: &[PipelinePlan], report: &mut ApplyReport) {
    let said = session.take_heard();
    if said.is_empty() {
        return;
    }
    session.progress.event(Event::Warnings(said.clone()));
    for (at, problem) in warning::assign(said, plans) {
        if let Some(pipeline) = report.pipelines.get_mut(at) {
            pipeline.warnings.push(problem);
        }
    }
}

fn report(plans: &[PipelinePlan], revised: &[Revised]) -> ApplyReport {
    let pipelines = plans.iter().zip(revised).map(|(plan, revised)| PipelineReport {
        pipeline: plan.pipeline.clone(),
        stateful_set: plan.stateful_set.object.name.clone(),
        service: json::text(&plan.stateful_set.body, "/spec/serviceName").to_owned(),
        objects: revised.written.objects.clone(),
        revision: revised.number,
        warnings: plan.warnings.iter().chain(&revised.written.warnings).cloned().collect(),
        readiness: None,
    });
    ApplyReport { pipelines: pipelines.collect(), requests: 0 }
}

/// Whether this call makes a claim larger.
fn grows(step: &Step) -> bool {
    let live = step.live.as_ref();
    step.decision == Decision::Update && live.is_some_and(|live| storage::grows(&step.body, live))
}

/// Notes of each rollback that it became ready. That is no reason to fail.
async fn end_rollbacks(session: &Session<'_>, options: &ApplyOptions, report: &mut ApplyReport) {
    for (at, it) in report.pipelines.iter_mut().enumerate() {
        if options.is_rollback(at) {
            let result = lease::seen_ready(session, &it.pipeline).await;
            it.warnings.extend(result.err());
        }
    }
}

/// Waits for the pipelines that are not ready by what was read or written already.
async fn wait_for(
    session: &Session<'_>,
    plans: &[PipelinePlan],
    revised: &[Revised],
    options: &ApplyOptions,
    report: &mut ApplyReport,
) -> Vec<Problem> {
    let (mut targets, mut waiting) = (Vec::new(), Vec::new());
    for ((plan, revised), pipeline) in plans.iter().zip(revised).zip(&mut report.pipelines) {
        let now = revised.written.stateful_set.clone().unwrap_or_default();
        let generation = json::number(&now, "/metadata/generation");
        let claims: Vec<_> = plan.claims_in_use().collect();
        let bound = claims.iter().filter(|step| {
            step.live.as_ref().is_some_and(|live| json::text(live, "/status/phase") == "Bound")
        });
        let readiness = rollout::readiness(&now, generation, claims.len(), bound.count());
        let growing: Vec<_> = plan.claims.iter().filter(|step| grows(step)).collect();
        if readiness.complete && revised.written.orphans.is_empty() && growing.is_empty() {
            session.progress.event(Event::Ready { pipeline: plan.pipeline.clone() });
            pipeline.readiness = Some(readiness);
            continue;
        }
        waiting.push(pipeline);
        targets.push(Target {
            pipeline: plan.pipeline.clone(),
            stateful_set: plan.stateful_set.object.clone(),
            claims: claims.iter().map(|step| step.object.clone()).collect(),
            generation,
            orphans: revised.written.orphans.clone(),
            growing: growing.iter().map(|step| step.object.clone()).collect(),
            replace_stuck_pods: options.replace_stuck_pods,
        });
    }
    if targets.is_empty() {
        return Vec::new();
    }
    let Wait::UntilDone { timeout } = options.wait else { return Vec::new() };
    let outcomes = wait::until_ready(session, &targets, timeout).await;
    let mut problems = Vec::new();
    for (pipeline, outcome) in waiting.into_iter().zip(outcomes) {
        pipeline.readiness = Some(outcome.readiness);
        pipeline.warnings.extend(outcome.warnings);
        problems.extend(outcome.problems);
    }
    problems
}
