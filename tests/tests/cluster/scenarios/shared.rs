//! One claim for several pods.

use k8s_openapi::api::core::v1::PersistentVolumeClaim;
use kube::api::PostParams;
use serde_json::json;

use super::run;
use crate::plan_cli::Cli;
use crate::support::object;

async fn claim(cli: &Cli, name: &str, mode: &str) {
    let claim: PersistentVolumeClaim = object(json!({"metadata": {"name": name}, "spec": {
        "accessModes": [mode], "resources": {"requests": {"storage": "1Gi"}}}}));
    cli.env.claims().create(&PostParams::default(), &claim).await.expect("a claim");
}

fn shares(cli: &Cli, replicas: usize, claim: &str) {
    let volume = format!(
        "replicas: {replicas}\n  volumes: [{{name: home, persistentVolumeClaim: {{claimName: {claim}}}}}]"
    );
    cli.change("replicas: 2", &volume);
}

#[tokio::test(flavor = "multi_thread")]
async fn pods_that_cannot_share_a_claim_are_told_before_they_wait() {
    let cli = Cli::new("share").await;
    for (name, mode) in
        [("once", "ReadWriteOnce"), ("alone", "ReadWriteOncePod"), ("many", "ReadWriteMany")]
    {
        claim(&cli, name, mode).await;
    }
    let help = "help: give each pod a volume of its own";
    shares(&cli, 3, "once");
    let what = "3 pods share claim/once, which one node at a time can mount";
    run(&cli, &["plan"]).ends(0, &["warning[WH0318]", what, "ReadWriteOnce", help]);
    shares(&cli, 2, "alone");
    let what = "2 pods name claim/alone, which only one pod can use";
    run(&cli, &["plan"]).ends(0, &["warning[WH0318]", what, "ReadWriteOncePod", help]);
    shares(&cli, 1, "nothing");
    run(&cli, &["plan"]).ends(0, &["warning[WH0310]", "claim/nothing does not exist"]);
    for (replicas, name) in [(1, "once"), (3, "many")] {
        shares(&cli, replicas, name);
        let said = run(&cli, &["plan"]);
        said.ends(0, &[]);
        assert!(!said.err.contains("warning"), "{name}: {}", said.err);
    }
    cli.env.finish().await;
}
