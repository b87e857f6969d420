//! One run at a time writes to a pipeline.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use k8s_openapi::api::coordination::v1::Lease;
use serde_json::json;
use wellhead_cluster::{
    Action, ApplyOptions, ClusterError, DeleteOptions, Event, Progress, Silent, Wait,
};
use wellhead_diagnostics::Code;

use crate::faults::{At, block_on};
use crate::support::{Env, Workload};

const OTHER: &str = "ci@runner-7_1-00";

fn quick() -> ApplyOptions {
    ApplyOptions { wait: Wait::No, ..ApplyOptions::default() }
}

/// Writes to the Lease as a run does that holds it, at the moment `renewed` of its own clock.
async fn hold(env: &Env, renewed: u32) {
    let fields = json!({"spec": {
        "holderIdentity": OTHER, "leaseDurationSeconds": 15,
        "acquireTime": "2026-01-01T00:00:00.000000Z",
        "renewTime": format!("2026-01-01T00:00:00.{renewed:06}Z")}});
    env.set_as::<Lease>("wellhead", "wellhead.db", fields).await;
}

async fn holder(env: &Env) -> Option<String> {
    env.leases().get("wellhead.db").await.expect("it exists").spec?.holder_identity
}

/// Renews the Lease of the other run each time that somebody says to wait for it.
struct Renewing<'a>(&'a Env, AtomicU32);

impl Progress for Renewing<'_> {
    fn event(&self, event: Event) {
        if matches!(event, Event::Held { .. }) {
            block_on(hold(self.0, self.1.fetch_add(1, Ordering::Relaxed)));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_lease_is_held_while_writing_and_free_afterwards() {
    let env = Env::new("held").await;
    let seen = Mutex::new(None);
    let progress = At::new(
        |event| matches!(event, Event::Object(_)),
        || *seen.lock().unwrap() = block_on(holder(&env)),
    );
    let sets = [Workload::new("db", 1).render(&env.namespace)];
    env.apply_with(&sets, &quick(), &progress).await.expect("it is written");
    let seen = seen.lock().unwrap().clone();
    assert!(seen.as_ref().is_some_and(|it| it.contains('@')), "{seen:?}");
    assert_eq!(holder(&env).await, None);
    env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pipeline_that_a_living_run_holds_is_refused_with_its_name_and_nothing_is_written() {
    let env = Env::new("alive").await;
    let workload = Workload::new("db", 1);
    env.send(&workload).await.expect("it is written");
    hold(&env, 0).await;
    let spec = env.stateful_sets().get("db").await.expect("it exists").spec;
    let sets = [workload.with(|it| it.image = "nginx:1.27".to_owned()).render(&env.namespace)];
    let other = Renewing(&env, AtomicU32::new(1));
    let error = env.apply_with(&sets, &quick(), &other).await.expect_err("it is held");
    assert!(
        matches!(&error, ClusterError::Refused(problems) if problems[0].code == Code::PipelineLocked)
    );
    assert!(error.problems()[0].what.contains(OTHER), "{error}");
    assert!(error.problems()[0].what.contains("since 2026-01-01"), "{error}");
    let options = DeleteOptions::default();
    let refused = env.cluster.delete(&env.namespace, "db", &options, &other).await;
    assert!(matches!(refused, Err(ClusterError::Refused(_))), "{refused:?}");
    assert_eq!(env.stateful_sets().get("db").await.expect("it exists").spec, spec);
    assert_eq!(holder(&env).await.as_deref(), Some(OTHER));
    env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_run_is_taken_over_when_its_lease_ends_whatever_its_clock_showed() {
    let env = Env::new("dead").await;
    let workload = Workload::new("db", 1);
    env.send(&workload).await.expect("it is written");
    hold(&env, 0).await;
    let newer = workload.with(|it| it.image = "nginx:1.27".to_owned());
    let report = env.send(&newer).await.expect("the dead do not hold anything for long");
    assert_eq!(report.count(Action::Updated), 1);
    assert_eq!(holder(&env).await, None);
    env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_applies_at_once_take_turns() {
    let env = Env::new("turns").await;
    let one = Workload::new("db", 1);
    let two = one.with(|it| it.image = "nginx:1.27".to_owned());
    let patient = ApplyOptions { lock_timeout: Duration::from_mins(1), ..quick() };
    let (one_set, two_set) = ([one.render(&env.namespace)], [two.render(&env.namespace)]);
    let (first, second) = tokio::join!(
        env.apply_with(&one_set, &patient, &Silent),
        env.apply_with(&two_set, &patient, &Silent),
    );
    let revisions = [first, second].map(|it| it.expect("its turn comes").pipelines[0].revision);
    assert_eq!(revisions.map(Option::unwrap_or_default).iter().sum::<i64>(), 3, "{revisions:?}");
    let history = env.cluster.history(&env.pipeline("db")).await.expect("it can be read").revisions;
    assert_eq!(history.iter().map(|it| it.number).collect::<Vec<_>>(), [2, 1]);
    env.finish().await;
}
