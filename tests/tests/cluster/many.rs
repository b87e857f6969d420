//! Many pipelines in one call.

use wellhead_cluster::{Action, Silent};

use crate::support::{Env, Workload, patient};

#[tokio::test(flavor = "multi_thread")]
async fn unchanged_pipelines_cost_four_lists_whatever_their_number() {
    let env = Env::new("many").await;
    let sets: Vec<_> = (0..12)
        .map(|number| Workload::new(&format!("p{number}"), 1).render(&env.namespace))
        .collect();
    let first = env.apply_with(&sets, &patient(), &Silent).await.expect("they become ready");
    assert_eq!(first.count(Action::Created), 36);
    let before = env.versions().await;
    let second = env.apply_with(&sets, &patient(), &Silent).await.expect("they are ready");
    assert_eq!(second.count(Action::Unchanged), 36);
    assert_eq!(second.requests, 4, "Leases, Services, claims, StatefulSets");
    assert_eq!(env.versions().await, before);
    env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_pipelines_that_want_one_object_are_refused() {
    let env = Env::new("twice").await;
    let one = Workload::new("one", 1);
    let two = Workload::new("two", 1).with(|two| two.service = "one-peers".to_owned());
    let sets = [one.render(&env.namespace), two.render(&env.namespace)];
    let error = env.apply_with(&sets, &patient(), &Silent).await.expect_err("they collide");
    assert_eq!(error.problems()[0].what, "service/one-peers belongs to two pipelines of this run");
    env.finish().await;
}
