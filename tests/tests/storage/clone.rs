//! Volumes that start with the bytes of another.

use k8s_openapi::api::core::v1::PersistentVolumeClaim;
use serde_json::{Value, json};
use wellhead_harness::{Driver, VolumeFault};

use super::support::Bed;

fn of(claim: &str) -> Value {
    json!({"kind": "PersistentVolumeClaim", "name": claim})
}

#[tokio::test]
async fn a_clone_in_another_class_has_the_same_bytes_in_a_folder_of_its_own() {
    let bed = Bed::new("clone").await;
    let source = bed.filled("data", "csi").await;

    bed.claim_from("copy", "csi-fast", "2Gi", of("data")).await;

    assert_eq!(bed.hash("copy").await, source);
    assert_ne!(bed.folder("copy").await, bed.folder("data").await);
    let calls = bed.calls("CreateVolume", &bed.namespace);
    let sources: Vec<_> =
        calls.iter().map(|call| call.request["volume_content_source"].is_object()).collect();
    assert_eq!(sources, [false, true], "the journal tells an empty volume from a clone");
}

#[tokio::test]
async fn a_clone_that_its_driver_refuses_stays_pending_and_a_warning_says_why() {
    let bed = Bed::new("no-clone").await;
    bed.filled("data", "csi").await;

    bed.claim_from("alone", "csi-alone", "1Gi", of("data")).await;
    bed.claim_from("plain", "csi-plain", "1Gi", of("data")).await;
    bed.claim_from("smaller", "csi", "512Mi", of("data")).await;

    bed.warned("alone", "takes no copy from pool").await;
    bed.warned("plain", "").await;
    bed.warned("smaller", "new PVC request must be greater than or equal").await;
    for claim in ["alone", "plain", "smaller"] {
        let phase = bed.get(claim).await.status.and_then(|status| status.phase);
        assert_eq!(phase.as_deref(), Some("Pending"), "{claim}");
    }
}

#[tokio::test]
async fn a_volume_whose_answer_is_lost_is_made_once() {
    let bed = Bed::new("made-once").await;
    let source = bed.filled("data", "csi").await;
    let fault = VolumeFault::of("CreateVolume").matching(&format!(
        "\"csi.storage.k8s.io/pvc/name\":\"copy\",\"csi.storage.k8s.io/pvc/namespace\":\"{}\"",
        bed.namespace
    ));
    let fault = bed.inject(&fault.ending("DeadlineExceeded", "reset").times(2).after_the_work());

    bed.claim_from("copy", "csi", "1Gi", of("data")).await;

    assert_eq!(bed.hash("copy").await, source);
    assert!(!fault.is_left());
    let mut made: Vec<_> = bed
        .calls("CreateVolume", &bed.namespace)
        .into_iter()
        .filter(|call| call.request["volume_content_source"].is_object())
        .map(|call| call.request["name"].to_string())
        .collect();
    assert_eq!(made.len(), 3);
    made.dedup();
    assert_eq!(made.len(), 1, "each call names the same volume");
}

#[tokio::test]
async fn a_source_that_is_deleted_before_its_clone_is_complete_waits_for_the_end_of_that_claim() {
    let bed = Bed::new("protected").await;
    let bytes = bed.filled("data", "csi").await;
    let handle = bed.handle("data").await;
    let fault = VolumeFault::of("CreateVolume").matching(&format!("\"volume_id\":\"{handle}\""));
    let fault = bed.inject(&fault.ending("Unavailable", "busy"));
    bed.claim_from("copy", "csi", "1Gi", of("data")).await;
    bed.warned("copy", "busy").await;

    bed.delete::<PersistentVolumeClaim>("data").await;
    fault.take_back().expect("it is there");

    // The provisioner does not clone it any more, and its finalizer keeps it: neither goes on by itself.
    bed.warned("copy", "data is currently being deleted").await;
    assert_eq!(bed.hash("data").await, bytes);
    bed.delete::<PersistentVolumeClaim>("copy").await;
    assert_eq!(super::oracles::trashed(&bed, Driver::Folders, &handle).await, bytes);
}
