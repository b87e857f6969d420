//! `wellhead list`, and `status` without names, on the real control plane.

use k8s_openapi::api::apps::v1::StatefulSet;
use k8s_openapi::api::core::v1::PersistentVolumeClaim;
use kube::api::{Patch, PatchParams, PostParams};
use serde_json::{Value, json};
use wellhead_cluster::{
    About, ApplyOptions, Claims, DeleteOptions, PipelineState, PipelineSummary, Plugin, Silent,
};

use crate::plan_cli::Cli;
use crate::support::{Env, Workload, patient};

/// The row of a pipeline.
async fn row(env: &Env, name: &str) -> Option<PipelineSummary> {
    let rows = env.cluster.list(Some(&env.namespace)).await.expect("they can be listed");
    rows.into_iter().find(|it| it.name == name)
}

fn plugin(name: &str) -> Plugin {
    Plugin { name: name.to_owned(), version: None, digest: "sha256:0".to_owned() }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_follows_its_pipeline_from_the_first_apply_to_its_kept_claims() {
    let env = Env::new("list").await;
    assert_eq!(env.cluster.list(Some(&env.namespace)).await.expect("nothing"), []);
    let db = Workload::new("db", 2);
    let about = About { plugins: vec![plugin("size"), plugin("mirror")], ..About::default() };
    let options = ApplyOptions { about: vec![about], ..patient() };
    env.apply_with(&[db.render(&env.namespace)], &options, &Silent).await.expect("it is ready");
    let found = row(&env, "db").await.expect("it is listed");
    assert_eq!(found.state, PipelineState::Ready);
    assert_eq!((found.ready, found.replicas, found.revision), (Some(2), Some(2), Some(1)));
    assert_eq!(found.plugins, Some(vec!["size".to_owned(), "mirror".to_owned()]));
    assert_eq!(found.plugin_digests, ["sha256:0", "sha256:0"]);
    assert!(found.created.is_some() && found.age.is_some(), "{found:?}");
    assert_eq!(found.kept_claims, None);

    env.apply(&Workload::new("db", 0)).await.expect("it stops");
    let found = row(&env, "db").await.expect("it is listed");
    assert_eq!((found.state, found.revision), (PipelineState::Stopped, Some(2)));
    assert_eq!(found.plugins, Some(Vec::new()));

    // A run that died holds the Lease, and its revision was recorded before its objects.
    let lease = json!({"spec": {"holderIdentity": "a@b/1", "leaseDurationSeconds": 15}});
    let (params, patch) = (PatchParams::default(), Patch::Merge(&lease));
    env.leases().patch("wellhead.db", &params, &patch).await.expect("it can be patched");
    let held = row(&env, "db").await.expect("it is listed").state;
    assert!(matches!(held, PipelineState::Changing | PipelineState::Unfinished), "{held:?}");
    let patch = json!({"spec": {"holderIdentity": null}});
    let patch = Patch::Merge(&patch);
    env.leases().patch("wellhead.db", &params, &patch).await.expect("it can be patched");

    let options = DeleteOptions { claims: Claims::Keep, ..DeleteOptions::default() };
    let deleted = env.cluster.delete(&env.namespace, "db", &options, &Silent).await;
    deleted.expect("it is deleted");
    let found = row(&env, "db").await.expect("its claims are kept");
    assert_eq!((found.state, found.kept_claims), (PipelineState::Deleted, Some(2)));
    assert_eq!((found.replicas, found.revision, found.plugins), (None, None, None));
    env.finish().await;
}

/// Objects of others, and copies of our labels, are no pipelines.
#[tokio::test(flavor = "multi_thread")]
async fn what_others_made_is_not_listed() {
    let env = Env::new("list-others").await;
    let set = json!({
        "metadata": {"name": "theirs", "labels": {"app.kubernetes.io/managed-by": "wellhead"}},
        "spec": {
            "replicas": 0, "serviceName": "x", "selector": {"matchLabels": {"app": "x"}},
            "template": {"metadata": {"labels": {"app": "x"}},
                         "spec": {"containers": [{"name": "x", "image": "x"}]}},
        },
    });
    let set: StatefulSet = serde_json::from_value(set).expect("a StatefulSet");
    env.stateful_sets().create(&PostParams::default(), &set).await.expect("it is created");
    let labels =
        json!({"app.kubernetes.io/managed-by": "wellhead", "app.kubernetes.io/instance": "db"});
    let claim = json!({
        "metadata": {"name": "data-db-0", "labels": labels},
        "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}},
    });
    let claim: PersistentVolumeClaim = serde_json::from_value(claim).expect("a claim");
    env.claims().create(&PostParams::default(), &claim).await.expect("it is created");
    let lease = json!({"metadata": {"name": "other", "labels": {"wellhead.dev/pipeline": "db"}}});
    let lease = serde_json::from_value(lease).expect("a Lease");
    env.leases().create(&PostParams::default(), &lease).await.expect("it is created");
    assert_eq!(env.cluster.list(Some(&env.namespace)).await.expect("nothing of ours"), []);
    assert_eq!(env.cluster.statuses(Some(&env.namespace)).await.expect("nothing of ours"), []);
    env.finish().await;
}

/// One LIST for each kind, however many pipelines there are; and the statuses are those of each by name.
#[tokio::test(flavor = "multi_thread")]
async fn all_pipelines_cost_a_few_lists_and_look_as_each_does_alone() {
    let env = Env::new("list-many").await;
    let names: Vec<_> = (0..12).map(|number| format!("p{number}")).collect();
    let sets: Vec<_> =
        names.iter().map(|name| Workload::new(name, 1).render(&env.namespace)).collect();
    env.apply_with(&sets, &patient(), &Silent).await.expect("they become ready");
    let options = DeleteOptions { claims: Claims::Keep, ..DeleteOptions::default() };
    let deleted = env.cluster.delete(&env.namespace, "p3", &options, &Silent).await;
    deleted.expect("it is deleted");

    let before = env.cluster.requests_sent();
    let rows = env.cluster.list(Some(&env.namespace)).await.expect("they can be listed");
    assert_eq!(env.cluster.requests_sent() - before, 4, "Leases, StatefulSets, revisions, claims");
    assert_eq!(rows.len(), 12);

    let before = env.cluster.requests_sent();
    let statuses = env.cluster.statuses(Some(&env.namespace)).await.expect("they can be read");
    assert_eq!(env.cluster.requests_sent() - before, 4, "StatefulSets, Services, claims, pods");
    assert_eq!(statuses.len(), 12);
    for found in &statuses {
        let alone = env.cluster.status(&env.namespace, &found.name).await.expect("it is read");
        assert_eq!(Some(found), alone.as_ref());
    }
    let everywhere = env.cluster.list(None).await.expect("all namespaces");
    let ours: Vec<_> = everywhere.into_iter().filter(|it| it.namespace == env.namespace).collect();
    assert_eq!(ours.len(), rows.len());
    env.finish().await;
}

/// Standard output without what differs from run to run.
fn shown(cli: &Cli, arguments: &[&str]) -> (Option<i32>, String, String) {
    let output = cli.bare(arguments);
    let text =
        |bytes: &[u8]| String::from_utf8_lossy(bytes).replace(&cli.env.namespace, "[NAMESPACE]");
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_lists_a_namespace_or_all_and_status_needs_no_name() {
    let cli = Cli::new("list-cli").await;
    let namespace = cli.env.namespace.clone();
    let (code, out, said) = shown(&cli, &["list", "-n", &namespace]);
    assert_eq!((code, out.as_str()), (Some(0), ""));
    assert_eq!(said, "no pipelines in namespace [NAMESPACE]; `-A` looks in all of them\n");
    cli.apply();

    let (code, out, _) = shown(&cli, &["list", "-n", &namespace]);
    assert_eq!(code, Some(0));
    let lines: Vec<_> = out.lines().map(|it| it.split_whitespace().collect::<Vec<_>>()).collect();
    assert_eq!(lines[0], ["NAMESPACE", "NAME", "READY", "STATUS", "REVISION", "AGE", "PLUGINS"]);
    assert_eq!(lines[1][..5], ["[NAMESPACE]", "db", "2/2", "ready", "1"]);
    assert!(lines[1][5].ends_with('s') && lines[1][6] == "-", "{out}");
    let (code, out, said) = shown(&cli, &["list", "-n", &namespace, "--plugin", "replicas"]);
    assert_eq!((code, out.as_str()), (Some(0), ""));
    assert_eq!(said, "no pipelines in namespace [NAMESPACE] use plugin `replicas`\n");
    let (_, out, _) = shown(&cli, &["list", "-A", "-n", "nowhere"]);
    assert!(out.contains("[NAMESPACE]"), "{out}");

    let output = cli.bare(&["list", "-n", &namespace, "-o", "json"]);
    let document: Value = serde_json::from_slice(&output.stdout).expect("one document");
    assert_eq!(document["kind"], "PipelineList");
    let mut row = document["pipelines"][0].clone();
    assert!(row["created"].as_str().is_some_and(|it| it.ends_with('Z')), "{row}");
    row["created"].take();
    assert_eq!(
        row,
        json!({"namespace": namespace, "name": "db", "state": "ready", "replicas": 2, "ready": 2,
               "revision": 1, "created": null, "plugins": []})
    );

    facts_are_read_back_as_they_were_printed(&cli);
    facts_need_the_right_to_list(&cli);
    let (_, by_name, _) = shown(&cli, &["status", "db", "-n", &namespace]);
    let (code, all, _) = shown(&cli, &["status", "-n", &namespace]);
    assert_eq!((code, all), (Some(0), by_name));
    let (code, _, said) = shown(&cli, &["status", "db", "-A"]);
    assert_eq!(code, Some(2), "{said}");
    let (_, out, _) = shown(&cli, &["status", "-A", "-o", "json"]);
    assert!(out.contains("\"namespace\": \"[NAMESPACE]\""), "{out}");
    cli.env.finish().await;
}

/// `wellhead facts` prints a file of facts in two forms.
fn facts_are_read_back_as_they_were_printed(cli: &Cli) {
    let printed = |arguments: &[&str]| {
        let (code, out, said) = shown(cli, arguments);
        assert_eq!((code, said.as_str()), (Some(0), ""), "{out}");
        out
    };
    let read = |text: String| {
        let source = wellhead_spec::Source::Text { name: "facts.yaml".into(), text };
        let (facts, loaded) = wellhead_spec::load_facts(&[source]);
        assert!(loaded.findings.is_empty(), "{:?}", loaded.findings);
        facts
    };
    let yaml = printed(&["facts"]);
    let facts = read(yaml.clone());
    assert_eq!(facts, read(printed(&["facts", "-o", "json"])));
    let class = &facts.spec["storageClasses"][0];
    assert!(class["provisioner"].is_string() && class["reclaimPolicy"].is_string(), "{yaml}");
    let node = &facts.spec["nodes"][0];
    assert!(node["labels"].is_object() && node["allocatable"]["cpu"].is_string(), "{yaml}");
    let server = facts.spec["versions"]["kubernetes"].as_str();
    assert!(server.is_some_and(|it| it.starts_with('v')), "{yaml}");
    for noise in ["heartbeat", "addresses", "resourceVersion", "uid:"] {
        assert!(!yaml.contains(noise), "{noise}: {yaml}");
    }
}

/// Without the right to list, `wellhead facts` prints no half of a file, and says which right is missing.
fn facts_need_the_right_to_list(cli: &Cli) {
    let text = std::fs::read_to_string(&cli.kubeconfig).expect("the kubeconfig can be read");
    let mut config = kube::config::Kubeconfig::from_yaml(&text).expect("it is a kubeconfig");
    for user in &mut config.auth_infos {
        if let Some(info) = &mut user.auth_info {
            info.impersonate = Some("nobody-in-particular".to_owned());
        }
    }
    let file = cli.folder.path().join("limited.kubeconfig");
    std::fs::write(&file, serde_json::to_vec(&config).expect("it is JSON")).expect("a file");
    let run = |arguments: &[&str]| {
        cli.command(arguments).env("KUBECONFIG", &file).output().expect("the command starts")
    };
    let output = run(&["facts"]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!((output.status.code(), output.stdout.len()), (Some(1), 0), "{said}");
    assert!(said.contains("error[WH0408]: cannot list "), "{said}");
    assert!(said.contains("help: ask for the right, with RBAC a ClusterRole that"), "{said}");
    // What needs no right is printed alone.
    let output = run(&["facts", "versions"]);
    let printed = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(printed.contains("kubernetes: v") && !printed.contains("nodes"), "{printed}");
}
