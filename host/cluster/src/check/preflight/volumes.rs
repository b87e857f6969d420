//! Claims whose class makes no volume for them.
//!
//! Of a class that makes volumes, only its driver knows which access modes it has; that is left to the events of the
//! claim. Volumes made by hand say all of it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use wellhead_diagnostics::Code;

use super::facts::ClusterFacts;
use super::nodes::Wanted;
use super::pipeline_check::{Finding, PipelineCheck, Severity};
use super::selector;
use crate::check::storage_class::is_default;
use crate::decide::plan::{Decision, Step};
use crate::model::error::Problem;
use crate::model::json;
use crate::model::quantity::amount;

/// The provisioner of classes whose volumes are made by hand.
/// <https://kubernetes.io/docs/concepts/storage/storage-classes/#local>
const BY_HAND: &str = "kubernetes.io/no-provisioner";

/// Whether volumes must be looked at: claims of these classes may need ones that are made by hand.
pub(super) fn may_be_by_hand<'c>(
    claims: impl IntoIterator<Item = Option<&'c str>>,
    classes: &[Value],
) -> bool {
    let mut claims = claims.into_iter();
    claims.any(|name| match name {
        Some(name) => is_by_hand(name, classes),
        None => classes.iter().any(|it| is_default(it) && is_by_hand(json::name(it), classes)),
    })
}

/// A name without a class is what volumes made by hand may carry, and the empty name asks for one without.
fn is_by_hand(name: &str, classes: &[Value]) -> bool {
    let class = classes.iter().find(|it| json::name(it) == name);
    class.is_none_or(|class| json::text(class, "/provisioner") == BY_HAND)
}

/// A new claim of a pipeline.
struct Claim<'c> {
    check: &'c PipelineCheck<'c>,
    step: &'c Step,
    class: &'c str,
}

impl Claim<'_> {
    fn spec(&self) -> &Value {
        let claim = self.step.stored();
        claim.pointer("/spec").unwrap_or(&Value::Null)
    }

    fn warning(&self, problem: Problem) -> Finding {
        self.check.finding(Severity::Warning, problem.on(&self.step.object))
    }
}

pub(super) fn judge(facts: &ClusterFacts, checks: &[PipelineCheck<'_>]) -> Vec<Finding> {
    let Some(classes) = &facts.classes else { return Vec::new() };
    let claims = checks.iter().flat_map(|check| new_claims(check, classes));
    let claims: Vec<_> = claims.collect();
    let mut findings: Vec<_> =
        claims.iter().filter_map(|claim| misplaced(facts, classes, claim)).collect();
    let by_hand = claims.into_iter().filter(|claim| is_by_hand(claim.class, classes));
    if let Some(volumes) = &facts.volumes {
        findings.extend(without_volume(facts, &by_hand.collect::<Vec<_>>(), volumes));
    }
    findings
}

fn new_claims<'c>(
    check: &'c PipelineCheck<'c>,
    classes: &'c [Value],
) -> impl Iterator<Item = Claim<'c>> + 'c {
    let new = |step: &&Step| step.live.is_none() && step.decision != Decision::Refuse;
    check.plan.claims.iter().filter(new).filter_map(move |step| {
        let claim = step.stored();
        let named = json::storage_class(claim);
        let default = || classes.iter().find(|it| is_default(it)).map(json::name);
        Some(Claim { check, step, class: named.or_else(default)? })
    })
}

/// A class that makes volumes only where no pod of the pipeline could run.
/// <https://kubernetes.io/docs/concepts/storage/storage-classes/#allowed-topologies>
fn misplaced(facts: &ClusterFacts, classes: &[Value], claim: &Claim<'_>) -> Option<Finding> {
    let nodes = facts.nodes.as_ref().filter(|nodes| !nodes.is_empty())?;
    let class = classes.iter().find(|it| json::name(it) == claim.class)?;
    let places = json::items(class, "/allowedTopologies");
    let pod = Wanted::of(&claim.check.pod);
    let is_there = |node: &Value| {
        places.iter().any(|place| {
            json::items(place, "/matchLabelExpressions").iter().all(|it| {
                let value = selector::label(node, json::text(it, "/key"));
                json::items(it, "/values").iter().any(|one| one.as_str() == value)
            })
        })
    };
    if places.is_empty() || nodes.iter().any(|it| is_there(it) && pod.obstacle(it).is_none()) {
        return None;
    }
    let what = format!("no node where {} may have its volume could run its pod", claim.step.object);
    let problem = Problem::new(Code::VolumeTopology, what)
        .why(format!("allowedTopologies of class \"{}\": {}", claim.class, Value::from(places)))
        .hint("use another class, or let the pods run there: `nodeSelector`, `affinity`, `tolerations`");
    Some(claim.warning(problem))
}

