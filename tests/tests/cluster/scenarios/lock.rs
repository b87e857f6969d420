//! Two runs at once.

use std::time::Duration;

use k8s_openapi::api::coordination::v1::Lease;
use kube::api::{Api, Patch, PatchParams};
use serde_json::json;

use super::{apply, run};
use crate::plan_cli::Cli;

/// Writes to the Lease again and again, as a run does that is alive.
async fn hold(leases: Api<Lease>) {
    let params =
        PatchParams { field_manager: Some("wellhead".to_owned()), ..PatchParams::default() };
    for second in 0.. {
        let spec = json!({"holderIdentity": "ci@runner-7", "leaseDurationSeconds": 15,
            "acquireTime": "2026-01-01T00:00:00.000000Z",
            "renewTime": format!("2026-01-01T00:00:00.{second:06}Z")});
        let renewed = Patch::Merge(json!({"spec": spec}));
        leases.patch("wellhead.db", &params, &renewed).await.expect("it is there");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

async fn held(leases: &Api<Lease>) -> bool {
    let lease = leases.get("wellhead.db").await.expect("it is there");
    lease.spec.and_then(|it| it.holder_identity).as_deref() == Some("ci@runner-7")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_is_alive_is_named_with_its_time_and_what_happens_if_it_dies() {
    let cli = Cli::new("row-lock").await;
    apply(&cli).ends(0, &[]);
    cli.change("postgres:17", "postgres:18");
    let leases = cli.env.api::<Lease>();
    let alive = tokio::spawn(hold(leases.clone()));
    while !held(&leases).await {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let set = cli.env.stateful_sets().get("db").await.expect("it is there").metadata;
    let what = format!("{}/db is being changed by ci@runner-7 since 2026-01-01", cli.env.namespace);
    run(&cli, &["plan"]).ends(0, &["warning[WH0402]", &what]);
    let said = apply(&cli);
    said.ends(4, &["error[WH0402]", &what, "its Lease was last renewed", "help: "]);
    let after = cli.env.stateful_sets().get("db").await.expect("it is there").metadata;
    assert_eq!(after.generation, set.generation, "nothing is written");
    alive.abort();
    cli.env.finish().await;
}
