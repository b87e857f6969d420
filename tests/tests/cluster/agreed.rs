//! An apply that goes on from the plan that somebody looked at.

use kube::api::{Patch, PatchParams};
use serde_json::json;
use wellhead_cluster::{ClusterError, Fate, Rendered, Silent};
use wellhead_diagnostics::Code;

use crate::support::{Env, Workload, patient};

/// Changes the Service, as another field manager.
async fn change_service(env: &Env, change: serde_json::Value) {
    let params = PatchParams { field_manager: Some("other".to_owned()), ..PatchParams::default() };
    env.services().patch("db-peers", &params, &Patch::Merge(change)).await.expect("it is changed");
}

fn with_image(image: &str) -> Workload {
    Workload::new("db", 1).with(|it| image.clone_into(&mut it.image))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_agreed_to_is_written_without_a_second_check_while_the_cluster_is_as_it_was() {
    let env = Env::new("agreed").await;
    let options = patient();
    let sets = [Workload::new("db", 1).render(&env.namespace)];
    let source = &Rendered { sets: &sets, about: &[] };
    let checked = env.cluster.plan_checked(source, &options, &Silent).await.expect("a plan");
    assert!(checked.plan.problems.is_empty() && !checked.plan.is_empty());
    assert!(env.versions().await.is_empty(), "a plan writes nothing");
    let report = env.cluster.apply_checked(source, checked, &options, &Silent).await;
    let report = report.expect("it becomes ready");
    assert_eq!(report.pipelines[0].fate, Fate::Applied);

    // Nothing to do: no more than the Leases and the objects are read.
    let checked = env.cluster.plan_checked(source, &options, &Silent).await.expect("a plan");
    assert!(checked.plan.is_empty());
    let before = env.versions().await;
    let report = env.cluster.apply_checked(source, checked, &options, &Silent).await;
    let report = report.expect("it is ready");
    assert_eq!((report.pipelines[0].fate, report.requests), (Fate::Unchanged, 4));
    assert_eq!(env.versions().await, before);
    env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_agreed_to_is_checked_again_where_the_cluster_changed() {
    let env = Env::new("agreed-since").await;
    let options = patient();
    let apply = async |image: &str| {
        let sets = [with_image(image).render(&env.namespace)];
        env.cluster.apply(&sets, &options, &Silent).await.expect("it becomes ready");
    };
    apply("nginx:1").await;
    let sets = [with_image("nginx:2").render(&env.namespace)];
    let source = &Rendered { sets: &sets, about: &[] };

    // A change that leaves what was agreed to as it is.
    let checked = env.cluster.plan_checked(source, &options, &Silent).await.expect("a plan");
    change_service(&env, json!({"metadata": {"labels": {"other": "label"}}})).await;
    let report = env.cluster.apply_checked(source, checked, &options, &Silent).await;
    assert_eq!(report.expect("it becomes ready").pipelines[0].fate, Fate::Applied);

    // Another run since.
    let sets = [with_image("nginx:3").render(&env.namespace)];
    let source = &Rendered { sets: &sets, about: &[] };
    let checked = env.cluster.plan_checked(source, &options, &Silent).await.expect("a plan");
    apply("nginx:4").await;
    let before = env.versions().await;
    let refused = env.cluster.apply_checked(source, checked, &options, &Silent).await;
    let Err(ClusterError::Refused(problems)) = refused else { panic!("{refused:?}") };
    assert_eq!(problems[0].code, Code::NotAsPlanned);
    assert!(problems[0].ways_out()[0].contains("run the same command again"), "{problems:?}");
    assert_eq!(env.versions().await, before, "nothing is written");
    env.finish().await;
}
