//! What a server's dry run does not see: reported by a plan and by an apply that is about to write, all at once.
//!
//! What the server would refuse to store, and what cannot work before what is missing of storage is made, is
//! refused: then nothing is written. What concerns pods is a warning: they are made later, webhooks may change them,
//! a quota may be raised and a node may join. What may not be read is not judged.
//!
//! Everything is read at the same time, while the server is asked about the changes, and only for pipelines that
//! would change ([`Query`]); judging what was read ([`judge`]) sends nothing. That is up to six lists for the cluster,
//! two for each namespace, a look at each object that pods refer to, claims that they share included, and a review for each verb on each kind in each
//! namespace, about twenty requests in all, however many pipelines there are.

pub(crate) mod access;
pub(crate) mod facts;
#[cfg(test)]
pub(crate) mod fixture;
pub(crate) mod nodes;
pub(crate) mod pipeline_check;
pub(crate) mod pods;
pub(crate) mod quota;
pub(crate) mod read;
pub(crate) mod references;
pub(crate) mod selector;
pub(crate) mod sharing;
pub(crate) mod version;
pub(crate) mod volumes;

use wellhead_diagnostics::Code;

use crate::decide::plan::PipelinePlan;
use crate::model::error::Problem;
use crate::model::object::ObjectRef;
use facts::ClusterFacts;
use pipeline_check::{Finding, PipelineCheck, Severity, changes};
use pods::demand::Amounts;
use pods::limits;
use volumes::{attributes, class};

/// Findings that say that an object needs more than the cluster allows.
pub(crate) const INSUFFICIENT: [Code; 8] = [
    Code::NoDefaultStorageClass,
    Code::NoMatchingVolume,
    Code::VolumeTopology,
    Code::NoNodeFits,
    Code::PodQuotaExceeded,
    Code::QuotaNeedsResources,
    Code::LimitRangeViolated,
    Code::QuotaExceeded,
];

/// Adds what speaks against an apply to the problems, and the rest to the warnings of its pipeline.
///
/// Pipelines that are judged later find what these would use, and hear nothing twice of what concerns all of them.
pub(crate) fn judge(
    facts: &mut ClusterFacts,
    plans: &mut [PipelinePlan],
    problems: &mut Vec<Problem>,
) {
    let (findings, usage) = findings(facts, plans);
    usage.note(facts);
    quota::drop_repeated(problems, &findings);
    access::drop_repeated(problems, &findings);
    for Finding { plan, severity, problem } in findings {
        if OF_ALL.contains(&problem.code) && !facts.reported.insert(problem.what.clone()) {
            continue;
        }
        match severity {
            Severity::Refusal => problems.push(problem),
            Severity::Warning => plans[plan].warnings.push(problem),
        }
    }
}

/// Findings that are not about one pipeline.
const OF_ALL: [Code; 2] = [Code::Forbidden, Code::OldServer];

/// What pipelines would use of what all share.
#[derive(Default)]
struct Usage {
    /// By namespace and position.
    quotas: Vec<(String, Vec<Amounts>)>,
    /// Volumes made by hand, by position.
    volumes: Vec<usize>,
}

impl Usage {
    fn of(facts: &ClusterFacts, checks: &[PipelineCheck<'_>]) -> Self {
        let quotas = facts.namespaces.iter().filter(|(_, found)| !found.quotas.is_empty());
        let quotas = quotas.map(|(namespace, found)| {
            (namespace.clone(), quota::used(&found.quotas, &of_namespace(checks, namespace)))
        });
        Self { quotas: quotas.collect(), volumes: volumes::taken(facts, checks) }
    }

    fn note(self, facts: &mut ClusterFacts) {
        for (namespace, used) in self.quotas {
            let Some(found) = facts.namespaces.get_mut(&namespace) else { continue };
            for (planned, used) in found.planned.iter_mut().zip(used) {
                quota::add(planned, &used, 1);
            }
        }
        for at in self.volumes {
            if let Some(volume) = facts.volumes.as_mut().and_then(|all| all.get_mut(at)) {
                volume.status.get_or_insert_default().phase = Some("Bound".to_owned());
            }
        }
    }
}

fn of_namespace<'c>(
    checks: &'c [PipelineCheck<'c>],
    namespace: &str,
) -> Vec<&'c PipelineCheck<'c>> {
    checks.iter().filter(|check| check.plan.pipeline.namespace == namespace).collect()
}

fn findings(facts: &ClusterFacts, plans: &[PipelinePlan]) -> (Vec<Finding>, Usage) {
    let checks = plans.iter().enumerate().filter(|(_, plan)| changes(plan));
    let checks: Vec<_> = checks.map(|(at, plan)| PipelineCheck::of(at, plan, facts)).collect();
    let Some(first) = checks.first() else { return (Vec::new(), Usage::default()) };
    let warn = |problem| first.finding(Severity::Warning, problem);
    let mut findings = Vec::new();
    findings.extend(facts.version.as_ref().and_then(version::judge).map(warn));
    findings.extend(access::judge(&facts.denied, &checks));
    findings.extend(class::judge(facts, &checks));
    findings.extend(volumes::judge(facts, &checks));
    findings.extend(attributes::judge(facts, &checks));
    for (namespace, found) in facts.namespaces.iter().filter(|(_, it)| !it.quotas.is_empty()) {
        let here = of_namespace(&checks, namespace);
        findings.extend(quota::judge(&found.quotas, &found.planned, &here));
    }
    for check in &checks {
        findings.extend(refused_pods(facts, check));
        findings.extend(nodes::judge(facts, check));
        findings.extend(references::judge(facts, check));
        findings.extend(sharing::judge(facts, check));
    }
    (findings, Usage::of(facts, &checks))
}

/// Pods that the limit ranges of their namespace refuse.
fn refused_pods(facts: &ClusterFacts, check: &PipelineCheck<'_>) -> Option<Finding> {
    let pods = check.pods.as_ref()?;
    let broken = limits::broken(&pods.then, facts.ranges(&check.plan.pipeline.namespace));
    let object: &ObjectRef = &check.plan.stateful_set.object;
    let what = format!("a limit range refuses the pods of {object}");
    let problem = Problem::new(Code::LimitRangeViolated, what).on(object).why(broken.join("\n"));
    let hint = format!(
        "change `resources` of these containers: kubectl -n {} describe limitrange",
        object.namespace
    );
    (!broken.is_empty()).then(|| check.finding(Severity::Warning, problem.hint(hint)))
}
