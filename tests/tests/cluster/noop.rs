//! "Unchanged" must mean that a server-side apply changes nothing, and "updated" that it changes something.

use futures::StreamExt;
use k8s_openapi::api::apps::v1::StatefulSet;
use kube::api::{Patch, PatchParams};
use serde_json::{Value, json};
use wellhead_cluster::{Action, ApplyOptions, ClusterError, Silent, Wait};
use wellhead_render::ResourceSet;

use crate::support::{Env, Workload, object, version};

/// A StatefulSet with every kind of field that the server keeps its records of: scalars, maps, lists with keys,
/// lists and maps that are replaced as a whole, empty values and fields with defaults inside.
fn rich() -> Workload {
    Workload::new("db", 0).with(|workload| {
        workload.spec = json!({
            "minReadySeconds": 1,
            "revisionHistoryLimit": 5,
            "ordinals": {"start": 1},
            "updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"partition": 1}},
            "template": {
                "metadata": {"annotations": {"a/b": "c", "d": ""}},
                "spec": {
                    "terminationGracePeriodSeconds": 7,
                    "serviceAccountName": "default",
                    "nodeSelector": {"disk": "fast", "zone": "a"},
                    "imagePullSecrets": [{"name": "one"}, {"name": "two"}],
                    "hostAliases": [{"ip": "10.0.0.1", "hostnames": ["x", "y"]}],
                    "securityContext": {},
                    "tolerations": [{"key": "gpu", "operator": "Exists", "effect": "NoSchedule"}],
                    "dnsConfig": {"nameservers": ["1.1.1.1"], "options": [{"name": "ndots", "value": "2"}]},
                    "topologySpreadConstraints": [{
                        "maxSkew": 1, "topologyKey": "zone", "whenUnsatisfiable": "ScheduleAnyway",
                        "labelSelector": {"matchLabels": {"app": "db"}}}],
                    "affinity": {
                        "nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {
                            "nodeSelectorTerms": [{"matchExpressions": [
                                {"key": "disk", "operator": "In", "values": ["fast", "slow"]}]}]}},
                        "podAntiAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": [{
                            "weight": 5, "podAffinityTerm": {
                                "topologyKey": "host", "labelSelector": {"matchLabels": {"app": "db"}}}}]}},
                    "initContainers": [{
                        "name": "init", "image": "busybox:1", "command": ["sh", "-c"], "args": ["true"]}],
                    "volumes": [
                        {"name": "scratch", "emptyDir": {}},
                        {"name": "conf", "configMap": {"name": "conf", "items": [{"key": "k", "path": "p"}]}},
                        {"name": "mixed", "projected": {"sources": [{"secret": {"name": "s"}}]}}],
                    "containers": [{
                        "name": "nginx", "image": "nginx:1.14.2",
                        "ports": [{"containerPort": 80}, {"containerPort": 443, "name": "tls", "protocol": "TCP"}],
                        "env": [
                            {"name": "A", "value": "1"},
                            {"name": "EMPTY", "value": ""},
                            {"name": "POD", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}},
                            {"name": "KEY", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}},
                            {"name": "B", "value": "2"}],
                        "envFrom": [{"configMapRef": {"name": "conf"}}],
                        "resources": {
                            "requests": {"cpu": "100m", "memory": "64Mi"}, "limits": {"memory": "128Mi"}},
                        "readinessProbe": {"httpGet": {"path": "/", "port": 80}, "periodSeconds": 3},
                        "lifecycle": {"preStop": {"exec": {"command": ["sleep", "1"]}}},
                        "securityContext": {"capabilities": {"add": ["NET_ADMIN"], "drop": ["ALL"]}},
                        "volumeMounts": [
                            {"name": "data", "mountPath": "/data"},
                            {"name": "scratch", "mountPath": "/tmp", "readOnly": false}]}]}}});
    })
}

