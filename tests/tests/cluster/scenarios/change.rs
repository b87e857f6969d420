//! Changes of images and sizes.

use k8s_openapi::api::storage::v1::StorageClass;
use kube::api::{Api, DeleteParams, PostParams};
use serde_json::json;

use super::{apply, refused, run};
use crate::plan_cli::Cli;
use crate::support::object;

#[tokio::test(flavor = "multi_thread")]
async fn another_image_is_rolled_out() {
    let cli = Cli::new("row-image").await;
    apply(&cli).ends(0, &[]);
    cli.change("postgres:17", "postgres:18");
    let said = apply(&cli);
    said.ends(0, &["1 to write, 3 unchanged", "updated"]).prints(&["0 created, 1 updated"]);
    cli.env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_larger_size_grows_the_claims_and_keeps_pods_and_data() {
    let cli = Cli::new("row-grow").await;
    apply(&cli).ends(0, &[]);
    let uid = |pod: k8s_openapi::api::core::v1::Pod| pod.metadata.uid.expect("a uid");
    let pod = uid(cli.env.pods().get("db-0").await.expect("it is there"));
    let claim = cli.env.claims().get("data-db-0").await.expect("it is there");
    cli.change("size: 1Gi", "size: 2Gi");
    let said = run(&cli, &["apply", "--yes", "--wait=false"]);
    said.ends(0, &["the claim templates of statefulset/db are kept unchanged"]);
    said.prints(&["0 created, 2 updated, 2 unchanged."]);
    let grown = cli.env.claims().get("data-db-0").await.expect("it is there");
    assert_eq!(grown.metadata.uid, claim.metadata.uid);
    let requests = grown.spec.and_then(|it| it.resources).and_then(|it| it.requests);
    assert_eq!(requests.expect("requests")["storage"].0, "2Gi");
    assert_eq!(uid(cli.env.pods().get("db-0").await.expect("it is there")), pod);
    cli.env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_class_that_forbids_growth_is_named_with_the_claims() {
    let cli = Cli::new("row-fixed-size").await;
    let classes: Api<StorageClass> = Api::all(cli.env.client.clone());
    let name = cli.env.namespace.clone();
    let class: StorageClass =
        object(json!({"metadata": {"name": name}, "provisioner": "kubernetes.io/host-path"}));
    classes.create(&PostParams::default(), &class).await.expect("a class");
    let of_class = format!("storageClass: {name}\n      size: 1Gi");
    cli.change("size: 1Gi", &of_class);
    apply(&cli).ends(0, &[]);
    cli.change("size: 1Gi", &of_class.replace("1Gi", "2Gi"));
    let what = format!("class \"{name}\" does not allow volumes to grow");
    let facts = "claims: data-db-0, data-db-1";
    refused(&cli, &["error[WH0202]", &what, facts, "help: put the old size back"]).await;
    classes.delete(&name, &DeleteParams::default()).await.expect("it goes");
    cli.env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_smaller_size_is_refused_with_both_sizes() {
    let cli = Cli::new("row-shrink").await;
    apply(&cli).ends(0, &[]);
    cli.change("size: 1Gi", "size: 512Mi");
    let what = "claim/data-db-0 holds 1Gi; 512Mi was asked";
    let parts = ["error[WH0203]", what, "volumes cannot shrink", "help: ask for at least 1Gi"];
    refused(&cli, &parts).await;
    cli.env.finish().await;
}

/// One flag for a destructive path is never right.
#[tokio::test(flavor = "multi_thread")]
async fn there_is_no_force() {
    let cli = Cli::new("row-force").await;
    for flag in ["--force", "--force-replace"] {
        run(&cli, &["apply", flag]).ends(2, &[flag]);
    }
    assert_eq!(cli.env.versions().await, [""; 0], "nothing is written");
    cli.env.finish().await;
}
