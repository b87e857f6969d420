//! Drift as a call of the library.

use kube::api::{DeleteParams, Patch, PatchParams};
use serde_json::json;
use wellhead_cluster::{Drift, DriftState, PlanOptions, Silent};

use crate::support::{Env, Workload};

#[tokio::test(flavor = "multi_thread")]
async fn drift_is_what_others_took_and_changed_and_what_is_gone() {
    let env = Env::new("drift").await;
    let workload = Workload::new("db", 2);
    env.apply(&workload).await.expect("it becomes ready");
    let sets = [workload.render(&env.namespace)];
    let options = PlanOptions::default();
    let drift = || env.cluster.drift(&sets, &options, &Silent);
    assert_eq!(drift().await.expect("the cluster answers"), Drift::default());

    let params = PatchParams { field_manager: Some("rival".to_owned()), ..PatchParams::default() };
    let body = json!({"spec": {"replicas": 1}});
    env.stateful_sets().patch("db", &params, &Patch::Merge(&body)).await.expect("no conflict");
    env.services().delete("db-peers", &DeleteParams::default()).await.expect("it is deleted");
    let found = drift().await.expect("the cluster answers");
    let objects: Vec<_> = found
        .objects
        .iter()
        .map(|it| {
            let fields: Vec<_> = it.fields.iter().map(|it| it.path.to_string()).collect();
            (it.object.to_string(), it.state, fields)
        })
        .collect();
    let replicas = vec!["spec.replicas".to_owned()];
    let expected = [
        ("service/db-peers".to_owned(), DriftState::Missing, Vec::new()),
        ("statefulset/db".to_owned(), DriftState::Changed, replicas),
    ];
    assert_eq!(objects, expected);
    assert!(found.hidden.is_empty(), "{:?}", found.hidden);
    env.finish().await;
}
