//! What other tests rest on: where the bytes of a claim are, and what became of deleted ones.

use k8s_openapi::api::core::v1::PersistentVolumeClaim;
use wellhead_harness::{Driver, tree_hash};

use super::support::{Bed, await_some};

/// The hash of a volume that was deleted, once it is.
pub(crate) async fn trashed(bed: &Bed, driver: Driver, handle: &str) -> String {
    let found = await_some("the volume is in the trash", async || {
        let trash = bed.storage.trash(driver).expect("it can be read");
        trash.into_iter().find(|one| one.kind == "volumes" && one.id == handle)
    })
    .await;
    tree_hash(&found.data).expect("it can be read")
}

#[tokio::test]
async fn the_bytes_of_a_deleted_claim_are_in_the_trash() {
    let bed = Bed::new("trash").await;
    for (class, driver) in [("csi", Driver::Folders), ("csi-plain", Driver::Plain)] {
        let bytes = bed.filled(class, class).await;
        let handle = bed.handle(class).await;
        assert!(bed.storage.volumes(driver).expect("a list").contains(&handle));

        bed.delete::<PersistentVolumeClaim>(class).await;

        assert_eq!(trashed(&bed, driver, &handle).await, bytes);
        assert!(!bed.storage.volumes(driver).expect("a list").contains(&handle));
    }
}

#[tokio::test]
async fn a_retained_volume_keeps_its_bytes_in_place() {
    let bed = Bed::new("retain").await;
    let bytes = bed.filled("data", "csi-retain").await;
    let folder = bed.folder("data").await;

    bed.delete::<PersistentVolumeClaim>("data").await;

    await_some("the claim is gone", async || {
        let claim: Option<PersistentVolumeClaim> =
            bed.api().get_opt("data").await.expect("answers");
        claim.is_none().then_some(())
    })
    .await;
    assert_eq!(tree_hash(&folder).expect("it is there"), bytes);
}

#[tokio::test]
async fn the_bytes_of_a_host_path_claim_are_found_too() {
    let bed = Bed::new("host-path").await;
    bed.filled("data", "standard").await;
    let folder = bed.folder("data").await;
    assert!(folder.starts_with("/tmp/hostpath_pv") && folder.join("base/1").is_file());
}
