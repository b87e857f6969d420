//! Data of claims that move to other volumes: by each method, killed at every write, aborted, released.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use k8s_openapi::api::core::v1::{PersistentVolume, PersistentVolumeClaim, Pod};
use kube::ResourceExt as _;
use kube::api::{Api, ListParams, Patch, PatchParams};
use serde_json::{Value, json};
use tempfile::TempDir;
use wellhead_harness::{CopyFault, SharedControlPlane, VolumeFault, tree_hash};

use super::support::{Bed, await_some, fill};

/// A pipeline of a test, and the command line that applies it.
struct Moving {
    bed: Bed,
    folder: TempDir,
}

/// What a command ended with.
struct Ran {
    code: Option<i32>,
    stdout: String,
    stderr: String,
}

impl Ran {
    #[track_caller]
    fn succeeded(self) -> Self {
        assert_eq!(self.code, Some(0), "{}{}", self.stdout, self.stderr);
        self
    }
}

/// The command, which is beside the tests' folder.
fn binary() -> PathBuf {
    let tests = std::env::current_exe().expect("the test has a path");
    let folder = tests.parent().and_then(std::path::Path::parent).expect("it is in deps/");
    let binary = folder.join("wellhead");
    assert!(binary.is_file(), "run `cargo build --package wellhead` first, or `cargo xtask test`");
    binary
}

/// Where the data are from, where to, and how.
#[derive(Clone, Copy)]
struct Way {
    method: &'static str,
    from: &'static str,
    to: &'static str,
    more: &'static str,
}

const CLONE: Way = Way { method: "Clone", from: "csi", to: "csi-fast", more: "" };
const SNAPSHOT: Way = Way { method: "Snapshot", from: "csi", to: "csi-fast", more: "" };
const COPY: Way =
    Way { method: "Copy", from: "standard", to: "csi-plain", more: ", copyImage: copy:1" };

impl Moving {
    async fn new(test: &str) -> Self {
        let bed = Bed::new(test).await;
        Self { bed, folder: tempfile::tempdir().expect("a folder") }
    }

    fn write(&self, class: &str, size: &str, migration: &str) {
        let text = format!(
            "apiVersion: wellhead.dev/v1alpha1\nkind: Pipeline\nmetadata: {{name: db}}\nspec:\n  replicas: 2\n  {migration}\n  \
             containers: [{{name: db, image: \"db:1\"}}]\n  claims: [{{name: data, size: {size}, storageClass: {class}, \
             mountPath: /data}}]\n"
        );
        std::fs::write(self.folder.path().join("db.yaml"), text).expect("it can be written");
    }

    /// The pipeline with data of its own in each volume; the result has their hashes.
    async fn filled(&self, way: Way) -> BTreeMap<String, String> {
        self.write(way.from, "1Gi", "");
        self.run(&["apply", "-f", "db.yaml"]).await.succeeded();
        let mut hashes = BTreeMap::new();
        for claim in ["data-db-0", "data-db-1"] {
            fill(&self.bed.folder(claim).await, claim);
            hashes.insert(claim.to_owned(), self.bed.hash(claim).await);
        }
        self.write(way.to, "1Gi", &way.migration());
        hashes
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(binary());
        command
            .args(arguments)
            .args(["-n", &self.bed.namespace])
            .current_dir(self.folder.path())
            .env_clear()
            .env("HOME", self.folder.path())
            .env("KUBECONFIG", SharedControlPlane::with_csi().kubeconfig())
            .env("WELLHEAD_YES", "1")
            .env("WELLHEAD_LEASE_SECONDS", "2")
            .stdin(Stdio::null());
        command
    }

    async fn run(&self, arguments: &[&str]) -> Ran {
        self.ended(self.command(arguments)).await
    }

    async fn ended(&self, mut command: Command) -> Ran {
        let ended = tokio::task::spawn_blocking(move || command.output());
        let output = ended.await.expect("it does not panic").expect("it can be started");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let (stdout, stderr) = (text(&output.stdout), text(&output.stderr));
        Ran { code: output.status.code(), stdout, stderr }
    }

    async fn apply(&self) -> Ran {
        self.run(&["apply", "-f", "db.yaml"]).await
    }

    /// Applies, and dies at a write.
    async fn die(&self, place: &str) -> Ran {
        let mut command = self.command(&["apply", "-f", "db.yaml"]);
        command.env("WELLHEAD_CRASH_AT", place);
        self.ended(command).await
    }

    async fn volumes(&self) -> Vec<PersistentVolume> {
        let volumes: Api<PersistentVolume> = Api::all(self.bed.client.clone());
        let labels = format!("wellhead.dev/namespace={}", self.bed.namespace);
        volumes.list(&ListParams::default().labels(&labels)).await.expect("volumes").items
    }

