//! One pipeline that would change, and what is found about it.

use serde_json::Value;

use super::facts::ClusterFacts;
use super::pods::admitted;
use super::quota::usage;
use crate::decide::plan::{Decision, PipelinePlan};
use crate::model::error::Problem;

/// What a finding does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Severity {
    Refusal,
    Warning,
}

/// What was found about one pipeline.
#[derive(Debug)]
pub(crate) struct Finding {
    pub(super) plan: usize,
    pub(super) severity: Severity,
    pub(super) problem: Problem,
}

/// A pipeline that would change.
pub(crate) struct PipelineCheck<'p> {
    at: usize,
    pub(super) plan: &'p PipelinePlan,
    /// A pod of it, as admission would make it.
    pub(super) pod: Value,
    /// None where no pod would be made.
    pub(super) pods: Option<Pods>,
}

/// The pods that there would be, and those that there are.
pub(crate) struct Pods {
    pub(super) then: Value,
    pub(super) replicas: i128,
    pub(super) now: Option<Value>,
    pub(super) living: i128,
}

impl<'p> PipelineCheck<'p> {
    pub(super) fn of(at: usize, plan: &'p PipelinePlan, facts: &ClusterFacts) -> Self {
        let ranges = facts.ranges(&plan.pipeline.namespace);
        let admitted = |template: &Value| admitted::pod(template, ranges, &facts.runtimes);
        let step = &plan.stateful_set;
        let after = step.stored();
        let pod = admitted(after.pointer("/spec/template").unwrap_or(&Value::Null));
        let pods = usage::Pods::of(plan).map(|pods| Pods {
            then: pod.clone(),
            replicas: pods.then.1,
            now: pods.now.map(|(template, _)| admitted(template)),
            living: pods.now.map_or(0, |(_, count)| count),
        });
        Self { at, plan, pod, pods }
    }

    pub(super) fn finding(&self, severity: Severity, problem: Problem) -> Finding {
        Finding { plan: self.at, severity, problem }
    }
}

/// Whether an apply would write anything for a pipeline, be it only the record of what it is.
pub(crate) fn changes<S>(plan: &PipelinePlan<S>) -> bool {
    plan.needs_writing() || plan.steps().any(|step| step.decision != Decision::Leave)
}
