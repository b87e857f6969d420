//! Claims that the pods of a pipeline would share because their template names them.
//!
//! The claims of a pipeline are one for each pod. A claim in `volumes` is one for all of them, and whether
//! they can share it is up to its access modes. <https://kubernetes.io/docs/concepts/storage/persistent-volumes/#access-modes>

use std::collections::{BTreeSet, HashSet};

use serde_json::Value;
use wellhead_diagnostics::Code;

use super::facts::ClusterFacts;
use super::pipeline_check::{Finding, PipelineCheck, Severity};
use crate::decide::plan::PipelinePlan;
use crate::model::error::Problem;
use crate::model::json;
use crate::model::object::{Kind, ObjectRef};
use crate::observe::ending;
use crate::observe::ending::Ending;

/// The claims that the pods of a pipeline name, each with its volume.
pub(super) fn named<S>(plan: &PipelinePlan<S>) -> Vec<(&str, ObjectRef)> {
    let body = &plan.stateful_set.body;
    let templates = json::items(body, "/spec/volumeClaimTemplates");
    let volumes = json::items(body, "/spec/template/spec/volumes").iter();
    let claims = volumes.filter_map(|volume| {
        let claim = json::text(volume, "/persistentVolumeClaim/claimName");
        // The controller puts the claim of the pod in its place.
        let replaced = templates.iter().any(|it| json::name(it) == json::name_of(volume));
        let object = ObjectRef::new(Kind::PersistentVolumeClaim, &plan.pipeline.namespace, claim);
        (!claim.is_empty() && !replaced).then(|| (json::name_of(volume), object))
    });
    claims.collect()
}

/// The claims that must be looked at: not those of this run.
pub(super) fn asked<S>(
    plans: &[&PipelinePlan<S>],
    claims: &HashSet<&ObjectRef>,
) -> BTreeSet<ObjectRef> {
    let named = plans.iter().flat_map(|plan| named(plan)).map(|(_, object)| object);
    named.filter(|object| !claims.contains(object)).collect()
}

pub(super) fn judge(facts: &ClusterFacts, check: &PipelineCheck<'_>) -> Vec<Finding> {
    let replicas = check.pods.as_ref().map_or(0, |pods| pods.replicas);
    let set = &check.plan.stateful_set.object;
    let mut problems = Vec::new();
    for (volume, claim) in named(check.plan) {
        let field = format!("spec.template.spec.volumes.{volume}");
        let own = check.plan.claims.iter().find(|step| step.object == claim);
        let found = match (facts.shared.get(&claim), own) {
            (Some(found), _) => found.as_ref(),
            (None, Some(step)) => Some(step.live.as_ref().unwrap_or(&step.body)),
            (None, None) => continue,
        };
        let problem = match found {
            None => missing(&claim),
            Some(found) if json::is_deleting(found) => {
                let found = Ending::read(claim.kind, found);
                ending::problem(&claim, &found, &check.plan.pipeline)
            }
            Some(found) => match shared(&claim, found, replicas) {
                Some(problem) => problem,
                None => continue,
            },
        };
        problems.push(check.finding(Severity::Warning, problem.on(set).field(field)));
    }
    problems.extend(disks(check.plan, replicas).into_iter().map(|(volume, problem)| {
        let field = format!("spec.template.spec.volumes.{volume}");
        check.finding(Severity::Warning, problem.on(set).field(field))
    }));
    problems
}

/// Disks that one node at a time can attach, and whether several can where all of them only read.
/// <https://kubernetes.io/docs/concepts/storage/persistent-volumes/#access-modes>
const DISKS: [(&str, bool); 8] = [
    ("awsElasticBlockStore", false),
    ("azureDisk", false),
    ("cinder", false),
    ("fc", true),
    ("gcePersistentDisk", true),
    ("iscsi", true),
    ("rbd", true),
    ("vsphereVolume", false),
];

/// The disks that several pods would share, each with its volume.
fn disks(plan: &PipelinePlan, replicas: i128) -> Vec<(&str, Problem)> {
    let volumes = json::items(&plan.stateful_set.body, "/spec/template/spec/volumes").iter();
    let disk = |volume: &Value| {
        let (kind, can_be_read) = *DISKS.iter().find(|(kind, _)| volume.get(kind).is_some())?;
        (!can_be_read || volume[kind]["readOnly"] != true).then_some((kind, can_be_read))
    };
    let shared =
        volumes.filter(|_| replicas > 1).filter_map(|it| Some((json::name_of(it), disk(it)?)));
    let problem = |(volume, (kind, can_be_read))| {
        let what = format!(
            "{replicas} pods share the {kind} of volume {volume}, which one node at a time can attach"
        );
        let read = if can_be_read { ", or mount it with `readOnly: true`" } else { "" };
        let problem = Problem::new(Code::VolumeNotSharable, what)
            .why("pods on other nodes do not start, and those on its node write to the same files")
            .hint(format!(
                "give each pod a volume of its own: an item of `claims` instead of `volumes`\n\
                 or set `replicas: 1`{read}"
            ));
        (volume, problem)
    };
    shared.map(problem).collect()
}

fn missing(claim: &ObjectRef) -> Problem {
    let what = format!("{claim} does not exist in namespace {}", claim.namespace);
    Problem::new(Code::ReferenceNotFound, what)
        .why("pods wait until it exists")
        .hint("create it first, or correct the volume")
}

