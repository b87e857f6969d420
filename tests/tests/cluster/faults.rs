//! Processes that die and people who interfere.

use std::sync::atomic::{AtomicBool, Ordering};

use kube::api::DeleteParams;
use wellhead_cluster::{Action, ClusterError, Event, Progress, Silent};
use wellhead_diagnostics::Code;
use wellhead_harness::{ControlPlane, Options, Part, controlplane_binary};

use crate::support::{Env, Workload, patient};

/// Runs something at the first event that it waits for, and lets the call go on only afterwards.
pub(crate) struct At<F: Fn() + Send + Sync> {
    when: fn(&Event) -> bool,
    done: AtomicBool,
    then: F,
}

impl<F: Fn() + Send + Sync> At<F> {
    pub(crate) fn new(when: fn(&Event) -> bool, then: F) -> Self {
        Self { when, done: AtomicBool::new(false), then }
    }
}

impl<F: Fn() + Send + Sync> Progress for At<F> {
    fn event(&self, event: Event) {
        if (self.when)(&event) && !self.done.swap(true, Ordering::SeqCst) {
            (self.then)();
        }
    }
}

/// Runs a future to its end from inside a callback.
pub(crate) fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::task::block_in_place(|| tokio::runtime::Handle::current().block_on(future))
}

pub(crate) fn own_control_plane() -> ControlPlane {
    let binary = controlplane_binary().expect("it is built");
    ControlPlane::start(&binary, &Options::temporary()).expect("it starts")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_of_the_api_server_during_apply_is_survived() {
    let control_plane = own_control_plane();
    let env = Env::on(&control_plane, "restart").await;
    let workload = Workload::new("db", 3);
    std::thread::scope(|scope| {
        let progress = At::new(
            |event| matches!(event, Event::Checked { .. }),
            || {
                control_plane.kill(Part::ApiServer).expect("it dies");
                scope.spawn(|| control_plane.start_part(Part::ApiServer).expect("it comes back"));
            },
        );
        let sets = [workload.render(&env.namespace)];
        let report = block_on(env.apply_with(&sets, &patient(), &progress)).expect("it finishes");
        assert!(progress.done.load(Ordering::SeqCst));
        assert_eq!(report.count(Action::Created), 5);
        assert!(report.pipelines[0].readiness.expect("it was waited for").complete);
    });
    let before = env.versions().await;
    let again = env.apply(&workload).await.expect("it is ready");
    assert_eq!(again.count(Action::Unchanged), 5);
    assert_eq!(env.versions().await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_apply_that_died_halfway_is_finished_by_the_same_call() {
    let env = Env::new("halfway").await;
    let workload = Workload::new("db", 2);
    let options = patient();
    let stop = options.stop.clone();
    let progress = At::new(|event| matches!(event, Event::Object(_)), || stop.stop());
    let sets = [workload.render(&env.namespace)];
    let error = env.apply_with(&sets, &options, &progress).await;
    assert!(matches!(error, Err(ClusterError::Stopped { report: Some(_) })), "{error:?}");
    assert!(env.stateful_sets().get_opt("db").await.expect("an answer").is_none());
    let uid = env.services().get("db-peers").await.expect("it was written").metadata.uid;
    let report = env.apply(&workload).await.expect("it becomes ready");
    assert!(report.count(Action::Unchanged) >= 1);
    assert_eq!(env.services().get("db-peers").await.expect("it exists").metadata.uid, uid);
    env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_object_deleted_before_the_write_is_not_recreated_as_an_update() {
    let env = Env::new("gone").await;
    let workload = Workload::new("db", 1);
    env.apply(&workload).await.expect("it becomes ready");
    let progress = At::new(
        |event| matches!(event, Event::Checked { .. }),
        || block_on(delete_stateful_set(&env)),
    );
    let newer = workload.with(|workload| workload.image = "nginx:1.27".to_owned());
    let sets = [newer.render(&env.namespace)];
    let error = env.apply_with(&sets, &patient(), &progress).await;
    let Err(ClusterError::Interrupted { problems, report }) = error else { panic!("{error:?}") };
    assert_eq!(problems[0].code, Code::ObjectReplaced);
    assert_eq!(problems[0].what, "statefulset/db was deleted while it was being updated");
    assert_eq!(report.count(Action::Updated), 0);
    assert!(env.stateful_sets().get_opt("db").await.expect("an answer").is_none());

    let report = env.apply(&newer).await.expect("the next call decides on what is there");
    assert_eq!(report.count(Action::Created), 1);
    env.finish().await;
}

async fn delete_stateful_set(env: &Env) {
    env.stateful_sets().delete("db", &DeleteParams::background()).await.expect("it goes");
    while env.stateful_sets().get_opt("db").await.expect("an answer").is_some() {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_writer_that_interferes_all_the_time_does_not_stop_an_apply() {
    let env = Env::new("churn").await;
    let workload = Workload::new("db", 0);
    env.apply(&workload).await.expect("it is ready");
    let stop = wellhead_cluster::StopSignal::default();
    let writer = async {
        let mut number = 0;
        while !stop.is_stopped() {
            number += 1;
            let note = serde_json::json!({"metadata": {"annotations": {"n": number.to_string()}}});
            env.set_as::<k8s_openapi::api::apps::v1::StatefulSet>("noise", "db", note).await;
        }
    };
    let changes = async {
        for number in 0..10 {
            let newer = workload.with(|one| one.image = format!("nginx:1.{number}"));
            let sets = [newer.render(&env.namespace)];
            let report = env.apply_with(&sets, &patient(), &Silent).await.expect("it is written");
            assert_eq!(report.count(Action::Updated), 1);
        }
        stop.stop();
    };
    futures::join!(writer, changes);
    env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_not_there_is_named_with_its_address() {
    let control_plane = own_control_plane();
    let env = Env::on(&control_plane, "absent").await;
    control_plane.kill(Part::ApiServer).expect("it dies");
    let error = env.send(&Workload::new("db", 1)).await.expect_err("nobody answers");
    assert!(matches!(error, ClusterError::Request(_)), "{error:?}");
    let problem = &error.problems()[0];
    assert_eq!(problem.code, Code::ServerUnreachable);
    assert!(problem.what.contains(env.cluster.server_url()), "{problem}");
}
