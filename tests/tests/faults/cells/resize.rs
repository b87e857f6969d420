//! Volumes that grow.

use k8s_openapi::api::core::v1::PersistentVolumeClaim;
use k8s_openapi::api::storage::v1::StorageClass;
use kube::Api;
use kube::api::{DeleteParams, Patch, PatchParams, PostParams};
use serde_json::json;

use super::{APPLY, ready, settled};
use crate::bed::{Case, block_on, typed, writes};
use crate::enumeration::at_once;
use crate::operation::Operation::Grow;
use crate::spec::Spec;
use crate::state::text;

#[test]
fn cell_31_killed_after_some_claims_grew_the_same_command_grows_the_rest() {
    let places = Grow.reference().writes();
    at_once(&places, |at| {
        let (case, before) = ready("cell-31", Grow);
        assert!(case.run_until(&format!("{at}:after"), Grow.arguments()).crashed());
        settled(case, Grow, &before);
    });
}

#[test]
fn cell_35_a_class_that_does_not_expand_is_refused_in_the_plan() {
    let case = Case::new("cell-35");
    let classes: Api<StorageClass> = Api::all(case.client.clone());
    let name = format!("fixed-{}", case.namespace);
    let class: StorageClass = typed(json!({
        "metadata": {"name": name}, "provisioner": "kubernetes.io/host-path"}));
    block_on(classes.create(&PostParams::default(), &class)).expect("a class");
    let fixed = Spec::first().with(|it| it.class = Some(name.clone()));
    case.apply(&fixed);
    case.write(&fixed.with(|it| it.size = 2));
    let before = case.state();
    case.proxy.take_record();
    for command in ["plan", "apply"] {
        let said = ["WH0202", "does not allow volumes to grow"];
        case.run(&[command, "-f", "db.yaml"]).ends_with(4).says(&said);
    }
    assert_eq!(writes(&case.proxy.take_record()), [""; 0]);
    assert_eq!(case.state().trace(), before.trace());
    // The old size again: nothing to do.
    case.write(&fixed);
    case.run(APPLY).ends_with(0);
    assert_eq!(writes(&case.proxy.take_record()), [""; 0]);
    block_on(classes.delete(&name, &DeleteParams::default())).expect("it goes");
    case.finish();
}

/// Plays the resizer: the volume of the claim has this size now.
fn grown(case: &Case, name: &str, size: &str) {
    let claims = case.api::<PersistentVolumeClaim>();
    let patch = Patch::Merge(json!({"status": {"capacity": {"storage": size}}}));
    block_on(claims.patch_status(name, &PatchParams::default(), &patch)).expect("it is written");
}

#[test]
fn cell_36_a_stuck_expansion_is_shown_and_can_be_taken_back() {
    let case = Case::new("cell-36");
    case.apply(&Spec::first());
    let before = case.state();
    let size = |gibi| Spec::first().with(|it| it.size = gibi);
    case.write(&size(3));
    let sent = [APPLY, &["--wait=false"]].concat();
    case.run(&sent).ends_with(0);
    for done in ["data-db-0", "data-db-1"] {
        grown(&case, done, "3Gi");
    }
    let said = ["WH0320", "claim/data-db-2 waits for expansion from 1Gi to 3Gi"];
    case.run(APPLY).ends_with(0).says(&said);
    let status = case.run(&["status", "db", "-o", "json"]).ends_with(0);
    let status: serde_json::Value = serde_json::from_str(&status.stdout).expect("it is JSON");
    let stuck: Vec<_> = status["pipelines"][0]["claims"]
        .as_array()
        .into_iter()
        .flatten()
        .filter(|claim| claim["requested"] != claim["size"])
        .map(|claim| claim["name"].clone())
        .collect();
    assert_eq!(stuck, ["data-db-2"], "{status}");
    // Two have the size, so only the third can go back to less, and no further than what it has.
    let lower = |gibi| size(3).with(|it| it.sizes = [(2, gibi)].into());
    case.write(&lower(2));
    case.run(&sent).ends_with(0);
    let after = case.state();
    let claim = &after.objects["persistentvolumeclaims/data-db-2"];
    assert_eq!(text(claim, "/spec/resources/requests/storage"), "2Gi");
    assert_eq!(after.uids("statefulsets"), before.uids("statefulsets"));
    assert_eq!(after.uids("pods"), before.uids("pods"));
    crate::oracle::assert_right(&crate::oracle::lost_claims(&before, &after));
    case.proxy.take_record();
    case.run(&sent).ends_with(0);
    assert_eq!(writes(&case.proxy.take_record()), [""; 0]);
    case.finish();
}
