use serde_json::{Value, json};

use super::{judge, matched, may_be_by_hand};
use crate::check::preflight::facts::ClusterFacts;
use crate::check::preflight::fixture::{checks, facts, plan, typed};
use crate::check::preflight::pipeline_check::Finding;

fn class(provisioner: &str) -> Value {
    json!({"metadata": {"name": "fast"}, "provisioner": provisioner,
           "volumeBindingMode": "WaitForFirstConsumer"})
}

fn volume(name: &str, size: &str) -> Value {
    json!({"metadata": {"name": name, "labels": {"rack": "a"}},
           "spec": {"storageClassName": "fast", "accessModes": ["ReadWriteOnce"],
                    "capacity": {"storage": size}},
           "status": {"phase": "Available"}})
}

fn known(class: Value, volumes: Vec<Value>) -> ClusterFacts {
    let volumes = volumes.into_iter().map(typed).collect();
    ClusterFacts { classes: Some(vec![typed(class)]), volumes: Some(volumes), ..facts(&[], &[]) }
}

fn node() -> Value {
    json!({"metadata": {"name": "n1", "labels": {"zone": "a"}},
           "status": {"allocatable": {"cpu": "4"}}})
}

fn says(facts: &ClusterFacts, replicas: usize) -> Vec<String> {
    let plans = [plan("db", replicas, &json!({}))];
    let found = |it: &Finding| {
        let problem = &it.problem;
        format!("{} {}", problem.what, problem.why.as_deref().unwrap_or_default())
    };
    judge(facts, &checks(&plans, facts)).iter().map(found).collect()
}

fn by_hand(volumes: Vec<Value>) -> ClusterFacts {
    known(class("kubernetes.io/no-provisioner"), volumes)
}

/// Why a volume is none for the claim, or "".
fn reason(change: impl Fn(&mut Value)) -> String {
    let mut volume = volume("v1", "2Gi");
    change(&mut volume);
    let said = says(&by_hand(vec![volume]), 1);
    said.first().map_or(String::new(), |it| it.rsplit("its volumes: ").next().unwrap().to_owned())
}

#[test]
fn a_class_that_makes_volumes_needs_none() {
    assert_eq!(says(&known(class("csi.example.com"), vec![]), 2), [""; 0]);
}

#[test]
fn each_claim_needs_a_volume_of_its_own() {
    let two = || vec![volume("v1", "1Gi"), volume("v2", "9Gi")];
    assert_eq!(says(&by_hand(two()), 2), [""; 0]);
    let said = says(&by_hand(two()), 3);
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(said[0].starts_with("too few free volumes fit claim/data-db-2"), "{said:?}");
    let said = says(&by_hand(vec![]), 1);
    let binding = "class \"fast\" makes no volumes; a claim binds to one that an administrator created when its pod is scheduled";
    assert_eq!(said, [format!("no free volume fits claim/data-db-0 {binding}")]);
}

#[test]
fn a_volume_must_fit_in_everything() {
    assert_eq!(reason(|_| {}), "");
    let phase = |phase: &str| reason(|it| it["status"]["phase"] = phase.into());
    assert_eq!(phase("Bound"), "it is taken");
    assert_eq!(phase("Released"), "it still belongs to a claim that is gone (Released)");
    assert_eq!(phase("Failed"), "it could not be reclaimed (Failed)");
    let by_annotation = |it: &mut Value| {
        it["metadata"]["annotations"] = json!({"volume.beta.kubernetes.io/storage-class": "fast"});
        it["spec"]["storageClassName"] = "other".into();
    };
    assert_eq!(reason(by_annotation), "", "the annotation wins");
    let kept = json!({"namespace": "ns", "name": "other"});
    assert_eq!(reason(|it| it["spec"]["claimRef"] = kept.clone()), "it is taken");
    let ours = json!({"namespace": "ns", "name": "data-db-0"});
    assert_eq!(reason(|it| it["spec"]["claimRef"] = ours.clone()), "");
    assert_eq!(
        reason(|it| it["spec"]["capacity"]["storage"] = "512Mi".into()),
        "512Mi is less than 1Gi"
    );
    assert_eq!(
        reason(|it| it["spec"]["accessModes"] = json!(["ReadOnlyMany"])),
        "it does not have the access mode ReadWriteOnce"
    );
    assert_eq!(
        reason(|it| it["spec"]["volumeMode"] = "Block".into()),
        "it does not have the volume mode Filesystem"
    );
    let gold = |it: &mut Value| it["spec"]["volumeAttributesClassName"] = "gold".into();
    assert_eq!(reason(gold), "it has other volume attributes");
}

#[test]
fn a_selector_and_a_name_choose_among_volumes() {
    let with = |key: &str, value: Value| {
        let mut plan = plan("db", 1, &json!({}));
        plan.claims[0].body["spec"][key] = value;
        let (plans, facts) = ([plan], by_hand(vec![volume("v1", "1Gi")]));
        judge(&facts, &checks(&plans, &facts)).len()
    };
    assert_eq!(with("selector", json!({"matchLabels": {"rack": "a"}})), 0);
    assert_eq!(with("selector", json!({"matchLabels": {"rack": "b"}})), 1);
    assert_eq!(with("volumeName", json!("v1")), 0);
    assert_eq!(with("volumeName", json!("v2")), 1);
}

#[test]
fn a_volume_on_a_node_that_cannot_run_the_pod_is_none() {
    let on = |zone: &str| {
        let mut volume = volume("v1", "1Gi");
        let term =
            json!({"matchExpressions": [{"key": "zone", "operator": "In", "values": [zone]}]});
        volume["spec"]["nodeAffinity"] = json!({"required": {"nodeSelectorTerms": [term]}});
        let mut facts = by_hand(vec![volume]);
        facts.nodes = Some(vec![typed(node())]);
        says(&facts, 1).len()
    };
    assert_eq!(on("a"), 0);
    assert_eq!(on("b"), 1);
}

#[test]
fn a_class_of_another_place_is_told() {
    let in_zone = |zone: &str| {
        let mut class = class("csi.example.com");
        class["allowedTopologies"] =
            json!([{"matchLabelExpressions": [{"key": "zone", "values": [zone]}]}]);
        let mut facts = known(class, vec![]);
        facts.nodes = Some(vec![typed(node())]);
        says(&facts, 1)
    };
    assert_eq!(in_zone("a"), [""; 0]);
    assert!(in_zone("b")[0].starts_with("no node where claim/data-db-0 may have its volume"));
}

#[test]
fn volumes_are_handed_out_as_well_as_can_be() {
    // The first claim must leave the volume that is the only one for the second.
    assert_eq!(matched(&[vec![0, 1], vec![0]]).len(), 2);
    assert_eq!(matched(&[vec![0], vec![0], vec![]]), [(0, 0)].into());
}

#[test]
fn volumes_are_looked_at_only_where_they_matter() {
    let made = [typed(class("csi.example.com"))];
    assert!(!may_be_by_hand([Some("fast")], &made));
    assert!(!may_be_by_hand([None], &made));
    assert!(may_be_by_hand([Some("")], &made) && may_be_by_hand([Some("manual")], &made));
    let mut default = class("kubernetes.io/no-provisioner");
    default["metadata"]["annotations"] =
        json!({"storageclass.kubernetes.io/is-default-class": "true"});
    assert!(may_be_by_hand([None], &[typed(default)]));
}
