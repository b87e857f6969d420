//! A StatefulSet that is made anew, and everything that can go wrong on the way.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use k8s_openapi::api::apps::v1::StatefulSet;
use k8s_openapi::api::core::v1::PersistentVolumeClaim;
use kube::ResourceExt as _;
use kube::api::{DeleteParams, ListParams};
use serde_json::json;
use wellhead_cluster::{Action, ApplyOptions, ClusterError, Event, Progress, Silent};
use wellhead_diagnostics::Code;
use wellhead_harness::Part;
use wellhead_render::ResourceSet;

use crate::faults::{At, block_on, own_control_plane};
use crate::recreate::{Before, other_service, recreating, running, warnings};
use crate::support::{Env, Workload, patient, waiting};

/// Ends the call as a crash would, at the first event that it waits for.
struct Crash(fn(&Event) -> bool);

impl Progress for Crash {
    fn event(&self, event: Event) {
        if (self.0)(&event) {
            std::panic::resume_unwind(Box::new("a crash"));
        }
    }
}

/// Applies until it crashes.
async fn crash(env: &Env, workload: &Workload, when: fn(&Event) -> bool) {
    crash_set(env, workload.render(&env.namespace), when).await;
}

pub(crate) async fn crash_set(env: &Env, set: ResourceSet, when: fn(&Event) -> bool) {
    let sets = [set];
    let (options, progress) = (recreating(), Crash(when));
    let apply = env.apply_with(&sets, &options, &progress);
    let crashed = futures::FutureExt::catch_unwind(std::panic::AssertUnwindSafe(apply)).await;
    assert!(crashed.is_err(), "it came to an end: {crashed:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_at_any_point_is_finished_by_the_same_call_with_or_without_the_flag() {
    type Point = (&'static str, fn(&Event) -> bool, bool);
    let points: [Point; 4] = [
        ("written", |event| matches!(event, Event::Object(_)), false),
        ("orphaning", |event| matches!(event, Event::Orphaning(_)), false),
        ("orphaned", |event| matches!(event, Event::Orphaned(_)), true),
        (
            "created",
            |event| matches!(event, Event::Object(it) if it.action == Action::Recreated),
            true,
        ),
    ];
    for (name, point, gone) in points {
        for flag in [true, false].into_iter().filter(|flag| *flag || gone) {
            let env = Env::new(&format!("anew-{name}")).await;
            let (workload, before) = running(&env, 2).await;
            let moved = other_service(&workload);
            crash(&env, &moved, point).await;
            let options = if flag { recreating() } else { patient() };
            let sets = [moved.render(&env.namespace)];
            let report = env.apply_with(&sets, &options, &Silent).await;
            report.unwrap_or_else(|error| panic!("after a crash when {name}: {error:?}"));
            env.kept(&before, &moved).await;
            env.finish().await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pods_of_another_selector_are_found_again_after_a_crash() {
    let env = Env::new("anew-lost-label").await;
    let (workload, before) = running(&env, 2).await;
    let labels = json!({"app": "database"});
    let selected = workload.with(|one| {
        one.spec = json!({"selector": {"matchLabels": labels}, "template": {"metadata": {"labels": labels}}});
    });
    crash(&env, &selected, |event| matches!(event, Event::Orphaned(_))).await;
    assert_eq!(env.pod_uids().await, before.pods);
    env.apply(&selected).await.expect("it is created, and adopts its pods");
    assert_eq!(env.claim_uids().await, before.claims);
    env.nothing_left(&selected).await;
    env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_with_a_new_selector_is_written_once_the_pods_have_its_labels() {
    let env = Env::new("anew-endpoints").await;
    let (workload, _) = running(&env, 2).await;
    let labels = json!({"app": "database"});
    let selected = workload.with(|one| {
        one.spec = json!({"selector": {"matchLabels": labels}, "template": {"metadata": {"labels": labels}}});
    });
    let mut set = selected.render(&env.namespace);
    let selector = std::collections::BTreeMap::from([("app".to_owned(), "database".to_owned())]);
    let service = set.service.as_mut().expect("it has one");
    service.spec.as_mut().expect("a spec").selector = Some(selector);
    let found = AtomicUsize::new(0);
    let progress = At::new(
        |event| matches!(event, Event::Object(it) if it.object.to_string() == "service/db-peers"),
        || {
            let labelled = ListParams::default().labels("app=database");
            let pods = block_on(async { env.pods().list(&labelled).await });
            found.store(pods.expect("pods").items.len(), Ordering::SeqCst);
        },
    );
    let report = env.apply_with(&[set], &recreating(), &progress).await.expect("it is made anew");
    assert!(found.load(Ordering::SeqCst) >= 1, "the Service finds pods from the start");
    let first = &report.pipelines[0].objects[0];
    assert_eq!(
        (first.object.to_string(), first.action),
        ("service/db-peers".to_owned(), Action::Updated)
    );
    env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_between_deletion_and_creation_leaves_no_pod_without_its_controller() {
    let env = Env::new("anew-stop").await;
    let (workload, before) = running(&env, 2).await;
    let moved = other_service(&workload);
    let options = recreating();
    let stop = options.stop.clone();
    let progress = At::new(|event| matches!(event, Event::Orphaned(_)), || stop.stop());
    let sets = [moved.render(&env.namespace)];
    let stopped = env.apply_with(&sets, &options, &progress).await;
    let stopped = stopped.err().map(|error| error.to_string());
    assert!(stopped.is_none_or(|said| said == "stopped on request"), "nothing was left half done");
    assert_ne!(env.set().await.uid(), before.set);
    env.apply(&moved).await.expect("it becomes ready");
    env.kept(&before, &moved).await;
    env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_finalizer_of_somebody_else_is_named_and_nothing_is_applied_meanwhile() {
    let env = Env::new("anew-finalizer").await;
    let (workload, before) = running(&env, 2).await;
    let finalizers = json!({"metadata": {"finalizers": ["example.com/hold"]}});
    env.set_as::<StatefulSet>("holder", "db", finalizers).await;
    let moved = other_service(&workload);
    let options = ApplyOptions { recreate: true, ..waiting(Duration::from_secs(2)) };
    let sets = [moved.render(&env.namespace)];
    let error = env.apply_with(&sets, &options, &Silent).await.expect_err("it is held");
    assert!(matches!(error, ClusterError::Interrupted { .. }), "{error:?}");
    assert_eq!(error.problems()[0].code, Code::NotDeletedInTime);
    let why = error.problems()[0].why.as_deref().expect("a reason");
    assert!(why.contains("example.com/hold"), "{why}");
    assert_eq!(env.set().await.uid(), before.set, "nobody stripped it");
    let again = env.recreate(&moved).await.expect_err("it is still held");
    assert_eq!(again.problems()[0].code, Code::ObjectTerminating, "{again:?}");
    env.set_as::<StatefulSet>("holder", "db", json!({"metadata": {"finalizers": null}})).await;
    while env.stateful_sets().get_opt("db").await.expect("an answer").is_some() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    env.recreate(&moved).await.expect("it is created");
    env.kept(&before, &moved).await;
    env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_controller_manager_the_wait_ends_and_the_same_call_goes_on_later() {
    let control_plane = own_control_plane();
    let env = Env::on(&control_plane, "anew-kcm").await;
    let (workload, before) = running(&env, 2).await;
    control_plane.kill(Part::ControllerManager).expect("it dies");
    let moved = other_service(&workload);
    let options = ApplyOptions { recreate: true, ..waiting(Duration::from_secs(2)) };
    let sets = [moved.render(&env.namespace)];
    let error =
        env.apply_with(&sets, &options, &Silent).await.expect_err("nobody orphans the pods");
    assert_eq!(error.problems()[0].code, Code::NotDeletedInTime);
    let why = error.problems()[0].why.as_deref().expect("a reason");
    assert!(why.contains("it waits for: orphan"), "{why}");
    assert_eq!(env.set().await.uid(), before.set);
    assert_eq!(env.pod_uids().await, before.pods);
    control_plane.start_part(Part::ControllerManager).expect("it comes back");
    while env.stateful_sets().get_opt("db").await.expect("an answer").is_some() {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    env.recreate(&moved).await.expect("it is created");
    env.kept(&before, &moved).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn claims_that_would_go_along_are_kept_before_anything_is_deleted() {
    let env = Env::new("anew-retention").await;
    let delete = json!({"persistentVolumeClaimRetentionPolicy": {"whenDeleted": "Delete"}});
    let workload = Workload::new("db", 2).with(|one| one.spec = delete);
    env.apply(&workload).await.expect("it becomes ready");
    let owned = |claim: &PersistentVolumeClaim| !claim.owner_references().is_empty();
    while !env.claims().list(&ListParams::default()).await.expect("claims").iter().all(owned) {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let before = Before::of(&env).await;
    let moved = other_service(&workload);
    let owners = AtomicUsize::new(usize::MAX);
    let progress = At::new(
        |event| matches!(event, Event::Orphaning(_)),
        || {
            let claims = block_on(async { env.claims().list(&ListParams::default()).await });
            let owned = claims.expect("claims").iter().filter(|it| owned(it)).count();
            owners.store(owned, Ordering::SeqCst);
        },
    );
    let sets = [moved.render(&env.namespace)];
    env.apply_with(&sets, &recreating(), &progress).await.expect("it is made anew");
    assert_eq!(owners.load(Ordering::SeqCst), 0, "no claim hung on what was deleted");
    let policy = env.set().await.spec.expect("a spec").persistent_volume_claim_retention_policy;
    assert_eq!(policy.expect("a policy").when_deleted.as_deref(), Some("Delete"), "as was asked");
    assert_eq!((env.claim_uids().await, env.pod_uids().await), (before.claims, before.pods));
    env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pods_that_somebody_deletes_meanwhile_are_told_and_the_set_comes_back() {
    let env = Env::new("anew-loss").await;
    let (workload, before) = running(&env, 2).await;
    let moved = other_service(&workload);
    let progress = At::new(
        |event| matches!(event, Event::Orphaning(_)),
        || {
            block_on(async {
                let now = DeleteParams { grace_period_seconds: Some(0), ..Default::default() };
                env.pods().delete("db-1", &now).await.expect("it goes");
            });
        },
    );
    let sets = [moved.render(&env.namespace)];
    let report = env.apply_with(&sets, &recreating(), &progress).await.expect("it is made anew");
    assert!(warnings(&report).contains(&"WH0222"), "{report:?}");
    assert_eq!(env.claim_uids().await, before.claims);
    let pods = env.pod_uids().await;
    assert_eq!(pods.get("db-0"), before.pods.get("db-0"));
    assert_ne!(pods.get("db-1"), before.pods.get("db-1"));
    env.nothing_left(&moved).await;
    env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_spec_that_changes_meanwhile_stops_before_the_deletion() {
    let env = Env::new("anew-race").await;
    let (workload, before) = running(&env, 1).await;
    let moved = other_service(&workload);
    let progress = At::new(
        |event| matches!(event, Event::Orphaning(_)),
        || {
            block_on(env.set_as::<StatefulSet>(
                "hpa",
                "db",
                json!({"spec": {"minReadySeconds": 1}}),
            ));
        },
    );
    let sets = [moved.render(&env.namespace)];
    let error = env.apply_with(&sets, &recreating(), &progress).await.expect_err("it changed");
    assert_eq!(error.problems()[0].code, Code::NotReadyToRecreate, "{error:?}");
    assert_eq!(env.set().await.uid(), before.set);
    env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_set_that_the_server_would_refuse_is_refused_before_anything_is_written() {
    let env = Env::new("anew-refused").await;
    let (workload, _) = running(&env, 1).await;
    let versions = env.versions().await;
    let wrong =
        workload.with(|one| one.spec = json!({"selector": {"matchLabels": {"app": "other"}}}));
    let error = env.recreate(&wrong).await.expect_err("no pod would have these labels");
    assert!(matches!(error, ClusterError::Refused(_)), "{error:?}");
    assert_eq!(error.problems()[0].code, Code::InvalidObject);
    assert_eq!(env.versions().await, versions);
    env.finish().await;
}
