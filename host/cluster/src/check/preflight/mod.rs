//! What a server's dry run does not see: told by a plan and by an apply that is about to write, all at once.
//!
//! What the server would refuse to store, and what cannot work before somebody makes what is missing of storage, is
//! refused: then nothing is written. What concerns pods is a warning: they are made later, webhooks may change them,
//! a quota may be raised and a node may join. What may not be read is not judged.
//!
//! Everything is read at the same time, while the server is asked about the changes, and only for pipelines that
//! would change ([`Asked`]); judging what was read ([`judge`]) sends nothing. That is up to six lists for the cluster,
//! two for each namespace, a look at each object that pods refer to, claims that they share included, and a review for each verb on each kind in each
//! namespace, about twenty requests in all, however many pipelines there are.

pub(crate) mod access;
pub(crate) mod case;
pub(crate) mod facts;
#[cfg(test)]
pub(crate) mod fixture;
pub(crate) mod nodes;
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
use case::{Case, Finding, Weight, changes};
use facts::Facts;
use pods::demand::Amounts;
use pods::limits;
use volumes::{attributes, class};

/// Findings that say that an object needs more than the cluster allows.
pub(crate) const BEYOND: [Code; 8] = [
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
pub(crate) fn judge(facts: &mut Facts, plans: &mut [PipelinePlan], problems: &mut Vec<Problem>) {
    let (findings, usage) = findings(facts, plans);
    usage.note(facts);
    quota::told_once(problems, &findings);
    access::told_once(problems, &findings);
    for Finding { plan, weight, problem } in findings {
        if OF_ALL.contains(&problem.code) && !facts.told.insert(problem.what.clone()) {
            continue;
        }
        match weight {
            Weight::Refusal => problems.push(problem),
            Weight::Warning => plans[plan].warnings.push(problem),
        }
    }
}

/// Findings that are not about one pipeline.
const OF_ALL: [Code; 2] = [Code::Forbidden, Code::UnusableRevision];

/// What pipelines would use of what all share.
#[derive(Default)]
struct Usage {
    /// By namespace and position.
    quotas: Vec<(String, Vec<Amounts>)>,
    /// Volumes made by hand, by position.
    volumes: Vec<usize>,
}

impl Usage {
    fn of(facts: &Facts, cases: &[Case<'_>]) -> Self {
        let quotas = facts.namespaces.iter().filter(|(_, found)| !found.quotas.is_empty());
        let quotas = quotas.map(|(namespace, found)| {
            (namespace.clone(), quota::used(&found.quotas, &of_namespace(cases, namespace)))
        });
        Self { quotas: quotas.collect(), volumes: volumes::taken(facts, cases) }
    }

    fn note(self, facts: &mut Facts) {
        for (namespace, used) in self.quotas {
            let Some(found) = facts.namespaces.get_mut(&namespace) else { continue };
            for (planned, used) in found.planned.iter_mut().zip(used) {
                quota::add(planned, &used, 1);
            }
        }
        for at in self.volumes {
            if let Some(volume) = facts.volumes.as_mut().and_then(|all| all.get_mut(at)) {
                volume["status"]["phase"] = "Bound".into();
            }
        }
    }
}

fn of_namespace<'c>(cases: &'c [Case<'c>], namespace: &str) -> Vec<&'c Case<'c>> {
    cases.iter().filter(|case| case.plan.pipeline.namespace == namespace).collect()
}

fn findings(facts: &Facts, plans: &[PipelinePlan]) -> (Vec<Finding>, Usage) {
    let cases = plans.iter().enumerate().filter(|(_, plan)| changes(plan));
    let cases: Vec<_> = cases.map(|(at, plan)| Case::of(at, plan, facts)).collect();
    let Some(first) = cases.first() else { return (Vec::new(), Usage::default()) };
    let warn = |problem| first.finding(Weight::Warning, problem);
    let mut findings = Vec::new();
    findings.extend(facts.version.as_ref().and_then(version::judge).map(warn));
    findings.extend(access::judge(&facts.denied, &cases));
    findings.extend(class::judge(facts, &cases));
    findings.extend(volumes::judge(facts, &cases));
    findings.extend(attributes::judge(facts, &cases));
    for (namespace, found) in facts.namespaces.iter().filter(|(_, it)| !it.quotas.is_empty()) {
        let here = of_namespace(&cases, namespace);
        findings.extend(quota::judge(&found.quotas, &found.planned, &here));
    }
    for case in &cases {
        findings.extend(refused_pods(facts, case));
        findings.extend(nodes::judge(facts, case));
        findings.extend(references::judge(facts, case));
        findings.extend(sharing::judge(facts, case));
    }
    (findings, Usage::of(facts, &cases))
}

/// Pods that the limit ranges of their namespace refuse.
fn refused_pods(facts: &Facts, case: &Case<'_>) -> Option<Finding> {
    let pods = case.pods.as_ref()?;
    let broken = limits::broken(&pods.then, facts.ranges(&case.plan.pipeline.namespace));
    let object: &ObjectRef = &case.plan.stateful_set.object;
    let what = format!("a limit range refuses the pods of {object}");
    let problem = Problem::new(Code::LimitRangeViolated, what).on(object).why(broken.join("\n"));
    let hint = format!(
        "change `resources` of these containers: kubectl -n {} describe limitrange",
        object.namespace
    );
    (!broken.is_empty()).then(|| case.finding(Weight::Warning, problem.hint(hint)))
}
