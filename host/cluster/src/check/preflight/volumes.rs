//! Claims whose class makes no volume for them.
//!
//! Of a class that makes volumes, only its driver knows which access modes it has; that is left to the events of the
//! claim. Volumes made by hand say all of it.

use std::collections::{BTreeMap, BTreeSet};

use k8s_openapi::api::core::v1::{Node, PersistentVolume};
use k8s_openapi::api::storage::v1::StorageClass;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;
use serde_json::{Value, json};
use wellhead_diagnostics::Code;

use super::facts::ClusterFacts;
use super::nodes::Wanted;
use super::pipeline_check::{Finding, PipelineCheck, Severity};
use super::selector;
use crate::check::storage_class::is_default;
use crate::decide::plan::{Decision, Step};
use crate::model::error::Problem;
use crate::model::json;
use crate::model::json::class::HasStorageClass as _;
use crate::model::json::typed::{label, name, typed};
use crate::model::quantity::amount;

/// The provisioner of classes whose volumes are made by hand.
/// <https://kubernetes.io/docs/concepts/storage/storage-classes/#local>
const BY_HAND: &str = "kubernetes.io/no-provisioner";

/// Whether volumes must be looked at: claims of these classes may need ones that are made by hand.
pub(super) fn may_be_by_hand<'c>(
    claims: impl IntoIterator<Item = Option<&'c str>>,
    classes: &[StorageClass],
) -> bool {
    let mut claims = claims.into_iter();
    claims.any(|class| match class {
        Some(class) => is_by_hand(class, classes),
        None => classes.iter().any(|it| is_default(it) && is_by_hand(name(&it.metadata), classes)),
    })
}

/// A name without a class is what volumes made by hand may carry, and the empty name asks for one without.
fn is_by_hand(class: &str, classes: &[StorageClass]) -> bool {
    let class = classes.iter().find(|it| name(&it.metadata) == class);
    class.is_none_or(|class| class.provisioner == BY_HAND)
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
    classes: &'c [StorageClass],
) -> impl Iterator<Item = Claim<'c>> + 'c {
    let new = |step: &&Step| step.live.is_none() && step.decision != Decision::Refuse;
    check.plan.claims.iter().filter(new).filter_map(move |step| {
        let claim = step.stored();
        let named = claim.storage_class();
        let default = || classes.iter().find(|it| is_default(it)).map(|it| name(&it.metadata));
        Some(Claim { check, step, class: named.or_else(default)? })
    })
}

