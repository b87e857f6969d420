//! Copy Jobs, whose bytes the control plane's stand-in copies.

use k8s_openapi::api::batch::v1::Job;
use k8s_openapi::api::core::v1::{ContainerStateTerminated, Pod};
use kube::api::ListParams;
use serde_json::json;
use wellhead_harness::{CopyFault, tree_hash};

use super::support::{Bed, await_some};

/// Starts a Job that copies the claim `source` to the claim `target`.
async fn start(bed: &Bed, name: &str) {
    let volume = |name| json!({"name": name, "persistentVolumeClaim": {"claimName": name}});
    let job = json!({
        "metadata": {"name": name},
        "spec": {
            "backoffLimit": 0,
            "template": {"spec": {
                "restartPolicy": "Never",
                "containers": [{"name": "copy", "image": "copy:1"}],
                "volumes": [volume("source"), volume("target")],
            }},
        },
    });
    bed.create::<Job>(job).await;
}

/// How the containers of a Job's pods have ended, the ones that ended first before the others.
async fn endings(bed: &Bed, job: &str) -> Vec<ContainerStateTerminated> {
    let selector = ListParams::default().labels(&format!("job-name={job}"));
    let pods = bed.api::<Pod>().list(&selector).await.expect("the API server answers");
    let ended = |pod: Pod| {
        pod.status?.container_statuses?.into_iter().find_map(|one| one.state?.terminated)
    };
    let mut all: Vec<_> = pods.items.into_iter().filter_map(ended).collect();
    all.sort_by_key(|one| one.exit_code == 0);
    all
}

async fn succeeded(bed: &Bed, job: &str) {
    await_some("the Job has succeeded", async || {
        let found = bed.api::<Job>().get(job).await.expect("the Job is there");
        found.status?.succeeded.filter(|count| *count == 1)
    })
    .await;
}

/// A word of a termination message, e.g. `source=sha256:...`.
fn word<'a>(message: &'a str, key: &str) -> &'a str {
    let words = message.split_whitespace().filter_map(|word| word.split_once('='));
    words.filter(|(name, _)| *name == key).map(|(_, value)| value).next().expect("it is there")
}

#[tokio::test]
async fn a_copy_job_copies_between_drivers_and_prints_both_digests() {
    let bed = Bed::new("copy").await;
    let source = bed.filled("source", "standard").await;
    bed.claim("target", "csi-plain", "1Gi").await;

    start(&bed, "copy").await;

    succeeded(&bed, "copy").await;
    assert_eq!(bed.hash("target").await, source);
    let ended = endings(&bed, "copy").await;
    let message = ended[0].message.clone().expect("a message");
    assert_eq!(word(&message, "source"), word(&message, "target"), "{message}");
    assert_eq!((word(&message, "files"), word(&message, "bytes")), ("4", "73001"));
}

#[tokio::test]
async fn a_copy_that_is_killed_leaves_half_of_the_bytes_and_the_next_job_finishes_it() {
    let bed = Bed::new("half").await;
    let source = bed.filled("source", "csi").await;
    bed.claim("target", "csi-fast", "1Gi").await;
    bed.bound("target").await;
    let fault = CopyFault {
        matching: format!("{}/", bed.namespace),
        times: 1,
        half: true,
        ..CopyFault::default()
    };
    bed.storage.inject_copy(&fault).expect("the fault can be written");

    start(&bed, "killed").await;

    await_some("the Job has failed", async || {
        let found = bed.api::<Job>().get("killed").await.expect("the Job is there");
        found.status?.failed.filter(|count| *count == 1)
    })
    .await;
    let first = endings(&bed, "killed").await.remove(0);
    assert_eq!(first.exit_code, 137, "{first:?}");
    let half = bed.folder("target").await.join("base/2");
    assert!(half.metadata().expect("it is there").len() < 70_000);

    start(&bed, "again").await;
    succeeded(&bed, "again").await;
    assert_eq!(bed.hash("target").await, source);
    assert_eq!(bed.hash("source").await, source);
}

#[tokio::test]
async fn a_copy_that_differs_prints_different_digests() {
    let bed = Bed::new("damaged").await;
    let source = bed.filled("source", "csi").await;
    bed.claim("target", "csi", "1Gi").await;
    bed.bound("target").await;
    let matching = format!("{}/", bed.namespace);
    let fault = CopyFault { matching, times: 1, damage: true, ..CopyFault::default() };
    bed.storage.inject_copy(&fault).expect("the fault can be written");

    start(&bed, "copy").await;

    succeeded(&bed, "copy").await;
    let message = endings(&bed, "copy").await.remove(0).message.expect("a message");
    assert_ne!(word(&message, "source"), word(&message, "target"), "{message}");
    let target = tree_hash(&bed.folder("target").await).expect("it is there");
    assert_ne!(target, source);
}
