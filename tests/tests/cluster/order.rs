//! Pods restart when their template is another one as the server stores it, order included, and a plan says so.

use serde_json::{Value, json};

use crate::import::{Maker, make};
use crate::plan_cli::Cli;

fn pipeline() -> Value {
    let containers = json!([
        {"name": "kv", "image": "example.com/kv:1", "args": ["a", "b"],
         "env": [{"name": "A", "value": "1"}, {"name": "B", "value": "$(A)"}],
         "ports": [{"containerPort": 1}, {"containerPort": 2}],
         "volumeMounts": [{"name": "v", "mountPath": "/a"}, {"name": "w", "mountPath": "/b"}]},
        {"name": "side", "image": "example.com/side:1"}]);
    let volumes = json!([{"name": "v", "emptyDir": {}}, {"name": "w", "emptyDir": {}}]);
    json!({"apiVersion": "wellhead.dev/v1alpha1", "kind": "Pipeline", "metadata": {"name": "kv"},
        "spec": {"containers": containers, "volumes": volumes,
            "initContainers": [{"name": "i", "image": "i:1"}, {"name": "j", "image": "j:1"}],
            "imagePullSecrets": [{"name": "p"}, {"name": "q"}],
            "hostAliases": [{"ip": "10.0.0.1", "hostnames": ["a"]}, {"ip": "10.0.0.2", "hostnames": ["b"]}],
            "tolerations": [{"key": "a", "operator": "Exists"}, {"key": "b", "operator": "Exists"}]}})
}

/// Lists, and how a plan tells that they stand in another order.
const LISTS: [(&str, &str); 9] = [
    (
        "/spec/containers/0/env",
        "spec.template.spec.containers.kv.env: order changes from [A, B] to [B, A]",
    ),
    (
        "/spec/containers/0/ports",
        "containers.kv.ports: order changes from [1/TCP, 2/TCP] to [2/TCP, 1/TCP]",
    ),
    ("/spec/containers/0/volumeMounts", "volumeMounts: order changes from [/a, /b] to [/b, /a]"),
    ("/spec/containers/0/args", "containers.kv.args[0]: set by"),
    (
        "/spec/containers",
        "spec.template.spec.containers: order changes from [kv, side] to [side, kv]",
    ),
    ("/spec/initContainers", "initContainers: order changes from [i, j] to [j, i]"),
    ("/spec/volumes", "spec.template.spec.volumes: order changes from [v, w] to [w, v]"),
    (
        "/spec/hostAliases",
        "hostAliases: order changes from [10.0.0.1, 10.0.0.2] to [10.0.0.2, 10.0.0.1]",
    ),
    ("/spec/tolerations", "tolerations[0].key: set by"),
];

/// Generation of the StatefulSet.
async fn generation(cli: &Cli) -> Option<i64> {
    cli.env.stateful_sets().get("kv").await.expect("it exists").metadata.generation
}

/// What a plan says, its most serious impact, and whether an apply changes the spec.
async fn planned(cli: &Cli) -> (String, Value, bool) {
    let shown = String::from_utf8_lossy(&cli.output(&["plan"]).stdout).into_owned();
    let plan = cli.json_of(&["plan", "-o", "json", "-q"]);
    let before = generation(cli).await;
    let applied = cli.output(&["apply", "--yes", "--wait=false"]);
    assert!(applied.status.success(), "{}", String::from_utf8_lossy(&applied.stderr));
    (shown, plan["changes"][0]["impact"].clone(), generation(cli).await != before)
}