    async fn pod_uids(&self) -> BTreeMap<String, String> {
        let pods: Api<Pod> = self.bed.api();
        let pods = pods.list(&ListParams::default()).await.expect("pods");
        pods.iter().map(|it| (it.name_any(), it.uid().expect("it exists"))).collect()
    }

    /// Everything that must be true once all data are moved.
    async fn is_moved(&self, way: Way, hashes: &BTreeMap<String, String>, olds: &[String]) {
        for (claim, hash) in hashes {
            assert_eq!(self.bed.hash(claim).await, *hash, "the bytes behind {claim}");
            let found = self.bed.get(claim).await;
            let spec = found.spec.expect("it has one");
            assert_eq!(spec.storage_class_name.as_deref(), Some(way.to));
            let volume = self.bed.bound(claim).await;
            assert!(!olds.contains(&volume.name_any()), "{claim} has a new volume");
            let policy = volume.spec.expect("it has one").persistent_volume_reclaim_policy;
            assert_eq!(policy.as_deref(), Some("Delete"), "as its class has it");
            assert!(
                !volume
                    .metadata
                    .labels
                    .unwrap_or_default()
                    .contains_key("wellhead.dev/volume-role")
            );
        }
        let kept = self.volumes().await;
        let mut names: Vec<_> = kept.iter().map(kube::ResourceExt::name_any).collect();
        names.sort();
        assert_eq!(names, olds, "the old volumes, and no others, are kept");
        for volume in &kept {
            assert_eq!(volume.labels()["wellhead.dev/volume-role"], "kept");
            let spec = volume.spec.as_ref().expect("it has one");
            assert_eq!(spec.persistent_volume_reclaim_policy.as_deref(), Some("Retain"));
            let folder = wellhead_tests::claim::folder_of(&self.bed.storage, volume);
            let hash = tree_hash(&folder.expect("a folder")).expect("it can be read");
            assert!(hashes.values().any(|it| *it == hash), "the old bytes are there");
        }
        let claims: Api<PersistentVolumeClaim> = self.bed.api();
        let claims = claims.list(&ListParams::default()).await.expect("claims");
        assert_eq!(claims.items.len(), hashes.len(), "no claim is left over");
        for pod in self.bed.api::<Pod>().list(&ListParams::default()).await.expect("pods") {
            assert!(pod.finalizers().is_empty() && pod.metadata.deletion_timestamp.is_none());
        }
        let again = self.apply().await.succeeded();
        assert!(again.stdout.starts_with("No changes."), "{}", again.stdout);
    }

    async fn olds(&self) -> Vec<String> {
        let mut olds = Vec::new();
        for claim in ["data-db-0", "data-db-1"] {
            olds.push(self.bed.bound(claim).await.name_any());
        }
        olds.sort();
        olds
    }
}

impl Way {
    fn migration(self) -> String {
        format!("volumeMigration: {{methods: [{}]{}}}", self.method, self.more)
    }
}

