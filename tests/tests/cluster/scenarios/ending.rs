//! Objects that are on their way out.

use std::time::{Duration, Instant};

use k8s_openapi::api::core::v1::{Namespace, PersistentVolume, PersistentVolumeClaim};
use kube::Api;
use kube::api::{DeleteParams, Patch, PatchParams};
use serde_json::{Value, json};

use super::{Said, apply, run};
use crate::plan_cli::Cli;
use crate::support::PATIENCE;

async fn one_replica(test: &str) -> Cli {
    let cli = Cli::new(test).await;
    cli.change("replicas: 2", "replicas: 1");
    apply(&cli).ends(0, &[]);
    cli
}

fn volumes(cli: &Cli) -> Api<PersistentVolume> {
    Api::all(cli.env.client.clone())
}

async fn claim(cli: &Cli) -> Option<PersistentVolumeClaim> {
    cli.env.claims().get_opt("data-db-0").await.expect("claims can be read")
}

/// The volume of the claim.
async fn volume(cli: &Cli) -> String {
    let spec = claim(cli).await.and_then(|it| it.spec);
    spec.and_then(|it| it.volume_name).expect("the claim is bound")
}

/// Waits until the claim is as it should be.
async fn until(cli: &Cli, is: impl Fn(Option<&PersistentVolumeClaim>) -> bool) {
    let started = Instant::now();
    while !is(claim(cli).await.as_ref()) {
        assert!(started.elapsed() < PATIENCE, "the claim never becomes what it should");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// The patches of a volume that a message names, in their order.
fn patches(said: &Said, volume: &str) -> Vec<Value> {
    let command = format!("kubectl patch pv {volume} -p '");
    let texts = said.err.split(&command).skip(1).filter_map(|rest| rest.split('\'').next());
    texts.map(|text| serde_json::from_str(text).expect("the patch is JSON")).collect()
}

async fn patch(cli: &Cli, volume: &str, change: &Value) {
    let patched =
        volumes(cli).patch(volume, &PatchParams::default(), &Patch::Strategic(change)).await;
    patched.expect("the server takes what the hint says");
}

/// Each command of the message is run as it stands there.
#[tokio::test(flavor = "multi_thread")]
async fn a_claim_that_is_being_deleted_is_told_everywhere_and_its_data_comes_back_as_the_message_says()
 {
    let cli = one_replica("end-claim").await;
    let volume = volume(&cli).await;
    cli.env.claims().delete("data-db-0", &DeleteParams::default()).await.expect("it is there");
    let namespace = cli.env.namespace.clone();
    let what = "claim/data-db-0 is being deleted: its volume and data go when pod/db-0 ends";
    let delete = format!("wellhead delete db -n {namespace}");
    let help = [what, "kubernetes.io/pvc-protection", "Retain", &delete, "delete pod/db-0"];
    let with = |first: &'static str| [&[first][..], &help].concat();
    let status = run(&cli, &["status"]);
    status.ends(0, &with("warning[WH0404]")).prints(&[
        "Terminating",
        "0/1 claims bound",
        "in progress",
    ]);
    run(&cli, &["drift", "--exit-code"])
        .ends(2, &with("warning[WH0404]"))
        .prints(&["claim/data-db-0: is being deleted", "being deleted: 1"]);
    run(&cli, &["plan"]).ends(4, &with("error[WH0404]"));
    let refused = apply(&cli);
    refused.ends(4, &with("error[WH0404]"));

    // The claims stay, says the command, so it does not take this one along.
    let kept = Said::of(&cli.bare(&["delete", "db", "-n", &namespace, "--yes"]));
    kept.ends(4, &["error[WH0207]", "claim/data-db-0 is being deleted", &volume, "Retain"]);
    let patches = patches(&refused, &volume);
    assert_eq!(patches.len(), 2, "{}", refused.err);
    patch(&cli, &volume, &patches[0]).await;
    let said = Said::of(&cli.bare(&["delete", "db", "-n", &namespace, "--yes"]));
    said.ends(0, &[]);
    assert!(!said.out.contains("kept"), "it does not stay: {}", said.out);
    until(&cli, |claim| claim.is_none()).await;
    patch(&cli, &volume, &patches[1]).await;
    apply(&cli).ends(0, &[]);
    assert_eq!(self::volume(&cli).await, volume, "the data is there again");
    cli.env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_claim_that_has_lost_its_volume_is_told_although_nothing_changes() {
    let cli = one_replica("end-lost").await;
    let volume = volume(&cli).await;
    volumes(&cli).delete(&volume, &DeleteParams::default()).await.expect("it is there");
    patch(&cli, &volume, &json!({"metadata": {"finalizers": null}})).await;
    let phase = |claim: Option<&PersistentVolumeClaim>| claim?.status.as_ref()?.phase.clone();
    until(&cli, |claim| phase(claim).as_deref() == Some("Lost")).await;
    let parts = ["warning[WH0304]", "claim/data-db-0 has lost its volume", &volume, "help: "];
    run(&cli, &["plan"]).ends(0, &parts);
    run(&cli, &["status"]).ends(0, &parts).prints(&["Lost"]);
    cli.env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_namespace_that_is_being_deleted_is_told_first_with_what_keeps_the_data() {
    let cli = one_replica("end-namespace").await;
    let volume = volume(&cli).await;
    let finalizers = |of: Value| json!({"metadata": {"finalizers": of}});
    let hold = json!(["kubernetes.io/pvc-protection", "example.com/hold"]);
    cli.env.set_as::<PersistentVolumeClaim>("backup", "data-db-0", finalizers(hold)).await;
    let namespaces: Api<Namespace> = Api::all(cli.env.client.clone());
    namespaces.delete(&cli.env.namespace, &DeleteParams::default()).await.expect("it is there");
    let is_ending = |claim: Option<&PersistentVolumeClaim>| {
        claim.is_some_and(|it| it.metadata.deletion_timestamp.is_some())
    };
    until(&cli, is_ending).await;
    let what =
        format!("namespace \"{}\" is being deleted, and everything in it", cli.env.namespace);
    let again = format!("kubectl create namespace {}", cli.env.namespace);
    let said = run(&cli, &["plan"]);
    said.ends(
        4,
        &["error[WH0409]", &what, &again, "error[WH0404]", "claim/data-db-0", &volume, "Retain"],
    );
    assert!(!said.err.contains("wellhead delete"), "nothing can be made here: {}", said.err);
    run(&cli, &["status"]).ends(0, &["warning[WH0409]", &what, "warning[WH0404]", "Retain"]);
    cli.env.set_as::<PersistentVolumeClaim>("backup", "data-db-0", finalizers(json!([]))).await;
}