#[tokio::test(flavor = "multi_thread")]
async fn another_order_restarts_pods_and_is_told() {
    let cli = Cli::new("order").await;
    cli.write(&pipeline().to_string());
    cli.apply();
    for (list, told) in LISTS {
        let mut other = pipeline();
        other.pointer_mut(list).and_then(Value::as_array_mut).expect("a list").reverse();
        cli.write(&other.to_string());
        let (shown, impact, is_new) = planned(&cli).await;
        assert!(shown.contains(told), "{list}: {shown}");
        assert_eq!((impact, is_new), (json!("restarts-pods"), true), "{list}: {shown}");
        cli.write(&pipeline().to_string());
        assert!(planned(&cli).await.2, "{list}, and back");
    }
    cli.env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_default_that_is_written_out_restarts_nothing() {
    let cli = Cli::new("order-default").await;
    cli.write(&pipeline().to_string());
    cli.apply();
    let mut explicit = pipeline();
    explicit["spec"]["terminationGracePeriodSeconds"] = 30.into();
    explicit["spec"]["containers"][0]["imagePullPolicy"] = "IfNotPresent".into();
    explicit["spec"]["containers"][0]["ports"][0]["protocol"] = "TCP".into();
    explicit["spec"]["updateStrategy"] = json!({"type": "RollingUpdate"});
    cli.write(&explicit.to_string());
    let (shown, impact, is_new) = planned(&cli).await;
    assert_eq!((impact, is_new), (json!("ownership"), false), "{shown}");
    cli.env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_variable_that_stands_twice_is_taken_over_by_a_restart_that_is_told() {
    let cli = Cli::new("order-twice").await;
    let mut set = json!({"apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": {"name": "kv"},
        "spec": {"selector": {"matchLabels": {"app": "kv"}}, "template": {"metadata": {"labels": {"app": "kv"}},
            "spec": {"containers": [{"name": "kv", "image": "example.com/kv:1"}]}}}});
    set["spec"]["template"]["spec"]["containers"][0]["env"] =
        json!([{"name": "A", "value": "1"}, {"name": "A", "value": "2"}]);
    make(&cli.env, Maker::Kubectl, &set).await;
    let imported = cli.bare(&["import", "sts/kv", "-n", &cli.env.namespace]);
    cli.write(&String::from_utf8(imported.stdout).expect("a text"));
    let shown = cli.output(&["plan", "--adopt"]);
    let text = String::from_utf8_lossy(&shown.stdout);
    assert_eq!(shown.status.code(), Some(0), "{text}");
    assert!(text.contains("restarts 1 pod (kv-0)"), "{text}");
    assert!(text.contains("containers.kv.env: items change from [A, A] to [A]"), "{text}");
    let before = generation(&cli).await;
    let taken = cli.output(&["apply", "--adopt", "--yes", "--wait=false"]);
    assert!(taken.status.success(), "{}", String::from_utf8_lossy(&taken.stderr));
    assert_eq!(generation(&cli).await, before.map(|it| it + 1));
    assert_eq!(cli.output(&["plan", "--exit-code"]).status.code(), Some(0));
    cli.env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_strategy_that_was_never_named_can_become_another_and_back() {
    let cli = Cli::new("order-strategy").await;
    cli.write(&pipeline().to_string());
    cli.apply();
    let mut other = pipeline();
    other["spec"]["updateStrategy"] = json!({"type": "OnDelete"});
    for (pipeline, kind) in [(&other, "OnDelete"), (&pipeline(), "RollingUpdate")] {
        cli.write(&pipeline.to_string());
        let (shown, impact, is_new) = planned(&cli).await;
        assert_eq!((impact, is_new), (json!("in-place"), true), "{shown}");
        assert!(!shown.contains("imagePullPolicy"), "{shown}");
        let set = cli.env.stateful_sets().get("kv").await.expect("it exists");
        let strategy = set.spec.and_then(|it| it.update_strategy).expect("it has one");
        assert_eq!(strategy.type_.as_deref(), Some(kind));
        assert_eq!(cli.output(&["plan", "--exit-code"]).status.code(), Some(0));
    }
    cli.env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_plan_shows_no_defaults_of_the_server() {
    let cli = Cli::new("order-refused").await;
    cli.write(&pipeline().to_string());
    cli.apply();
    let mut other = pipeline();
    // The cluster of the tests has one address family.
    other["spec"]["service"] = json!({"ipFamilyPolicy": "RequireDualStack"});
    cli.write(&other.to_string());
    let output = cli.output(&["plan"]);
    let shown = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(4), "{shown}");
    assert!(shown.contains("+   ipFamilyPolicy: RequireDualStack"), "{shown}");
    for default in ["internalTrafficPolicy", "sessionAffinity", "type", "clusterIPs", "no longer"] {
        assert!(!shown.contains(default), "{default}: {shown}");
    }
    cli.env.finish().await;
}