async fn moves(test: &str, way: Way) {
    let moving = Moving::new(test).await;
    let hashes = moving.filled(way).await;
    let olds = moving.olds().await;
    let plan = moving.run(&["plan", "-f", "db.yaml", "-o", "json"]).await.succeeded();
    let plan: Value = serde_json::from_str(&plan.stdout).expect("it is JSON");
    assert_eq!(plan["summary"]["migrate"], 2, "{plan}");
    assert!(plan.to_string().contains(&format!("\"method\":\"{}\"", way.method)), "{plan}");
    let ran = moving.apply().await.succeeded();
    assert!(ran.stdout.contains("2 migrated"), "{}", ran.stdout);
    assert!(ran.stdout.contains("2/2 ready"), "{}", ran.stdout);
    assert!(!ran.stderr.contains("WH0222"), "no pod is missed: {}", ran.stderr);
    moving.is_moved(way, &hashes, &olds).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clone_moves_data_to_another_class_under_the_same_names() {
    moves("move-clone", CLONE).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_snapshot_moves_data_to_another_class_under_the_same_names() {
    moves("move-snapshot", SNAPSHOT).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_copies_data_to_another_driver_under_the_same_names() {
    moves("move-copy", COPY).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_no_method_can_do_is_refused_with_the_reason_of_each_and_nothing_is_written() {
    let moving = Moving::new("move-refused").await;
    moving.filled(CLONE).await;
    moving.write("csi-plain", "1Gi", "volumeMigration: {methods: [Clone, Snapshot]}");
    let pods = moving.pod_uids().await;
    let ran = moving.apply().await;
    assert_eq!(ran.code, Some(4), "{}", ran.stderr);
    assert!(ran.stderr.contains("WH0230"), "{}", ran.stderr);
    assert!(
        ran.stderr.contains("Clone: the volume is of driver folders.csi.wellhead.dev"),
        "{}",
        ran.stderr
    );
    moving.write("csi-fast", "1Gi", "");
    let ran = moving.apply().await;
    assert!(
        ran.stderr.contains("WH0205") && ran.stderr.contains("volumeMigration"),
        "{}",
        ran.stderr
    );
    assert_eq!(moving.pod_uids().await, pods);
    assert_eq!(moving.volumes().await.len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pod_that_never_stops_is_not_forced_and_gets_its_old_volume_back() {
    let moving = Moving::new("move-held").await;
    let hashes = moving.filled(CLONE).await;
    let pods: Api<Pod> = moving.bed.api();
    let never = json!({"metadata": {"annotations": {"test/never-stops": "true"}}});
    pods.patch("db-1", &PatchParams::default(), &Patch::Merge(&never)).await.expect("a person may");
    moving.write("csi-fast", "1Gi", "volumeMigration: {methods: [Clone], timeoutSeconds: 2}");
    let ran = moving.apply().await;
    assert!(
        ran.stderr.contains("WH0232") && ran.stderr.contains("has not ended"),
        "{}",
        ran.stderr
    );
    let pod = pods.get("db-1").await.expect("nobody forced it");
    assert!(pod.finalizers().is_empty(), "it is not held any more");
    for (claim, hash) in &hashes {
        assert_eq!(moving.bed.hash(claim).await, *hash);
        let spec = moving.bed.get(claim).await.spec.expect("it has one");
        assert_eq!(spec.storage_class_name.as_deref(), Some("csi"));
    }
    let free = json!({"metadata": {"annotations": {"test/never-stops": null}}});
    pods.patch("db-1", &PatchParams::default(), &Patch::Merge(&free)).await.expect("a person may");
    let olds = moving.olds().await;
    moving.write("csi-fast", "1Gi", "volumeMigration: {methods: [Clone]}");
    moving.apply().await.succeeded();
    moving.is_moved(CLONE, &hashes, &olds).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_that_differs_from_its_source_is_never_used() {
    let moving = Moving::new("move-damage").await;
    let hashes = moving.filled(COPY).await;
    let olds = moving.olds().await;
    let matching = format!("{}/", moving.bed.namespace);
    let fault = CopyFault { matching, damage: true, ..CopyFault::default() };
    let injected = moving.bed.storage.inject_copy(&fault).expect("the fault can be written");
    let ran = moving.apply().await;
    assert!(
        ran.stderr.contains("WH0232") && ran.stderr.contains("the copy failed"),
        "{}",
        ran.stderr
    );
    assert_eq!(moving.olds().await, olds, "every claim has its old volume");
    injected.take_back().expect("it is there");
    moving.apply().await.succeeded();
    moving.is_moved(COPY, &hashes, &olds).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_aborted_migration_leaves_the_old_volume_as_it_was() {
    let moving = Moving::new("move-abort").await;
    let hashes = moving.filled(CLONE).await;
    let olds = moving.olds().await;
    let fault = VolumeFault::of("CreateVolume")
        .matching(&moving.bed.namespace)
        .ending("Unavailable", "the array is busy");
    let injected = moving.bed.inject(&fault);
    let mut child = moving.command(&["apply", "-f", "db.yaml"]);
    child.stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = child.spawn().expect("it can be started");
    let pods: Api<Pod> = moving.bed.api();
    await_some("a claim waits for the driver", async || {
        let claims: Api<PersistentVolumeClaim> = moving.bed.api();
        claims.get_opt("data-db-1-migration").await.expect("an answer")
    })
    .await;
    child.kill().expect("it runs");
    child.wait().expect("it ends");
    moving.write("csi", "1Gi", &CLONE.migration());
    let other = await_some("its Lease has ended", async || {
        let ran = moving.apply().await;
        (!ran.stderr.contains("WH0402")).then_some(ran)
    })
    .await;
    assert!(other.stderr.contains("WH0231"), "{}", other.stderr);
    assert!(other.stderr.contains("wellhead volumes abort db"), "{}", other.stderr);

    let back = moving.run(&["volumes", "abort", "db"]).await.succeeded();
    assert!(
        back.stdout.contains("data-db-1") || back.stderr.contains("data-db-1"),
        "{}",
        back.stderr
    );
    injected.take_back().expect("it is there");
    await_some("the pod runs again", async || {
        let pod = pods.get_opt("db-1").await.expect("an answer")?;
        pod.metadata.deletion_timestamp.is_none().then_some(())
    })
    .await;
    assert_eq!(moving.volumes().await.len(), 0, "no volume has a role");
    assert_eq!(moving.olds().await, olds);
    for volume in &olds {
        let volumes: Api<PersistentVolume> = Api::all(moving.bed.client.clone());
        let spec = volumes.get(volume).await.expect("it is there").spec.expect("it has one");
        assert_eq!(spec.persistent_volume_reclaim_policy.as_deref(), Some("Delete"));
    }
    // The template is that of the other class now, and goes back the same way.
    moving.run(&["apply", "--recreate", "-f", "db.yaml"]).await.succeeded();
    moving.write(CLONE.to, "1Gi", &CLONE.migration());
    moving.apply().await.succeeded();
    moving.is_moved(CLONE, &hashes, &olds).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn old_volumes_are_deleted_when_a_person_repeats_the_name_and_not_before() {
    let moving = Moving::new("move-release").await;
    let hashes = moving.filled(CLONE).await;
    let olds = moving.olds().await;
    moving.apply().await.succeeded();
    moving.is_moved(CLONE, &hashes, &olds).await;
    let listed = moving.run(&["volumes", "db", "-o", "json"]).await.succeeded();
    let listed: Value = serde_json::from_str(&listed.stdout).expect("it is JSON");
    let rows = listed["volumes"].as_array().expect("a list");
    let kept: Vec<_> = rows.iter().filter(|it| it["state"] == "kept").collect();
    assert_eq!((rows.len(), kept.len()), (4, 2), "{listed}");
    let refused = moving.run(&["volumes", "release", "db"]).await;
    assert_ne!(refused.code, Some(0));
    assert!(refused.stderr.contains("--confirm db"), "{}", refused.stderr);
    assert_eq!(moving.volumes().await.len(), 2);
    moving.run(&["volumes", "release", "db", "--confirm", "db"]).await.succeeded();
    let volumes: Api<PersistentVolume> = Api::all(moving.bed.client.clone());
    for old in &olds {
        await_some("it is gone", async || {
            volumes.get_opt(old).await.expect("an answer").is_none().then_some(())
        })
        .await;
    }
    for (claim, hash) in &hashes {
        assert_eq!(moving.bed.hash(claim).await, *hash, "the new volumes have the data");
    }
}

/// Dies at a write, checks that nothing is lost, and lets the same command finish.
async fn dies(way: Way, moment: &str, step: usize) {
    let test = format!("move-die-{}-{moment}", way.method.to_lowercase());
    let moving = Moving::new(&test).await;
    let hashes = moving.filled(way).await;
    // Writes up to the first of the migration are those of any apply.
    let mut number = 1;
    let (mut deaths, mut way) = (0, way);
    loop {
        let olds = moving.olds().await;
        let ran = moving.die(&format!("write-{number}:{moment}")).await;
        let died = ran.code.is_none();
        for (claim, hash) in &hashes {
            let Ok(folder) = wellhead_tests::claim::folder_behind(
                &moving.bed.client,
                &moving.bed.storage,
                &moving.bed.namespace,
                claim,
            )
            .await
            else {
                continue;
            };
            assert_eq!(tree_hash(&folder).expect("it can be read"), *hash, "{claim} at {number}");
        }
        let ran = await_some("its Lease has ended", async || {
            let ran = moving.apply().await;
            (!ran.stderr.contains("WH0402")).then_some(ran)
        })
        .await;
        ran.succeeded();
        moving.is_moved(way, &hashes, &olds).await;
        deaths += usize::from(died);
        if !died {
            break;
        }
        moving.run(&["volumes", "release", "db", "--confirm", "db"]).await.succeeded();
        (way.from, way.to) = (way.to, way.from);
        moving.write(way.to, "1Gi", &way.migration());
        number += step;
    }
    eprintln!("{} {moment}: {deaths} deaths, 0 violations", way.method);
    assert!(deaths > 2, "it died nowhere");
}

/// One write of so many is taken unless everything is asked for.
fn step() -> usize {
    std::env::var("WELLHEAD_FAULTS_STRIDE").map_or(9, |it| it.parse().expect("a number"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_death_at_any_write_of_a_clone_is_made_good_by_the_same_command() {
    dies(CLONE, "sent", step()).await;
    dies(CLONE, "before", 2 * step()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_death_at_any_write_of_a_snapshot_is_made_good_by_the_same_command() {
    dies(SNAPSHOT, "sent", step()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_death_at_any_write_of_a_copy_is_made_good_by_the_same_command() {
    // Back it goes by the same method: the one driver makes empty volumes only.
    dies(COPY, "sent", 2 * step()).await;
}