/// The volumes made by hand that these claims would have, each named by its position.
pub(super) fn taken(facts: &ClusterFacts, checks: &[PipelineCheck<'_>]) -> Vec<usize> {
    let (Some(classes), Some(volumes)) = (&facts.classes, &facts.volumes) else {
        return Vec::new();
    };
    let claims = checks.iter().flat_map(|check| new_claims(check, classes));
    let by_hand: Vec<_> = claims.filter(|claim| is_by_hand(claim.class, classes)).collect();
    matched(&fitting(facts, &by_hand, volumes)).into_keys().collect()
}

/// The volumes that fit each claim.
fn fitting(facts: &ClusterFacts, claims: &[Claim<'_>], volumes: &[Value]) -> Vec<Vec<usize>> {
    let fitting = claims.iter().map(|claim| {
        let fits = |volume: &Value| obstacle(facts, claim, volume).is_none();
        volumes.iter().enumerate().filter(|(_, it)| fits(it)).map(|(at, _)| at).collect()
    });
    fitting.collect()
}

/// Claims that get no volume, even if volumes were handed out as well as can be.
fn without_volume(facts: &ClusterFacts, claims: &[Claim<'_>], volumes: &[Value]) -> Vec<Finding> {
    let fitting = fitting(facts, claims, volumes);
    let served: BTreeSet<_> = matched(&fitting).into_values().collect();
    let unserved = claims.iter().enumerate().filter(|(at, _)| !served.contains(at));
    let finding = |(at, claim): (usize, &Claim<'_>)| {
        let mut counted = BTreeMap::<String, usize>::new();
        for volume in volumes {
            let reason = obstacle(facts, claim, volume);
            *counted.entry(reason.unwrap_or_else(|| "other claims need it".into())).or_default() +=
                1;
        }
        counted.remove(OTHER_CLASS);
        let mut why = vec![binding(facts, claim.class)];
        why.extend(
            counted.into_iter().map(|(reason, count)| format!("{count} of its volumes: {reason}")),
        );
        let too_few = !fitting[at].is_empty();
        let what = if too_few { "too few free volumes fit" } else { "no free volume fits" };
        let released = volumes.iter().find(|volume| is_released(claim, volume));
        // https://kubernetes.io/docs/concepts/storage/persistent-volumes/#retain
        let free = released.map(|volume| {
            format!(
                "\nor let this claim have a released one with the data on it: kubectl patch pv {} \
                 -p '{{\"spec\":{{\"claimRef\":null}}}}'",
                json::name(volume)
            )
        });
        let add = "add such volumes, or use a class that makes them: kubectl get pv";
        let problem = Problem::new(Code::NoMatchingVolume, format!("{what} {}", claim.step.object))
            .why(why.join("\n"))
            .hint(format!("{add}{}", free.unwrap_or_default()));
        claim.warning(problem)
    };
    unserved.map(finding).collect()
}

const OTHER_CLASS: &str = "another class";

/// When a claim of a class gets its volume.
fn binding(facts: &ClusterFacts, name: &str) -> String {
    let mut classes = facts.classes.iter().flatten();
    let mode = classes.find(|it| json::name(it) == name);
    let mode = mode.map_or("", |class| json::text(class, "/volumeBindingMode"));
    let when = match mode {
        "WaitForFirstConsumer" => "when its pod is scheduled",
        _ => "at once, before its pod is scheduled",
    };
    format!(
        "class \"{name}\" makes no volumes; a claim binds to one that an administrator created {when}"
    )
}

/// Why a volume is none for a claim.
/// <https://kubernetes.io/docs/concepts/storage/persistent-volumes/#binding>
fn obstacle(facts: &ClusterFacts, claim: &Claim<'_>, volume: &Value) -> Option<String> {
    let spec = claim.spec();
    let of = |pointer: &str| json::text(volume, pointer);
    if json::storage_class(volume).unwrap_or_default() != claim.class {
        return Some(OTHER_CLASS.to_owned());
    }
    let named = json::text(spec, "/volumeName");
    if !named.is_empty() && named != json::name(volume) {
        return Some("the claim names another".to_owned());
    }
    if !is_free(volume, claim) {
        return Some(match of("/status/phase") {
            "Released" => "it still belongs to a claim that is gone (Released)".to_owned(),
            "Failed" => "it could not be reclaimed (Failed)".to_owned(),
            _ => "it is taken".to_owned(),
        });
    }
    let size = json::text(spec, "/resources/requests/storage");
    let has = of("/spec/capacity/storage");
    if amount(has) < amount(size) {
        return Some(format!("{has} is less than {size}"));
    }
    let modes = json::items(volume, "/spec/accessModes");
    if let Some(mode) = json::items(spec, "/accessModes").iter().find(|it| !modes.contains(it)) {
        return Some(format!(
            "it does not have the access mode {}",
            mode.as_str().unwrap_or_default()
        ));
    }
    let mode =
        |text: &'static str, of: &str| if of.is_empty() { text.to_owned() } else { of.to_owned() };
    let wanted = mode("Filesystem", json::text(spec, "/volumeMode"));
    if wanted != mode("Filesystem", of("/spec/volumeMode")) {
        return Some(format!("it does not have the volume mode {wanted}"));
    }
    let attributes = json::text(spec, "/volumeAttributesClassName");
    if attributes != of("/spec/volumeAttributesClassName") {
        return Some("it has other volume attributes".to_owned());
    }
    if spec.get("selector").is_some_and(|wanted| !selector::admits(wanted, volume)) {
        return Some("it does not have the labels of the selector".to_owned());
    }
    (!is_reachable(facts, claim, volume))
        .then(|| "no node that has it could run the pod".to_owned())
}

/// Whether a volume of the claim's class is kept for a claim that is gone.
fn is_released(claim: &Claim<'_>, volume: &Value) -> bool {
    json::text(volume, "/status/phase") == "Released"
        && json::storage_class(volume).unwrap_or_default() == claim.class
}

/// One that is bound, or kept for another claim, is not free.
fn is_free(volume: &Value, claim: &Claim<'_>) -> bool {
    let object = &claim.step.object;
    let of = |pointer: &str| json::text(volume, pointer);
    let phase = of("/status/phase");
    (phase == "Available" || phase == "Pending")
        && (volume.pointer("/spec/claimRef").is_none()
            || (of("/spec/claimRef/namespace") == object.namespace
                && of("/spec/claimRef/name") == object.name
                && of("/spec/claimRef/uid").is_empty()))
}

fn is_reachable(facts: &ClusterFacts, claim: &Claim<'_>, volume: &Value) -> bool {
    let Some(wanted) = volume.pointer("/spec/nodeAffinity/required") else { return true };
    let Some(nodes) = facts.nodes.as_ref().filter(|nodes| !nodes.is_empty()) else { return true };
    let pod = Wanted::of(&claim.check.pod);
    nodes.iter().any(|node| selector::admits_node(wanted, node) && pod.obstacle(node).is_none())
}

/// Which claims get a volume when as many as possible do: augmenting paths, by Kuhn's algorithm.
fn matched(fitting: &[Vec<usize>]) -> BTreeMap<usize, usize> {
    let mut owners = BTreeMap::<usize, usize>::new();
    for claim in 0..fitting.len() {
        let mut seen = Vec::new();
        augment(claim, fitting, &mut owners, &mut seen);
    }
    owners
}

fn augment(
    claim: usize,
    fitting: &[Vec<usize>],
    owners: &mut BTreeMap<usize, usize>,
    seen: &mut Vec<usize>,
) -> bool {
    for volume in &fitting[claim] {
        if seen.contains(volume) {
            continue;
        }
        seen.push(*volume);
        let owner = owners.get(volume).copied();
        if owner.is_none_or(|owner| augment(owner, fitting, owners, seen)) {
            owners.insert(*volume, claim);
            return true;
        }
    }
    false
}

pub(crate) mod attributes;
pub(crate) mod class;
#[cfg(test)]
mod tests;