fn shared(claim: &ObjectRef, found: &Value, replicas: i128) -> Option<Problem> {
    let modes: Vec<_> =
        json::items(found, "/spec/accessModes").iter().filter_map(Value::as_str).collect();
    if replicas < 2 || modes.iter().any(|mode| ["ReadWriteMany", "ReadOnlyMany"].contains(mode)) {
        return None;
    }
    let (what, why) = if modes.contains(&"ReadWriteOncePod") {
        let what = format!("{replicas} pods name {claim}, which only one pod can use");
        (what, "its access mode is ReadWriteOncePod: all pods but one stay Pending")
    } else {
        let what = format!("{replicas} pods share {claim}, which one node at a time can mount");
        let why = "its access mode is ReadWriteOnce: pods on other nodes do not start, and those on its node write \
                   to the same files";
        (what, why)
    };
    Some(Problem::new(Code::VolumeNotSharable, what).why(why).hint(
        "give each pod a volume of its own: an item of `claims` instead of `volumes`\n\
         or set `replicas: 1`, or use a claim with the access mode ReadWriteMany",
    ))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::check::preflight::facts::ClusterFacts;
    use crate::check::preflight::fixture::{checks, facts, plan};
    use crate::check::preflight::pipeline_check::Severity;

    /// What is said of pods that name a claim.
    fn said(replicas: usize, claim: Option<Value>) -> Vec<String> {
        let mut plan = plan("db", replicas, &json!({}));
        let spec = &mut plan.stateful_set.body["spec"]["template"]["spec"];
        spec["volumes"] = json!([{"name": "home", "persistentVolumeClaim": {"claimName": "home"}}]);
        let object = ObjectRef::new(Kind::PersistentVolumeClaim, "ns", "home");
        let facts = ClusterFacts { shared: [(object, claim)].into(), ..facts(&[], &[]) };
        let plans = [plan];
        let found = judge(&facts, &checks(&plans, &facts)[0]);
        assert!(found.iter().all(|it| it.severity == Severity::Warning));
        found.into_iter().map(|it| it.problem.to_string()).collect()
    }

    fn claim(modes: &[&str]) -> Value {
        json!({"metadata": {"name": "home"}, "spec": {"accessModes": modes}})
    }

    #[test]
    fn pods_that_cannot_share_a_claim_are_told() {
        let once = said(3, Some(claim(&["ReadWriteOnce"])));
        assert_eq!(once, ["WH0318: 3 pods share claim/home, which one node at a time can mount"]);
        let alone = said(2, Some(claim(&["ReadWriteOncePod"])));
        assert_eq!(alone, ["WH0318: 2 pods name claim/home, which only one pod can use"]);
        for (replicas, modes) in [
            (1, &["ReadWriteOnce"][..]),
            (3, &["ReadWriteMany"]),
            (3, &["ReadOnlyMany"]),
            (3, &["ReadWriteOnce", "ReadWriteMany"]),
        ] {
            assert_eq!(said(replicas, Some(claim(modes))), [""; 0], "{replicas} {modes:?}");
        }
        assert_eq!(said(1, None), ["WH0310: claim/home does not exist in namespace ns"]);
        let mut ending = claim(&["ReadWriteMany"]);
        ending["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:00Z".into();
        assert!(said(1, Some(ending))[0].starts_with("WH0404: claim/home is being deleted"));
    }

    #[test]
    fn a_disk_that_several_pods_would_attach_is_told() {
        let said = |replicas: usize, volume: Value| {
            let mut plan = plan("db", replicas, &json!({}));
            plan.stateful_set.body["spec"]["template"]["spec"]["volumes"] = json!([volume]);
            let (facts, plans) = (facts(&[], &[]), [plan]);
            let found = judge(&facts, &checks(&plans, &facts)[0]);
            found.into_iter().map(|it| it.problem.to_string()).collect::<Vec<_>>()
        };
        for (kind, can_be_read) in DISKS {
            let what = format!(
                "WH0318: 3 pods share the {kind} of volume d, which one node at a time can attach"
            );
            assert_eq!(said(3, json!({"name": "d", kind: {}})), [what]);
            assert_eq!(said(1, json!({"name": "d", kind: {}})), [""; 0]);
            let read = said(3, json!({"name": "d", kind: {"readOnly": true}}));
            assert_eq!(read.is_empty(), can_be_read, "{kind}");
        }
        assert_eq!(said(3, json!({"name": "d", "nfs": {"server": "s", "path": "/"}})), [""; 0]);
    }

    #[test]
    fn a_volume_that_a_claim_template_replaces_and_claims_of_the_run_are_not_asked_for() {
        let mut plan = plan("db", 1, &json!({}));
        let volume = |name: &str, claim: &str| json!({"name": name, "persistentVolumeClaim": {"claimName": claim}});
        let spec = &mut plan.stateful_set.body["spec"];
        spec["volumeClaimTemplates"] = json!([{"metadata": {"name": "data"}}]);
        spec["template"]["spec"]["volumes"] = json!([
            volume("data", "old"), volume("own", "data-db-0"), volume("home", "home"), {"name": "tmp"}]);
        let own = ObjectRef::new(Kind::PersistentVolumeClaim, "ns", "data-db-0");
        let of_run = HashSet::from([&own]);
        let asked: Vec<_> = asked(&[&plan], &of_run).into_iter().map(|it| it.name).collect();
        assert_eq!(asked, ["home"]);
        let unknown = ClusterFacts::default();
        let plans = [plan];
        assert!(judge(&unknown, &checks(&plans, &unknown)[0]).is_empty(), "it may not be read");
    }
}