/// A class that makes volumes only where no pod of the pipeline could run.
/// <https://kubernetes.io/docs/concepts/storage/storage-classes/#allowed-topologies>
fn misplaced(facts: &ClusterFacts, classes: &[StorageClass], claim: &Claim<'_>) -> Option<Finding> {
    let nodes = facts.nodes.as_ref().filter(|nodes| !nodes.is_empty())?;
    let class = classes.iter().find(|it| name(&it.metadata) == claim.class)?;
    let places = class.allowed_topologies.as_deref().unwrap_or_default();
    let pod = Wanted::of(&claim.check.pod);
    let is_there = |node: &Node| {
        places.iter().any(|place| {
            place.match_label_expressions.iter().flatten().all(|it| {
                let value = label(&node.metadata, &it.key);
                it.values.iter().any(|one| Some(one.as_str()) == value)
            })
        })
    };
    if places.is_empty() || nodes.iter().any(|it| is_there(it) && pod.obstacle(it).is_none()) {
        return None;
    }
    let what = format!("no node where {} may have its volume could run its pod", claim.step.object);
    let problem = Problem::new(Code::VolumeTopology, what)
        .why(format!("allowedTopologies of class \"{}\": {}", claim.class, json!(places)))
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
fn fitting(
    facts: &ClusterFacts,
    claims: &[Claim<'_>],
    volumes: &[PersistentVolume],
) -> Vec<Vec<usize>> {
    let fitting = claims.iter().map(|claim| {
        let fits = |volume: &PersistentVolume| obstacle(facts, claim, volume).is_none();
        volumes.iter().enumerate().filter(|(_, it)| fits(it)).map(|(at, _)| at).collect()
    });
    fitting.collect()
}

/// Claims that get no volume, even if volumes were handed out as well as can be.
fn without_volume(
    facts: &ClusterFacts,
    claims: &[Claim<'_>],
    volumes: &[PersistentVolume],
) -> Vec<Finding> {
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
                name(&volume.metadata)
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
fn binding(facts: &ClusterFacts, class: &str) -> String {
    let mut classes = facts.classes.iter().flatten();
    let found = classes.find(|it| name(&it.metadata) == class);
    let when = match found.and_then(|it| it.volume_binding_mode.as_deref()) {
        Some("WaitForFirstConsumer") => "when its pod is scheduled",
        _ => "at once, before its pod is scheduled",
    };
    format!(
        "class \"{class}\" makes no volumes; a claim binds to one that an administrator created {when}"
    )
}

/// Why a volume is none for a claim.
/// <https://kubernetes.io/docs/concepts/storage/persistent-volumes/#binding>
fn obstacle(facts: &ClusterFacts, claim: &Claim<'_>, volume: &PersistentVolume) -> Option<String> {
    let spec = claim.spec();
    let Some(of) =
        volume.spec.as_ref().filter(|_| volume.storage_class().unwrap_or_default() == claim.class)
    else {
        return Some(OTHER_CLASS.to_owned());
    };
    let named = json::text(spec, "/volumeName");
    if !named.is_empty() && named != name(&volume.metadata) {
        return Some("the claim names another".to_owned());
    }
    if !is_free(volume, claim) {
        return Some(match phase(volume) {
            "Released" => "it still belongs to a claim that is gone (Released)".to_owned(),
            "Failed" => "it could not be reclaimed (Failed)".to_owned(),
            _ => "it is taken".to_owned(),
        });
    }
    let size = json::text(spec, "/resources/requests/storage");
    let has = of.capacity.as_ref().and_then(|it| it.get("storage"));
    let has = has.map(|it| it.0.as_str()).unwrap_or_default();
    if amount(has) < amount(size) {
        return Some(format!("{has} is less than {size}"));
    }
    let modes = of.access_modes.as_deref().unwrap_or_default();
    let mut wanted = json::items(spec, "/accessModes").iter().filter_map(Value::as_str);
    if let Some(mode) = wanted.find(|it| !modes.iter().any(|mode| mode == it)) {
        return Some(format!("it does not have the access mode {mode}"));
    }
    let mode = |of: &str| if of.is_empty() { "Filesystem".to_owned() } else { of.to_owned() };
    let wanted = mode(json::text(spec, "/volumeMode"));
    if wanted != mode(of.volume_mode.as_deref().unwrap_or_default()) {
        return Some(format!("it does not have the volume mode {wanted}"));
    }
    let attributes = json::text(spec, "/volumeAttributesClassName");
    if attributes != of.volume_attributes_class_name.as_deref().unwrap_or_default() {
        return Some("it has other volume attributes".to_owned());
    }
    let selector = spec.get("selector").cloned().and_then(typed::<LabelSelector>);
    if selector.is_some_and(|wanted| !selector::admits(&wanted, &volume.metadata)) {
        return Some("it does not have the labels of the selector".to_owned());
    }
    (!is_reachable(facts, claim, volume))
        .then(|| "no node that has it could run the pod".to_owned())
}

/// Whether a volume of the claim's class is kept for a claim that is gone.
fn is_released(claim: &Claim<'_>, volume: &PersistentVolume) -> bool {
    phase(volume) == "Released" && volume.storage_class().unwrap_or_default() == claim.class
}

/// One that is bound, or kept for another claim, is not free.
fn is_free(volume: &PersistentVolume, claim: &Claim<'_>) -> bool {
    let object = &claim.step.object;
    let owner = volume.spec.as_ref().and_then(|it| it.claim_ref.as_ref());
    matches!(phase(volume), "Available" | "Pending")
        && owner.is_none_or(|it| {
            it.namespace.as_ref() == Some(&object.namespace)
                && it.name.as_ref() == Some(&object.name)
                && it.uid.as_deref().unwrap_or_default().is_empty()
        })
}

/// The phase of a volume, or "".
fn phase(volume: &PersistentVolume) -> &str {
    let phase = volume.status.as_ref().and_then(|it| it.phase.as_deref());
    phase.unwrap_or_default()
}

fn is_reachable(facts: &ClusterFacts, claim: &Claim<'_>, volume: &PersistentVolume) -> bool {
    let affinity = volume.spec.as_ref().and_then(|it| it.node_affinity.as_ref());
    let Some(wanted) = affinity.and_then(|it| it.required.as_ref()) else { return true };
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
