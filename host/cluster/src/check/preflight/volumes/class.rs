//! Claims that leave the storage class to a default that there is none of.

use wellhead_diagnostics::Code;

use crate::check::preflight::facts::ClusterFacts;
use crate::check::preflight::pipeline_check::{Finding, PipelineCheck, Severity};
use crate::check::storage_class::is_default;
use crate::decide::plan::PipelinePlan;
use crate::model::error::Problem;
use crate::model::json::class::HasStorageClass as _;
use crate::model::json::typed::name;
use crate::model::object::ObjectRef;

/// <https://kubernetes.io/docs/concepts/storage/storage-classes/#default-storageclass>
pub(crate) fn judge(facts: &ClusterFacts, checks: &[PipelineCheck<'_>]) -> Vec<Finding> {
    let Some(classes) = &facts.classes else { return Vec::new() };
    if classes.iter().any(is_default) {
        return Vec::new();
    }
    let names: Vec<_> = classes.iter().map(|it| name(&it.metadata)).collect();
    let available = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
    let finding = |check: &PipelineCheck<'_>| {
        let claims = unclassed(check.plan);
        let first = claims.first()?;
        let what = format!("{first} names no storage class, and the cluster has no default");
        let all: Vec<_> = claims.iter().map(|it| it.name.as_str()).collect();
        let problem = Problem::new(Code::NoDefaultStorageClass, what)
            .on(first)
            .field("spec.storageClassName")
            .why(format!("available: {available}; claims: {}", all.join(", ")))
            .hint("set `storageClass` of the claim");
        Some(check.finding(Severity::Warning, problem))
    };
    checks.iter().filter_map(finding).collect()
}

/// New claims that name no class. An empty name is one: it asks for a volume made by hand.
fn unclassed(plan: &PipelinePlan) -> Vec<ObjectRef> {
    let claims = plan.claims.iter().filter(|step| {
        step.live.is_none()
            && step.body.storage_class().is_none()
            && step.body.pointer("/spec/volumeName").is_none()
    });
    claims.map(|step| step.object.clone()).collect()
}
