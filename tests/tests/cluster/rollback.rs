//! Back to a revision, without its files.

use wellhead_cluster::{
    Action, ApplyOptions, ClusterError, RevisionRef, RevisionState, Silent, Storage, Wait,
};
use wellhead_diagnostics::Code;
use wellhead_render::ResourceSet;

use crate::support::{Env, Workload, patient};

fn image(number: u32) -> Workload {
    Workload::new("db", 1).with(|it| it.image = format!("nginx:1.{number}"))
}

/// Goes back and waits, as the command does.
async fn roll_back(env: &Env, number: Option<i64>) -> Result<ResourceSet, ClusterError> {
    let revision = number.map(RevisionRef::from);
    let target =
        env.cluster.rollback(&env.pipeline("db"), revision.as_ref(), Storage::Refuse).await?;
    let options = ApplyOptions { about: vec![target.about()], ..patient() };
    env.apply_with(std::slice::from_ref(&target.objects), &options, &Silent).await?;
    Ok(target.objects)
}

async fn running(env: &Env) -> Option<String> {
    let spec = env.stateful_sets().get("db").await.expect("it exists").spec?;
    spec.template.spec?.containers[0].image.clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_revision_before_comes_back_as_a_revision_of_its_own() {
    let env = Env::new("back").await;
    env.apply(&image(14)).await.expect("it becomes ready");
    env.apply(&image(27)).await.expect("it becomes ready");
    let claims = env.claims().get("data-db-0").await.expect("it exists").metadata.uid;
    roll_back(&env, None).await.expect("it goes back");
    assert_eq!(running(&env).await.as_deref(), Some("nginx:1.14"));
    assert_eq!(env.claims().get("data-db-0").await.expect("it exists").metadata.uid, claims);
    let history = env.cluster.history(&env.pipeline("db")).await.expect("it can be read").revisions;
    assert_eq!((history[0].number, history[0].rollback_to), (3, Some(1)));
    assert_eq!(history[0].state, RevisionState::Current);
    // What is there is what applying the files of then would give.
    let report = env.apply(&image(14)).await.expect("it is ready");
    assert_eq!(report.count(Action::Unchanged), 3);
    assert_eq!(report.pipelines[0].revision, Some(3));
    env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn going_back_from_what_was_never_finished_brings_what_was() {
    let env = Env::new("halfway").await;
    env.apply(&image(14)).await.expect("it becomes ready");
    let options = ApplyOptions { wait: Wait::No, ..ApplyOptions::default() };
    let stop = options.stop.clone();
    let progress = crate::faults::At::new(
        |event| matches!(event, wellhead_cluster::Event::Object(_)),
        || stop.stop(),
    );
    let sets = [image(27).render(&env.namespace)];
    env.apply_with(&sets, &options, &progress).await.expect_err("it was stopped");
    let target = env.cluster.rollback(&env.pipeline("db"), None, Storage::Refuse).await;
    assert_eq!(target.expect("there is one").target.revision.number, 1);
    env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_volume_that_has_grown_is_not_taken_back_and_that_is_told_before_anything_is_written() {
    let env = Env::new("grown").await;
    let small = image(14).with(|it| it.class = Some("standard".to_owned()));
    env.apply(&small).await.expect("it becomes ready");
    let larger = small.with(|it| {
        it.size = "2Gi".to_owned();
        it.image = "nginx:1.27".to_owned();
    });
    let quick = ApplyOptions { wait: Wait::No, ..ApplyOptions::default() };
    let sets = [larger.render(&env.namespace)];
    env.apply_with(&sets, &quick, &Silent).await.expect("it is written");
    // The volume has grown: no shrinking the claim from here.
    env.grow_volume("data-db-0", "2Gi").await;
    let before = env.versions().await;
    let pipeline = env.pipeline("db");
    let refused = env.cluster.rollback(&pipeline, None, Storage::Refuse).await;
    let error = refused.expect_err("a volume does not shrink");
    assert_eq!(error.problems()[0].code, Code::StorageCannotGoBack);
    assert!(error.problems()[0].ways_out()[0].contains("--keep-storage"));
    assert_eq!(env.versions().await, before);
    let target = env.cluster.rollback(&pipeline, None, Storage::Keep).await.expect("it can be had");
    assert_eq!(target.kept.len(), 1);
    let sets = [target.objects.clone()];
    env.apply_with(&sets, &quick, &Silent).await.expect("the rest goes back");
    assert_eq!(running(&env).await.as_deref(), Some("nginx:1.14"));
    assert_eq!(env.requested("data-db-0").await, "2Gi");
    env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_an_earlier_revision_there_is_nothing_to_go_back_to() {
    let env = Env::new("nowhere").await;
    env.send(&image(14)).await.expect("it is written");
    let pipeline = env.pipeline("db");
    for number in [None, Some(7)] {
        let revision = number.map(RevisionRef::from);
        let error = env.cluster.rollback(&pipeline, revision.as_ref(), Storage::Refuse).await;
        assert_eq!(error.expect_err("there is none").problems()[0].code, Code::RevisionNotFound);
    }
    env.finish().await;
}
