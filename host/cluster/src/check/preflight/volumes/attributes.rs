//! Volume attributes classes of claims.
//!
//! <https://kubernetes.io/docs/concepts/storage/volume-attributes-classes/>

use k8s_openapi::api::storage::v1::VolumeAttributesClass;
use wellhead_diagnostics::Code;

use crate::check::preflight::facts::ClusterFacts;
use crate::check::preflight::pipeline_check::{Finding, PipelineCheck, Severity};
use crate::decide::plan::{Decision, Step};
use crate::model::error::Problem;
use crate::model::json;
use crate::model::json::class::HasStorageClass as _;
use crate::model::json::typed;

const NAME: &str = "/spec/volumeAttributesClassName";

/// Whether a claim would get a class that it does not have.
pub(crate) fn would_change<S>(step: &Step<S>) -> bool {
    let class = json::text(&step.body, NAME);
    let now = step.live.as_ref().map_or("", |live| json::text(live, NAME));
    step.decision != Decision::Leave && !class.is_empty() && class != now
}

/// A class that does not exist, or that is of another driver than the volume, never takes effect.
pub(crate) fn judge(facts: &ClusterFacts, checks: &[PipelineCheck<'_>]) -> Vec<Finding> {
    let Some(known) = &facts.attributes else { return Vec::new() };
    let each =
        checks.iter().flat_map(|check| check.plan.claims.iter().map(move |step| (check, step)));
    let finding = |(check, step): (&PipelineCheck<'_>, &Step)| {
        let problem = of_claim(facts, known, step)?;
        Some(check.finding(
            Severity::Refusal,
            problem.on(&step.object).field("spec.volumeAttributesClassName"),
        ))
    };
    each.filter(|(_, step)| would_change(step)).filter_map(finding).collect()
}

fn of_claim(facts: &ClusterFacts, known: &[VolumeAttributesClass], step: &Step) -> Option<Problem> {
    let name = json::text(&step.body, NAME);
    let names: Vec<_> = known.iter().map(|it| typed::name(&it.metadata)).collect();
    let Some(class) = known.iter().find(|it| typed::name(&it.metadata) == name) else {
        let available = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
        let what = format!("volume attributes class \"{name}\" of {} does not exist", step.object);
        let problem = Problem::new(Code::AttributesClassWithoutEffect, what)
            .why(format!("available: {available}"));
        return Some(
            problem.hint("create it first, or correct `volumeAttributesClass` of the claim"),
        );
    };
    let claim = step.live.as_ref().unwrap_or_else(|| step.stored());
    let storage = claim.storage_class().unwrap_or_default();
    let mut classes = facts.classes.iter().flatten();
    let makes = &classes.find(|it| typed::name(&it.metadata) == storage)?.provisioner;
    let driver = &class.driver_name;
    (driver != makes).then(|| {
        let what =
            format!("volume attributes class \"{name}\" is not for the volume of {}", step.object);
        Problem::new(Code::AttributesClassWithoutEffect, what)
            .why(format!(
                "it is of the driver {driver}; class \"{storage}\" has volumes of {makes}"
            ))
            .hint("use a volume attributes class of that driver")
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::judge;
    use crate::check::preflight::facts::ClusterFacts;
    use crate::check::preflight::fixture::{checks, facts, plan, typed};
    use crate::check::preflight::pipeline_check::Severity;

    fn says(driver: &str, name: &str) -> Vec<String> {
        let class = json!({"metadata": {"name": "fast"}, "provisioner": "csi.example.com"});
        let gold = json!({"metadata": {"name": "gold"}, "driverName": driver});
        let (classes, attributes) = (Some(vec![typed(class)]), Some(vec![typed(gold)]));
        let facts = ClusterFacts { classes, attributes, ..facts(&[], &[]) };
        let mut plan = plan("db", 1, &json!({}));
        plan.claims[0].body["spec"]["volumeAttributesClassName"] = name.into();
        let plans = [plan];
        let found = judge(&facts, &checks(&plans, &facts));
        assert!(found.iter().all(|it| it.severity == Severity::Refusal));
        found.into_iter().map(|it| it.problem.what).collect()
    }

    #[test]
    fn a_class_must_exist_and_be_of_the_driver_of_the_volume() {
        assert_eq!(says("csi.example.com", "gold"), [""; 0]);
        assert_eq!(
            says("csi.example.com", "silver"),
            ["volume attributes class \"silver\" of claim/data-db-0 does not exist"]
        );
        assert_eq!(
            says("other.example.com", "gold"),
            ["volume attributes class \"gold\" is not for the volume of claim/data-db-0"]
        );
    }
}