/// Every change of one place of a JSON tree: it is removed, changed, emptied, doubled or put into another order.
fn mutations(root: &Value) -> Vec<(String, Value)> {
    let mut found = Vec::new();
    let mut open = vec![String::new()];
    while let Some(at) = open.pop() {
        let value = root.pointer(&at).expect("it was found there");
        let mut replace = |how: &str, with: Value| {
            let mut changed = root.clone();
            *changed.pointer_mut(&at).expect("it is there") = with;
            found.push((format!("{how} {at}"), changed));
        };
        match value {
            Value::Object(map) => {
                for key in map.keys() {
                    let mut less = map.clone();
                    less.remove(key);
                    replace(&format!("without {key}"), Value::Object(less));
                    open.push(format!("{at}/{}", key.replace('~', "~0").replace('/', "~1")));
                }
                if !map.is_empty() {
                    replace("empty", json!({}));
                }
            }
            Value::Array(list) => {
                open.extend((0..list.len()).map(|index| format!("{at}/{index}")));
                replace("empty", json!([]));
                if list.len() > 1 {
                    replace("reverse", list.iter().rev().cloned().collect());
                    replace("shorten", list[1..].to_vec().into());
                }
                replace("double", [list.as_slice(), list.as_slice()].concat().into());
            }
            Value::String(text) => {
                replace("change", format!("{text}x").into());
                replace("respell", respelt(text).into());
            }
            Value::Number(number) => {
                replace("change", (number.as_i64().unwrap_or_default() + 1).into());
            }
            Value::Bool(flag) => replace("change", (!flag).into()),
            Value::Null => {}
        }
    }
    found
}

/// The same quantity in other words, or the text itself.
fn respelt(text: &str) -> String {
    match text {
        "100m" => "0.1".to_owned(),
        "64Mi" => "65536Ki".to_owned(),
        "128Mi" => "134217728".to_owned(),
        other => other.to_owned(),
    }
}

/// The set with another spec of its StatefulSet and another name, or `None` when the change makes it untypable.
fn with_spec(base: &ResourceSet, spec: &Value, name: &str) -> Option<ResourceSet> {
    let mut set = base.clone();
    set.stateful_set.spec = serde_json::from_value(spec.clone()).ok()?;
    set.stateful_set.metadata.name = Some(name.to_owned());
    let service = set.service.as_mut().expect("it is ours");
    service.metadata.name = Some(format!("{name}-peers"));
    Some(set)
}

async fn seen(env: &Env, name: &str) -> String {
    version("statefulset", &env.stateful_sets().get(name).await.expect("it exists"))
}

struct Checked {
    action: Action,
    requests: u64,
}

/// Applies, then lets the server decide whether another apply changes anything. `None` when the set is refused.
async fn check(env: &Env, what: &str, set: &ResourceSet) -> Option<Checked> {
    let name = set.stateful_set.metadata.name.as_deref().expect("a name");
    let before = seen(env, name).await;
    let options = ApplyOptions { wait: Wait::No, ..ApplyOptions::default() };
    let report = match env.apply_with(std::slice::from_ref(set), &options, &Silent).await {
        Ok(report) => report,
        Err(ClusterError::Refused(_)) => return None,
        Err(error) => panic!("{what}: {error:?}"),
    };
    let action = report.pipelines[0].objects.last().expect("the StatefulSet").action;
    let after = seen(env, name).await;
    assert_eq!(before != after, action == Action::Updated, "{what}: {action:?}");

    // After an update the server may still settle: `rollingUpdate: {}` gets its default at the second apply.
    if action == Action::Unchanged {
        apply_again(env, what, name, set).await;
        assert_eq!(seen(env, name).await, after, "{what}: it was not unchanged");
    }
    Some(Checked { action, requests: report.requests })
}

