//! Deletion.

use k8s_openapi::api::core::v1::{PersistentVolumeClaim, Service};
use kube::api::{Patch, PatchParams, PostParams};
use serde_json::json;

use super::{ready, settled};
use crate::bed::{block_on, typed, writes};
use crate::enumeration::at_once;
use crate::operation::Operation::{Delete, Purge};

const KEPT: &str = "kept 3 claims: data-db-0 (1Gi), data-db-1 (1Gi), data-db-2 (1Gi)";

#[test]
fn cell_42_a_deletion_that_is_killed_at_any_write_is_finished_and_keeps_the_claims() {
    let places: Vec<_> = Delete
        .reference()
        .writes()
        .into_iter()
        .flat_map(|at| ["before", "sent", "after"].map(|moment| format!("{at}:{moment}")))
        .collect();
    at_once(&places, |place| {
        let (case, before) = ready("cell-42", Delete);
        assert!(case.run_until(place, Delete.arguments()).crashed(), "{place}");
        case.run(Delete.arguments()).ends_with(0).says(&[KEPT, "--delete-claims db"]);
        settled(case, Delete, &before);
    });
}

#[test]
fn cell_43_a_finalizer_is_told_and_not_stripped() {
    let (case, before) = ready("cell-43", Delete);
    let finalizers = |value| {
        let patch = Patch::Merge(json!({"metadata": {"finalizers": value}}));
        let services = case.api::<Service>();
        block_on(services.patch("db-peers", &PatchParams::default(), &patch))
            .expect("it is written")
    };
    finalizers(json!(["example.com/hold"]));
    let limited = [Delete.arguments(), &["--timeout", "3s"]].concat();
    let said = ["WH0309", "service/db-peers is still being deleted", "example.com/hold"];
    case.run(&limited).ends_with(3).says(&said);
    let held = block_on(case.api::<Service>().get("db-peers")).expect("it is held");
    assert_eq!(held.metadata.finalizers.unwrap_or_default(), ["example.com/hold"]);
    finalizers(json!(null));
    settled(case, Delete, &before);
}

#[test]
fn cell_44_strangers_stay_and_a_killed_purge_goes_on() {
    let (case, _) = ready("cell-44", Purge);
    // A claim that looks like ours and was made by hand, with our labels.
    let labels = json!({
        "app.kubernetes.io/managed-by": "wellhead", "app.kubernetes.io/instance": "db"});
    let claim: PersistentVolumeClaim = typed(json!({
        "metadata": {"name": "data-db-precious", "labels": labels},
        "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}}));
    let claims = case.api::<PersistentVolumeClaim>();
    block_on(claims.create(&PostParams::default(), &claim)).expect("a claim");
    crate::bed::await_some("the claim is bound", || {
        let found = block_on(claims.get("data-db-precious")).expect("it is there");
        (found.status?.phase? == "Bound").then_some(())
    });
    let before = case.state();
    // A purge without the typed name deletes nothing.
    case.run(&["delete", "db", "--delete-claims", "bd"]).ends_with(4);
    assert_eq!(writes(&case.proxy.take_record()), [""; 0]);
    // It dies after the first of three claims.
    let first = Purge.reference().write(|it| it.writes("persistentvolumeclaims"));
    assert!(case.run_until(&format!("{first}:after"), Purge.arguments()).crashed());
    case.run(Purge.arguments()).ends_with(0);
    let after = case.state();
    for stranger in ["services/stranger", "persistentvolumeclaims/data-db-precious"] {
        let version = |it: &crate::state::State| {
            it.objects.get(stranger).map(|it| it["metadata"]["resourceVersion"].clone())
        };
        assert_eq!(version(&after), version(&before), "{stranger}");
        assert!(version(&after).is_some(), "{stranger}");
    }
    assert_eq!(after.of("persistentvolumeclaims").count(), 1);
    case.proxy.take_record();
    case.run(Purge.arguments()).ends_with(0);
    assert_eq!(writes(&case.proxy.take_record()), [""; 0]);
    case.finish();
}
