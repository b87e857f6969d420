//! What became of one pipeline of an apply, and what is left to wait for.

use k8s_openapi::api::apps::v1::StatefulSet;

use super::record::PipelineResult;
use super::write::WriteResult;
use crate::check::storage_class;
use crate::decide::desired;
use crate::decide::desired::Source;
use crate::decide::plan::{Decision, PipelinePlan, Step};
use crate::model::error::Problem;
use crate::model::json;
use crate::model::json::typed::lenient;
use crate::model::options::{ApplyOptions, Wait};
use crate::model::report::{Action, Fate, ObjectOutcome, PipelineReport};
use crate::observe::{ending, rollout};
use crate::wait::target::Target;

/// What became of one pipeline.
#[derive(Debug)]
pub(crate) struct Finished {
    pub(crate) report: PipelineReport,
    /// What to wait for, if it is not ready by what was read or written.
    pub(crate) target: Option<Target>,
    /// Whether anything of it was written, be it its Lease.
    pub(crate) touched: bool,
}

impl Finished {
    /// One that is as wanted.
    pub(crate) fn unchanged(plan: &PipelinePlan, options: &ApplyOptions) -> Self {
        let objects = plan.steps().map(|step| {
            let object = step.object.clone();
            ObjectOutcome { object, action: Action::Unchanged }
        });
        let stateful_set = plan.stateful_set.live.clone();
        let written =
            WriteResult { objects: objects.collect(), stateful_set, ..WriteResult::default() };
        let number = Some(plan.lease_state.revision());
        let finished = Self::result(plan, PipelineResult { written, number }, options);
        let report = PipelineReport { fate: Fate::Unchanged, ..finished.report };
        Self { report, touched: false, ..finished }
    }

    /// One that had its turn.
    pub(crate) fn result(
        plan: &PipelinePlan,
        PipelineResult { written, number }: PipelineResult,
        options: &ApplyOptions,
    ) -> Self {
        let fate = match (written.problems.is_empty(), written.stopped) {
            (false, _) => Fate::Failed,
            (true, true) if written.objects.is_empty() => Fate::NotBegun,
            (true, true) => Fate::Stopped,
            (true, false) => Fate::Applied,
        };
        let mut report = PipelineReport {
            pipeline: plan.pipeline.clone(),
            fate,
            problems: Vec::new(),
            stateful_set: plan.stateful_set.object.name.clone(),
            service: json::text(&plan.stateful_set.body, "/spec/serviceName").to_owned(),
            objects: Vec::new(),
            revision: number,
            warnings: plan.warnings.iter().chain(&written.warnings).cloned().collect(),
            readiness: None,
        };
        let waits = fate == Fate::Applied && options.wait != Wait::No;
        let target = if waits { target(plan, &written, options, &mut report) } else { None };
        (report.objects, report.problems) = (written.objects, written.problems);
        Self { report, target, touched: true }
    }

    /// One whose Lease was lost while it was written.
    pub(crate) fn lost(plan: &PipelinePlan, problem: Problem, options: &ApplyOptions) -> Self {
        let written = WriteResult { problems: vec![problem], ..WriteResult::default() };
        Self::result(plan, PipelineResult { written, number: None }, options)
    }

    /// Adds what an earlier attempt wrote of it, where the last one found it as wanted, or, of what is sure, did not
    /// reach it.
    pub(crate) fn add(&mut self, earlier: ObjectOutcome, is_sure: bool) {
        let objects = &mut self.report.objects;
        match objects.iter_mut().find(|it| it.object == earlier.object) {
            Some(known) if known.action == Action::Unchanged => *known = earlier,
            None if is_sure => objects.push(earlier),
            _ => return,
        }
        if self.report.fate == Fate::Unchanged {
            self.report.fate = Fate::Applied;
        }
        self.touched = true;
    }

    /// One of which only its names are known.
    pub(crate) fn left(source: &dyn Source, at: usize, namespace: &str, fate: Fate) -> Self {
        let set = source.objects(at);
        let pipeline = desired::named(&set, namespace).pipeline;
        let spec = set.stateful_set.spec.as_ref();
        let report = PipelineReport {
            stateful_set: pipeline.name.clone(),
            service: spec.and_then(|it| it.service_name.clone()).unwrap_or_default(),
            pipeline,
            fate,
            problems: Vec::new(),
            objects: Vec::new(),
            revision: None,
            warnings: Vec::new(),
            readiness: None,
        };
        Self { report, target: None, touched: false }
    }
}

/// Whether this call makes a claim larger.
fn grows(step: &Step) -> bool {
    let live = step.live.as_ref();
    step.decision == Decision::Update
        && live.is_some_and(|live| storage_class::grows(&step.body, live))
}

/// What to wait for, unless the pipeline is ready by what was read or written already.
fn target(
    plan: &PipelinePlan,
    written: &WriteResult,
    options: &ApplyOptions,
    report: &mut PipelineReport,
) -> Option<Target> {
    let now: StatefulSet = written.stateful_set.as_ref().map(lenient).unwrap_or_default();
    let generation = rollout::generation(&now);
    let claims: Vec<_> = plan.claims_in_use().collect();
    let bound = claims.iter().filter(|step| {
        step.live.as_ref().is_some_and(|live| ending::phase(&lenient(live)) == "Bound")
    });
    let readiness = rollout::readiness(&now, generation, claims.len(), bound.count());
    let growing: Vec<_> = plan.claims.iter().filter(|step| grows(step)).collect();
    if readiness.complete && written.orphans.is_empty() && growing.is_empty() {
        report.readiness = Some(readiness);
        return None;
    }
    Some(Target {
        pipeline: plan.pipeline.clone(),
        stateful_set: plan.stateful_set.object.clone(),
        service: report.service.clone(),
        claims: claims.iter().map(|step| step.object.clone()).collect(),
        generation,
        orphans: written.orphans.clone(),
        growing: growing.iter().map(|step| step.object.clone()).collect(),
        replace_stuck_pods: options.replace_stuck_pods,
    })
}
