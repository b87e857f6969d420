//! Quotas that have no room for what would be.
//!
//! The server counts each object of a dry run alone; here they add up, those of all pipelines of a namespace together.
//! An object that it would refuse is refused. Pods are made later, and a quota may be raised by then: a warning.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::ResourceQuota;
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use wellhead_diagnostics::Code;

use super::pipeline_check::{Finding, PipelineCheck, Severity};
use super::pods::demand::{Amounts, Demand, containers};
use crate::decide::plan::{Decision, Step};
use crate::model::error::Problem;
use crate::model::json;
use crate::model::json::typed::name;
use crate::model::object::Kind;
use crate::model::quantity::{amount, shown};
use usage::{of_pod, of_step};

/// What a quota may demand that every container says.
/// <https://github.com/kubernetes/kubernetes/blob/v1.36.3/pkg/quota/v1/evaluator/core/pods.go>
const SAID: [&str; 6] =
    ["cpu", "memory", "requests.cpu", "requests.memory", "limits.cpu", "limits.memory"];

/// What the quotas of one namespace say to the pipelines in it. `planned` is what pipelines that were judged before would
/// use of each.
pub(super) fn judge(
    quotas: &[ResourceQuota],
    planned: &[Amounts],
    checks: &[&PipelineCheck<'_>],
) -> Vec<Finding> {
    let each = quotas.iter().enumerate().map(|(at, quota)| Quota::of(quota, planned.get(at)));
    each.flat_map(|quota| {
        let mut found = quota.objects(checks);
        found.extend(quota.pods(checks));
        found.extend(checks.iter().filter_map(|check| quota.unsaid(check)));
        found
    })
    .collect()
}

/// What these pipelines would use of each quota.
pub(super) fn used(quotas: &[ResourceQuota], checks: &[&PipelineCheck<'_>]) -> Vec<Amounts> {
    let used = |quota: &ResourceQuota| {
        let quota = Quota::of(quota, None);
        let mut used = quota.counted_objects(checks).1;
        add(&mut used, &quota.counted_pods(checks).more, 1);
        used
    };
    quotas.iter().map(used).collect()
}

struct Quota<'q> {
    object: &'q ResourceQuota,
    hard: Amounts,
    used: Amounts,
    planned: Amounts,
}

/// The pods that a quota counts.
struct CountedPods<'c> {
    more: Amounts,
    asked: Amounts,
    each: Vec<(&'c PipelineCheck<'c>, Amounts)>,
}

impl<'q> Quota<'q> {
    fn of(quota: &'q ResourceQuota, planned: Option<&Amounts>) -> Self {
        let read = |amounts: Option<&BTreeMap<String, Quantity>>| {
            let amounts = amounts.into_iter().flatten();
            amounts.filter_map(|(name, it)| Some((name.clone(), amount(&it.0)?))).collect()
        };
        let hard = read(quota.spec.as_ref().and_then(|it| it.hard.as_ref()));
        let used = read(quota.status.as_ref().and_then(|it| it.used.as_ref()));
        Self { object: quota, hard, used, planned: planned.cloned().unwrap_or_default() }
    }

