//! What the cluster keeps of what was applied.

use kube::api::ListParams;
use serde_json::{Value, json};
use wellhead_cluster::{About, ApplyOptions, Event, Origin, Plugin, RevisionState, Silent, Wait};

use crate::faults::At;
use crate::support::{Env, Workload};

fn quick() -> ApplyOptions {
    ApplyOptions { wait: Wait::No, ..ApplyOptions::default() }
}

async fn numbers(env: &Env) -> Vec<(i64, RevisionState)> {
    let history = env.cluster.history(&env.pipeline("db")).await.expect("it can be read").revisions;
    history.iter().map(|it| (it.number, it.state)).collect()
}

fn image(number: u32) -> Workload {
    Workload::new("db", 1).with(|it| it.image = format!("nginx:1.{number}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revision_says_what_was_applied_by_whom_and_why() {
    let env = Env::new("who").await;
    let entry = json!({
        "customization": "sizes", "version": "1.0.0", "digest": "sha256:ab",
        "name": "replicas", "source": "plugins/replicas.wasm", "config": {"count": 1}, "grants": ["replicas"],
    });
    let about = About {
        spec: json!({"replicas": 1}),
        origin: Origin {
            base: json!({"replicas": 3}),
            chain: vec![serde_json::from_value(entry).expect("it is an entry")],
        },
        plugins: vec![Plugin {
            name: "replicas".to_owned(),
            version: Some("1.0.0".to_owned()),
            digest: "sha256:ab".to_owned(),
        }],
        rollback_to: None,
    };
    let options = ApplyOptions {
        about: vec![about.clone()],
        message: Some("first try".to_owned()),
        ..quick()
    };
    let set = image(1).render(&env.namespace);
    let report = env.apply_with(std::slice::from_ref(&set), &options, &Silent).await;
    assert_eq!(report.expect("it is written").pipelines[0].revision, Some(1));
    let stored = env.cluster.revision(&env.pipeline("db"), 1).await.expect("it can be read");
    let stored = stored.expect("it is kept");
    assert_eq!((stored.objects, stored.spec), (set, about.spec));
    assert_eq!(stored.origin, about.origin);
    assert_eq!(stored.revision.plugins, about.plugins);
    assert_eq!(stored.revision.message.as_deref(), Some("first try"));
    assert_eq!(stored.revision.by, "admin", "the name that the cluster gives its user");
    assert!(stored.revision.from.contains('@'), "{}", stored.revision.from);
    env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_objects_make_no_new_revision_and_the_oldest_are_removed() {
    let env = Env::new("few").await;
    let options = ApplyOptions { keep_revisions: 2, ..quick() };
    for number in [1, 2, 2, 3, 1] {
        let sets = [image(number).render(&env.namespace)];
        env.apply_with(&sets, &options, &Silent).await.expect("it is written");
    }
    assert_eq!(numbers(&env).await, [(4, RevisionState::Current), (3, RevisionState::Earlier)]);
    assert!(env.cluster.revision(&env.pipeline("db"), 1).await.expect("an answer").is_none());
    env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_controller_of_the_workload_leaves_the_records_alone() {
    let env = Env::new("alone").await;
    env.apply(&image(1)).await.expect("it becomes ready");
    let records = env.records().list(&ListParams::default()).await.expect("records");
    let (ours, theirs): (Vec<_>, Vec<_>) =
        records.iter().partition(|it| it.metadata.name.as_deref() == Some("wellhead.db.1"));
    assert_eq!((ours.len(), theirs.len()), (1, 1), "one of each");
    assert_eq!(ours[0].metadata.owner_references, None);
    env.finish().await;
}

/// Text that does not compress well, and is the same every time.
fn noise(bytes: usize) -> String {
    let mut state = 1_u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        char::from(b'!' + u8::try_from(state % 90).expect("it is small"))
    };
    (0..bytes).map(|_| next()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revision_of_five_mebibytes_is_split_and_read_back() {
    let env = Env::new("large").await;
    let mut set = image(1).render(&env.namespace);
    // Only what is recorded is so large: no object of a cluster may be.
    let about = About { spec: Value::String(noise(5 << 20)), ..About::default() };
    let options = ApplyOptions { about: vec![about.clone()], ..quick() };
    env.apply_with(std::slice::from_ref(&set), &options, &Silent).await.expect("it is written");
    let records = env.records().list(&ListParams::default()).await.expect("records");
    assert!(records.items.len() > 3, "{} parts", records.items.len());
    let stored = env.cluster.revision(&env.pipeline("db"), 1).await.expect("it can be read");
    let stored = stored.expect("it is kept");
    assert_eq!(stored.spec, about.spec);
    assert_eq!(stored.objects, set);
    // Its parts go with it.
    set.stateful_set.spec.as_mut().expect("it has one").min_ready_seconds = Some(1);
    let options = ApplyOptions { keep_revisions: 1, ..quick() };
    env.apply_with(&[set], &options, &Silent).await.expect("it is written");
    let records = env.records().list(&ListParams::default()).await.expect("records");
    let names: Vec<_> = records.iter().filter_map(|it| it.metadata.name.as_deref()).collect();
    assert_eq!(names.iter().filter(|it| it.starts_with("wellhead.")).count(), 1, "{names:?}");
    env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_ends_halfway_leaves_an_unfinished_revision_that_the_same_command_finishes() {
    let env = Env::new("unfinished").await;
    env.send(&image(1)).await.expect("it is written");
    let options = quick();
    let stop = options.stop.clone();
    let progress = At::new(|event| matches!(event, Event::Checked { .. }), || stop.stop());
    let newer = image(2).with(|it| it.replicas = 2);
    let sets = [newer.render(&env.namespace)];
    // The stop comes when the Lease is taken, before the record.
    env.apply_with(&sets, &options, &progress).await.expect_err("it was stopped");
    assert_eq!(numbers(&env).await, [(1, RevisionState::Current)]);
    let options = quick();
    let stop = options.stop.clone();
    let progress = At::new(|event| matches!(event, Event::Object(_)), || stop.stop());
    env.apply_with(&sets, &options, &progress).await.expect_err("it was stopped");
    assert_eq!(numbers(&env).await, [(2, RevisionState::Unfinished), (1, RevisionState::Current)]);
    // Ready, so that no controller writes its claims any more.
    env.apply(&newer).await.expect("it is finished");
    assert_eq!(numbers(&env).await, [(2, RevisionState::Current), (1, RevisionState::Earlier)]);
    let before = env.versions().await;
    env.send(&newer).await.expect("nothing is left to do");
    assert_eq!(env.versions().await, before);
    env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn deleting_the_pipeline_ends_its_history() {
    let env = Env::new("ends").await;
    env.apply(&image(1)).await.expect("it becomes ready");
    let options = wellhead_cluster::DeleteOptions::default();
    env.cluster.delete(&env.namespace, "db", &options, &Silent).await.expect("it goes");
    assert_eq!(numbers(&env).await, []);
    assert!(env.leases().list(&ListParams::default()).await.expect("leases").items.is_empty());
    assert!(!env.cluster.is_recorded(&env.pipeline("db")).await.expect("an answer"));
    let before = env.cluster.requests_sent();
    let again = env.cluster.delete(&env.namespace, "db", &options, &Silent).await;
    assert_eq!(again.expect("there is nothing to do").deleted, []);
    assert!(env.cluster.requests_sent() - before <= 6, "it only reads");
    env.finish().await;
}
