//! Snapshots, and volumes that start with one.

use k8s_openapi::api::core::v1::PersistentVolumeClaim;
use serde_json::{Value, json};
use wellhead_harness::{Driver, VolumeFault, tree_hash};

use super::support::{Bed, await_some, fill};

fn of(snapshot: &str) -> Value {
    json!({"apiGroup": "snapshot.storage.k8s.io", "kind": "VolumeSnapshot", "name": snapshot})
}

#[tokio::test]
async fn a_restored_claim_has_the_bytes_of_the_moment_of_its_snapshot() {
    let bed = Bed::new("restore").await;
    let then = bed.filled("data", "csi").await;
    bed.snapshot("before", "data").await;
    let status = bed.snapshot_ready("before").await;
    assert_eq!(status["restoreSize"], "1Gi");
    fill(&bed.folder("data").await, "later");
    let now = bed.hash("data").await;
    assert_ne!(now, then);

    bed.claim_from("restored", "csi-fast", "1Gi", of("before")).await;

    assert_eq!(bed.hash("restored").await, then);
    assert_eq!(bed.hash("data").await, now);

    // And without the claim that it was taken of.
    bed.delete::<PersistentVolumeClaim>("data").await;
    bed.claim_from("again", "csi", "1Gi", of("before")).await;
    assert_eq!(bed.hash("again").await, then);
}

#[tokio::test]
async fn a_snapshot_that_fails_says_why_and_is_ready_once_the_cause_is_gone() {
    let bed = Bed::new("unready").await;
    bed.filled("data", "csi").await;
    let fault = VolumeFault::of("CreateSnapshot").matching(&bed.handle("data").await);
    let fault = bed.inject(&fault.ending("Internal", "no snapshot today"));
    bed.snapshot("later", "data").await;

    let failed = bed.snapshot_status("later", "the snapshot has failed", |status| {
        let message = status["error"]["message"].as_str().unwrap_or_default();
        message.contains("no snapshot today")
    });
    assert_eq!(failed.await["readyToUse"], false);

    fault.take_back().expect("it is there");
    bed.snapshot_ready("later").await;
}

#[tokio::test]
async fn the_bytes_of_a_deleted_snapshot_are_in_the_trash() {
    let bed = Bed::new("trash-snapshot").await;
    let bytes = bed.filled("data", "csi").await;
    bed.snapshot("gone", "data").await;
    let content = bed.snapshot_ready("gone").await["boundVolumeSnapshotContentName"].clone();
    let id = content.as_str().expect("a name").replace("snapcontent", "snapshot");
    assert_eq!(tree_hash(&bed.storage.snapshot(&id)).expect("it is there"), bytes);

    bed.snapshots().delete("gone", &kube::api::DeleteParams::default()).await.expect("it is there");

    let found = await_some("the snapshot is in the trash", async || {
        let trash = bed.storage.trash(Driver::Folders).expect("it can be read");
        trash.into_iter().find(|one| one.kind == "snapshots" && one.id == id)
    });
    assert_eq!(tree_hash(&found.await.data).expect("it can be read"), bytes);
    assert!(!bed.storage.snapshots().expect("they can be listed").contains(&id));
}