    /// Objects that would be written.
    fn objects(&self, checks: &[&PipelineCheck<'_>]) -> Vec<Finding> {
        let (counted, more) = self.counted_objects(checks);
        let over = self.over(&more, &more);
        let why = self.lines(&over, &more);
        let asks = |usage: &Amounts| over.iter().any(|name| usage.contains_key(*name));
        let counted = counted.into_iter().filter(|(.., usage)| asks(usage));
        let finding = |(check, step, _): (&PipelineCheck<'_>, &Step, Amounts)| {
            let what = format!("{} has no room for {}", self.name(), step.object);
            let problem = Problem::new(Code::QuotaExceeded, what).on(&step.object).why(why.clone());
            check.finding(Severity::Refusal, problem.hint(self.hint("ask for less")))
        };
        counted.map(finding).collect()
    }

    fn counted_objects<'c>(
        &self,
        checks: &[&'c PipelineCheck<'c>],
    ) -> (Vec<(&'c PipelineCheck<'c>, &'c Step, Amounts)>, Amounts) {
        let mut more = Amounts::new();
        let mut counted = Vec::new();
        for check in checks {
            let changing = check.plan.steps().filter(|step| step.decision != Decision::Leave);
            for step in changing.filter(|step| self.counts(step)) {
                let usage = of_step(step);
                add(&mut more, &usage, 1);
                counted.push((*check, step, usage));
            }
        }
        (counted, more)
    }

    fn counts(&self, step: &Step) -> bool {
        match step.object.kind {
            Kind::PersistentVolumeClaim => {
                let claim = step.stored();
                scope::counts_claim(self.object, claim) == Some(true)
            }
            _ => scope::counts_plain(self.object),
        }
    }

    /// Pods that would be made, in place of those that there are.
    fn pods(&self, checks: &[&PipelineCheck<'_>]) -> Vec<Finding> {
        let CountedPods { more, asked, each: counted } = self.counted_pods(checks);
        let over = self.over(&more, &asked);
        let why = self.lines(&over, &more);
        let asks = |usage: &Amounts| over.iter().any(|name| usage.contains_key(*name));
        let counted = counted.into_iter().filter(|(_, usage)| asks(usage));
        let finding = |(check, _): (&PipelineCheck<'_>, Amounts)| {
            let object = &check.plan.stateful_set.object;
            let what = format!("{} has too little room for the pods of {object}", self.name());
            let problem = Problem::new(Code::PodQuotaExceeded, what).on(object).why(why.clone());
            check.finding(Severity::Warning, problem.hint(self.hint("lower requests or replicas")))
        };
        counted.map(finding).collect()
    }

    fn counted_pods<'c>(&self, checks: &[&'c PipelineCheck<'c>]) -> CountedPods<'c> {
        let (mut more, mut asked) = (Amounts::new(), Amounts::new());
        let mut each = Vec::new();
        for check in checks {
            let Some(pods) = &check.pods else { continue };
            if scope::counts_pod(self.object, &pods.then) != Some(true) {
                continue;
            }
            let usage = of_pod(&pods.then);
            add(&mut more, &usage, pods.replicas);
            add(&mut asked, &usage, pods.replicas);
            let before = pods.now.as_ref();
            let before = before.filter(|now| scope::counts_pod(self.object, now) == Some(true));
            if let Some(now) = before {
                add(&mut more, &of_pod(now), -pods.living);
            }
            each.push((*check, usage));
        }
        CountedPods { more, asked, each }
    }

    /// Containers that do not say what a quota counts.
    fn unsaid(&self, check: &PipelineCheck<'_>) -> Option<Finding> {
        let pod = &check.pods.as_ref()?.then;
        if scope::counts_pod(self.object, pod) != Some(true) {
            return None;
        }
        let demanded = SAID.iter().filter(|name| self.hard.contains_key(**name));
        let demanded: Vec<_> = demanded.collect();
        let lines = containers(pod).filter_map(|container| {
            let Demand { requests, limits } = Demand::of_container(container);
            let says = |name: &str| match name.split_once('.') {
                Some(("limits", of)) => limits.contains_key(of),
                Some((_, of)) => requests.contains_key(of),
                None => requests.contains_key(name),
            };
            let unsaid = demanded.iter().filter(|name| !says(name)).map(|name| **name);
            let unsaid: Vec<_> = unsaid.collect();
            let name = json::name_of(container);
            (!unsaid.is_empty())
                .then(|| format!("container {name} does not say {}", unsaid.join(", ")))
        });
        let lines: Vec<_> = lines.collect();
        if lines.is_empty() {
            return None;
        }
        let object = &check.plan.stateful_set.object;
        let what =
            format!("{} refuses pods of {object} that do not say what they use", self.name());
        let problem =
            Problem::new(Code::QuotaNeedsResources, what).on(object).why(lines.join("\n"));
        let hint = "set `resources` of these containers, or have defaults set by a LimitRange";
        Some(check.finding(Severity::Warning, problem.hint(hint)))
    }

    /// The resources of which more would be used than may be, of those that are asked for.
    fn over(&self, more: &Amounts, asked: &Amounts) -> Vec<&str> {
        let over = self.hard.iter().filter(|(name, hard)| {
            asked.get(*name).is_some_and(|asked| *asked > 0) && self.then(name, more) > **hard
        });
        over.map(|(name, _)| name.as_str()).collect()
    }

    fn then(&self, name: &str, more: &Amounts) -> i128 {
        let of = |amounts: &Amounts| amounts.get(name).copied().unwrap_or_default();
        of(&self.used) + of(&self.planned) + of(more)
    }

    fn lines(&self, over: &[&str], more: &Amounts) -> String {
        let line = |name: &&str| {
            let used = self.used.get(*name).copied().unwrap_or_default();
            let (hard, then) = (shown(self.hard[*name]), shown(self.then(name, more)));
            format!(
                "{name}: {then} would be used, at most {hard} may be; {} is used now",
                shown(used)
            )
        };
        over.iter().map(line).collect::<Vec<_>>().join("\n")
    }

    fn name(&self) -> String {
        format!("quota {}", name(&self.object.metadata))
    }

    fn hint(&self, instead: &str) -> String {
        let namespace = self.object.metadata.namespace.as_deref().unwrap_or_default();
        let name = name(&self.object.metadata);
        format!(
            "{instead}, free some of the quota, or have it raised: kubectl -n {namespace} describe quota/{name}"
        )
    }
}

/// Adds what is used so many times.
pub(super) fn add(all: &mut Amounts, usage: &Amounts, times: i128) {
    for (name, size) in usage {
        *all.entry(name.clone()).or_default() += size * times;
    }
}

/// Leaves out what the server says of an object of which the same quota is reported here, for all objects together.
pub(super) fn drop_repeated(problems: &mut Vec<Problem>, findings: &[Finding]) {
    let ours = findings.iter().map(|it| &it.problem).filter(|it| it.code == Code::QuotaExceeded);
    let ours: Vec<_> = ours.collect();
    problems.retain(|problem| {
        let why = problem.why.as_deref().unwrap_or_default();
        let same = |it: &&Problem| {
            let name = it.what.split_whitespace().nth(1).unwrap_or_default();
            it.object == problem.object && why.contains(&format!("exceeded quota: {name},"))
        };
        problem.code != Code::AdmissionDenied || !ours.iter().any(same)
    });
}

pub(crate) mod scope;
#[cfg(test)]
mod tests;
pub(crate) mod usage;