/// A plain server-side apply of what the set says, as the same manager.
async fn apply_again(env: &Env, what: &str, name: &str, set: &ResourceSet) {
    let live = env.stateful_sets().get(name).await.expect("it exists");
    let live = serde_json::to_value(&live).expect("it is JSON");
    let mut body = serde_json::to_value(&set.stateful_set).expect("it is JSON");
    // Claim templates that differ are not sent: they cannot change.
    body["spec"]["volumeClaimTemplates"] = live["spec"]["volumeClaimTemplates"].clone();
    let params = PatchParams::apply("wellhead");
    let applied = env.stateful_sets().patch(name, &params, &Patch::Apply(&body)).await;
    applied.unwrap_or_else(|error| panic!("{what}: {error}"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_called_unchanged_is_unchanged_for_the_server() {
    let env = &Env::new("noop").await;
    let base = &rich().render(&env.namespace);
    let spec = serde_json::to_value(&base.stateful_set.spec).expect("it is JSON");
    let mutations = mutations(&spec);
    assert!(mutations.len() > 300, "{}", mutations.len());
    let results = futures::stream::iter(mutations.iter().enumerate())
        .map(|(number, (what, changed))| async move {
            let name = format!("s{number}");
            let original = with_spec(base, &spec_of(base), &name)?;
            let options = ApplyOptions { wait: Wait::No, ..ApplyOptions::default() };
            env.apply_with(&[original], &options, &Silent).await.expect("the base is valid");
            check(env, what, &with_spec(base, changed, &name)?).await
        })
        .buffer_unordered(8)
        .collect::<Vec<_>>()
        .await;
    let done =
        |action| results.iter().flatten().filter(move |checked| checked.action == action).count();
    // Both verdicts must have been put to the test.
    assert!(done(Action::Updated) > 80, "{} updated", done(Action::Updated));
    assert!(done(Action::Unchanged) > 20, "{} unchanged", done(Action::Unchanged));
}

fn spec_of(set: &ResourceSet) -> Value {
    serde_json::to_value(&set.stateful_set.spec).expect("it is JSON")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rich_workload_is_proven_unchanged_without_asking_the_server() {
    let env = Env::new("proof").await;
    let set = rich().render(&env.namespace);
    let options = ApplyOptions { wait: Wait::No, ..ApplyOptions::default() };
    env.apply_with(std::slice::from_ref(&set), &options, &Silent).await.expect("it is valid");
    let checked = check(&env, "the same again", &set).await.expect("it is valid");
    assert_eq!(checked.action, Action::Unchanged);
    assert_eq!(checked.requests, 3, "one read each of Lease, Service and StatefulSet");
    env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_others_changed_is_never_mistaken_for_ours() {
    let env = &Env::new("drift").await;
    let base = &rich().render(&env.namespace);
    let edits = mutations(&spec_of(base));
    let results = futures::stream::iter(edits.iter().enumerate())
        .map(|(number, (what, edited))| async move {
            let name = format!("s{number}");
            let set = with_spec(base, &spec_of(base), &name)?;
            let options = ApplyOptions { wait: Wait::No, ..ApplyOptions::default() };
            env.apply_with(std::slice::from_ref(&set), &options, &Silent).await.expect("valid");
            edit(env, &name, edited).await?;
            check(env, what, &set).await
        })
        .buffer_unordered(8)
        .collect::<Vec<_>>()
        .await;
    let restored = results.iter().flatten().filter(|one| one.action == Action::Updated).count();
    assert!(restored > 20, "{restored} edits were undone");
}

/// Puts a changed spec in place as another manager, as `kubectl edit` would. `None` when the server refuses it.
async fn edit(env: &Env, name: &str, spec: &Value) -> Option<()> {
    let mut live = env.stateful_sets().get(name).await.expect("it exists");
    let kept = live.spec.as_ref().and_then(|spec| spec.volume_claim_templates.clone());
    let mut edited: StatefulSet = object(json!({}));
    edited.spec = serde_json::from_value(spec.clone()).ok()?;
    edited.spec.as_mut()?.volume_claim_templates = kept;
    live.spec = edited.spec;
    let params = kube::api::PostParams {
        field_manager: Some("kubectl-edit".to_owned()),
        ..kube::api::PostParams::default()
    };
    env.stateful_sets().replace(name, &params, &live).await.ok().map(drop)
}
