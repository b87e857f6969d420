//! No function of the contract changes what it does not name: what a record of the contract has no field
//! for, and what stands beside a field, stays as it was.
//!
//! The contract says which functions edit; one that no row of [`setters`] is about fails. What a row names,
//! a person decided; that nothing else changes is held on a pipeline whose items have every field, and on
//! generated ones.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use k8s_openapi::api::core::v1::{EnvVar, LocalObjectReference};
use proptest::strategy::Strategy;
use serde_json::{Value, json};
use wellhead_spec::draft::list_key;
use wellhead_spec::mount_path::normal;
use wellhead_spec::{FieldPath, Pipeline, Segment};
use wit_parser::{FunctionKind, Resolve, Type, TypeDefKind};

use crate::edits::{Outcome, Program, single};
use crate::{Source, accept, accepted_documents};

const CONTRACT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../wit/v0.1");
/// Where every field of the types is named.
const FIELDS: &str =
    include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../host/spec/kubernetes-fields.txt"));
/// Generated pipelines, and edits of each.
const BASES: usize = 40;
const EDITS: usize = 12;
/// Edits that have to be made for the test to say something.
const LEAST: usize = 100;

/// Functions of the pipeline that set the name of an object or remove it, and their fields.
pub(crate) const NAMES: [(&str, &str); 3] = [
    ("set-priority-class-name", "priorityClassName"),
    ("set-runtime-class-name", "runtimeClassName"),
    ("set-scheduler-name", "schedulerName"),
];

/// A function that edits.
struct Setter {
    /// What it belongs to, as the contract names it.
    resource: &'static str,
    call: &'static str,
    names: Names,
    /// The item that it edits in the full pipeline, as the plugin of these tests names it, and the
    /// arguments: a change of what the function names.
    on: &'static str,
    with: Value,
}

/// What a function names. All below it is its own to replace, and nothing else is.
#[derive(Clone, Copy)]
enum Names {
    /// A field.
    Field(&'static str),
    /// Of this map or list, what the first argument is the key of.
    Entry(&'static str),
    /// Of the list of ports, the one of this number and protocol.
    Port,
    /// Of an item of a list, the fields that a record of the contract has, by the names that both give them.
    Record(&'static str, Key, &'static str, &'static [(&'static str, &'static str)]),
}

/// Where the key of an item stands among the arguments.
#[derive(Clone, Copy)]
enum Key {
    Port,
    Second,
}

const CONTAINER_PORT: Names = Names::Record(
    "ports",
    Key::Port,
    "container-port",
    &[("number", "containerPort"), ("protocol", "protocol"), ("name", "name")],
);
const SERVICE_PORT: Names = Names::Record(
    "ports",
    Key::Port,
    "service-port",
    &[("number", "port"), ("protocol", "protocol"), ("name", "name"), ("target", "targetPort")],
);
const MOUNT: Names = Names::Record(
    "volumeMounts",
    Key::Second,
    "volume-mount",
    &[
        ("volume", "name"),
        ("mount-path", "mountPath"),
        ("sub-path", "subPath"),
        ("read-only", "readOnly"),
    ],
);

/// One row for each function that edits.
fn setters() -> Vec<Setter> {
    use Names::{Entry, Field, Port};
    let mut all = Vec::new();
    let mut on = |resource, on, rows: Vec<(&'static str, Names, Value)>| {
        all.extend(rows.into_iter().map(|(call, names, with)| Setter {
            resource,
            call,
            names,
            on,
            with,
        }));
    };
    on(
        "container",
        "container main",
        vec![
            ("set-image", Field("image"), json!(["postgres:18"])),
            ("set-image-pull-policy", Field("imagePullPolicy"), json!([null])),
            ("set-command", Field("command"), json!(["a", "b"])),
            ("set-args", Field("args"), json!([])),
            ("set-working-dir", Field("workingDir"), json!(["/srv"])),
            ("set-env", Entry("env"), json!(["FROM", "x"])),
            (
                "set-env-source",
                Entry("env"),
                json!(["PLAIN", "{\"fieldRef\": {\"fieldPath\": \"metadata.name\"}}"]),
            ),
            ("remove-env", Entry("env"), json!(["PLAIN"])),
            ("set-env-from", Field("envFrom"), json!(["[{\"configMapRef\": {\"name\": \"c\"}}]"])),
            ("set-port", CONTAINER_PORT, json!(["80", "tcp", "other"])),
            ("remove-port", Port, json!(["80", "tcp"])),
            ("set-request", Entry("resources.requests"), json!(["cpu", "2m"])),
            ("remove-request", Entry("resources.requests"), json!(["cpu"])),
            ("set-limit", Entry("resources.limits"), json!(["memory", "3Gi"])),
            ("remove-limit", Entry("resources.limits"), json!(["memory"])),
            ("set-mount", MOUNT, json!(["spare", "/b", null, "true"])),
            ("remove-mount", Entry("volumeMounts"), json!(["/b"])),
            ("set-liveness-probe", Field("livenessProbe"), json!([null])),
            ("set-readiness-probe", Field("readinessProbe"), json!([null])),
            ("set-startup-probe", Field("startupProbe"), json!([null])),
            ("set-lifecycle", Field("lifecycle"), json!([null])),
            ("set-security-context", Field("securityContext"), json!(["{\"runAsUser\": 7}"])),
        ],
    );
    on(
        "claim",
        "claim data",
        vec![
            ("set-size", Field("size"), json!(["2Gi"])),
            ("set-storage-class", Field("storageClass"), json!([null])),
            ("set-access-modes", Field("accessModes"), json!(["ReadWriteMany"])),
            ("set-volume-mode", Field("volumeMode"), json!([null])),
            ("set-volume-attributes-class", Field("volumeAttributesClass"), json!([null])),
            ("set-mount-path", Field("mountPath"), json!(["/elsewhere"])),
            ("set-label", Entry("labels"), json!(["a", "2"])),
            ("remove-label", Entry("labels"), json!(["a"])),
            ("set-annotation", Entry("annotations"), json!(["a", "2"])),
            ("remove-annotation", Entry("annotations"), json!(["a"])),
            ("set-selector", Field("selector"), json!(["{\"matchLabels\": {\"a\": \"b\"}}"])),
            ("set-data-source-ref", Field("dataSourceRef"), json!([null])),
        ],
    );
    on(
        "service",
        "service",
        vec![
            ("set-port", SERVICE_PORT, json!(["80", "tcp", "other", "81"])),
            ("remove-port", Port, json!(["80", "tcp"])),
            (
                "set-publish-not-ready-addresses",
                Field("publishNotReadyAddresses"),
                json!(["false"]),
            ),
            ("set-label", Entry("labels"), json!(["a", "2"])),
            ("remove-label", Entry("labels"), json!(["a"])),
            ("set-annotation", Entry("annotations"), json!(["a", "2"])),
            ("remove-annotation", Entry("annotations"), json!(["a"])),
        ],
    );
    let names = NAMES.map(|(call, field)| (call, Field(field), json!([null])));
    on("pipeline", "pipeline", names.into());
    let tolerates = json!(["[{\"operator\": \"Exists\"}]"]);
    on(
        "pipeline",
        "pipeline",
        vec![
            ("set-label", Entry("labels"), json!(["a", "2"])),
            ("remove-label", Entry("labels"), json!(["a"])),
            ("set-annotation", Entry("annotations"), json!(["a", "2"])),
            ("remove-annotation", Entry("annotations"), json!(["a"])),
            ("set-pod-label", Entry("podLabels"), json!(["a", "2"])),
            ("remove-pod-label", Entry("podLabels"), json!(["a"])),
            ("set-pod-annotation", Entry("podAnnotations"), json!(["a", "2"])),
            ("remove-pod-annotation", Entry("podAnnotations"), json!(["a"])),
            ("set-replicas", Field("replicas"), json!(["5"])),
            ("add-container", Entry("containers"), json!(["new", "a:1"])),
            ("remove-container", Entry("containers"), json!(["side"])),
            ("add-init-container", Entry("initContainers"), json!(["new", "a:1"])),
            ("remove-init-container", Entry("initContainers"), json!(["init"])),
            ("add-claim", Entry("claims"), json!(["new", "1Gi"])),
            ("set-volume", Entry("volumes"), json!(["config", "{\"emptyDir\": {}}"])),
            ("remove-volume", Entry("volumes"), json!(["spare"])),
            ("set-service-account-name", Field("serviceAccountName"), json!([null])),
            ("set-image-pull-secrets", Field("imagePullSecrets"), json!(["other"])),
            ("set-node-selector", Entry("nodeSelector"), json!(["a", "2"])),
            ("remove-node-selector", Entry("nodeSelector"), json!(["a"])),
            (
                "set-termination-grace-period-seconds",
                Field("terminationGracePeriodSeconds"),
                json!(["7"]),
            ),
            ("set-min-ready-seconds", Field("minReadySeconds"), json!([null])),
            ("set-affinity", Field("affinity"), json!([null])),
            ("set-tolerations", Field("tolerations"), tolerates),
            ("set-topology-spread-constraints", Field("topologySpreadConstraints"), json!([null])),
            ("set-security-context", Field("securityContext"), json!(["{\"runAsUser\": 7}"])),
            ("set-dns-config", Field("dnsConfig"), json!([null])),
            ("set-update-strategy", Field("updateStrategy"), json!(["{\"type\": \"OnDelete\"}"])),
        ],
    );
    all
}

/// A pipeline in which each function has something to lose: all that its field, or what stands beside it,
/// can hold.
fn full() -> Pipeline {
    let two = json!({"a": "1", "b": "1"});
    let probe = json!({"exec": {"command": ["true"]}, "periodSeconds": 5});
    let selector = json!({"matchLabels": {"a": "b"}, "matchExpressions": [{"key": "c", "operator": "Exists"}]});
    let term = json!({"labelSelector": {"matchLabels": {"a": "b"}}, "topologyKey": "zone"});
    let document = json!({
        "metadata": {"name": "db", "labels": two, "annotations": two},
        "spec": {
            "replicas": 2, "podLabels": two, "podAnnotations": two, "nodeSelector": two,
            "service": {
                "labels": two, "annotations": two, "publishNotReadyAddresses": true,
                "ports": [
                    {"name": "a", "port": 80, "protocol": "TCP", "targetPort": "a", "appProtocol": "http"},
                    {"name": "b", "port": 80, "protocol": "UDP", "targetPort": 80},
                ],
            },
            "containers": [
                {
                    "name": "main", "image": "postgres:17", "imagePullPolicy": "Always",
                    "command": ["a"], "args": ["a"], "workingDir": "/",
                    "env": [
                        {"name": "PLAIN", "value": "1"},
                        {"name": "FROM", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k", "optional": true}}},
                        {"name": "POD", "valueFrom": {"fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.name"}}},
                    ],
                    "envFrom": [{"prefix": "A_", "secretRef": {"name": "s", "optional": true}}],
                    "ports": [
                        {"name": "a", "containerPort": 80, "protocol": "TCP", "hostPort": 80, "hostIP": "10.0.0.1"},
                        {"name": "b", "containerPort": 80, "protocol": "UDP"},
                    ],
                    "resources": {"requests": {"cpu": "1m", "memory": "1Gi"}, "limits": {"cpu": "1", "memory": "2Gi"}},
                    "volumeMounts": [
                        {"name": "config", "mountPath": "/a", "subPathExpr": "$(POD)", "mountPropagation": "None",
                            "readOnly": true, "recursiveReadOnly": "Enabled"},
                        {"name": "config", "mountPath": "/b", "subPath": "p", "mountPropagation": "HostToContainer",
                            "recursiveReadOnly": "Disabled"},
                    ],
                    "livenessProbe": probe, "readinessProbe": probe, "startupProbe": probe,
                    "lifecycle": {"preStop": {"sleep": {"seconds": 5}}},
                    "securityContext": {"runAsUser": 1000, "capabilities": {"drop": ["ALL"]}},
                },
                {"name": "side", "image": "busybox:1"},
            ],
            "initContainers": [{"name": "init", "image": "busybox:1"}],
            "volumes": [
                {"name": "config", "configMap": {"name": "c", "defaultMode": 288, "optional": true,
                    "items": [{"key": "k", "path": "p", "mode": 256}]}},
                {"name": "spare", "emptyDir": {"medium": "Memory", "sizeLimit": "1Gi"}},
            ],
            "claims": [{
                "name": "data", "size": "1Gi", "storageClass": "fast", "accessModes": ["ReadWriteOnce"],
                "volumeMode": "Filesystem", "volumeAttributesClass": "gold", "mountPath": "/data",
                "labels": two, "annotations": two, "selector": selector,
                "dataSourceRef": {"apiGroup": "a.b", "kind": "Image", "name": "i", "namespace": "n"},
                "ordinals": [{"from": 1, "size": "3Gi"}],
            }],
            "serviceAccountName": "db", "imagePullSecrets": [{"name": "pull"}],
            "priorityClassName": "high", "runtimeClassName": "gvisor", "schedulerName": "default-scheduler",
            "terminationGracePeriodSeconds": 30, "minReadySeconds": 5,
            "affinity": {"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [term]}},
            "tolerations": [{"key": "a", "operator": "Equal", "value": "b", "effect": "NoExecute", "tolerationSeconds": 5}],
            "topologySpreadConstraints": [{"maxSkew": 1, "topologyKey": "zone", "whenUnsatisfiable": "DoNotSchedule"}],
            "securityContext": {"fsGroup": 1000, "sysctls": [{"name": "net.core.somaxconn", "value": "1"}]},
            "dnsConfig": {"nameservers": ["10.0.0.10"], "options": [{"name": "ndots", "value": "2"}]},
            "updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"partition": 1}},
        },
    });
    accept(&document).unwrap_or_else(|findings| panic!("{findings:#?}"))
}

/// The leaves of a draft by their paths, with mounts under one spelling. An empty map or list is none.
fn leaves(pipeline: &Pipeline) -> BTreeMap<FieldPath, Value> {
    fn walk(value: &Value, at: &FieldPath, all: &mut BTreeMap<FieldPath, Value>) {
        match value {
            Value::Object(fields) => {
                for (name, value) in fields {
                    walk(value, &at.key(name.as_str()), all);
                }
            }
            Value::Array(items) => {
                let key = list_key(at.segments());
                for (index, item) in items.iter().enumerate() {
                    // What has no key, or that of an earlier item, goes by its place.
                    let named = key.of(item).map(|it| at.key(&*self::key(&it)));
                    let twice = |it: &FieldPath| all.keys().any(|leaf| is_below(leaf, it));
                    let place = named.filter(|it| !twice(it)).unwrap_or_else(|| at.index(index));
                    walk(item, &place, all);
                }
            }
            leaf => drop(all.insert(at.clone(), leaf.clone())),
        }
    }
    let mut all = BTreeMap::new();
    walk(&pipeline.to_draft(), &FieldPath::root(), &mut all);
    all
}

/// A key as it is compared: of paths, two spellings are one.
fn key(text: &str) -> Cow<'_, str> {
    if text.starts_with('/') { normal(text) } else { text.into() }
}

fn is_below(path: &FieldPath, above: &FieldPath) -> bool {
    path.segments().starts_with(above.segments())
}

/// Where a call on this item may change something.
fn named(names: Names, on: &str, with: &Value) -> Vec<FieldPath> {
    let text = |at: usize| with[at].as_str().unwrap_or_default().to_owned();
    let base = match on.split_once(' ') {
        Some(("container", name)) => FieldPath::of(["containers", name]),
        Some(("init", name)) => FieldPath::of(["initContainers", name]),
        Some(("claim", name)) => FieldPath::of(["claims", name]),
        _ if on == "service" => FieldPath::of(["service"]),
        _ => FieldPath::root(),
    };
    let field = |path: &str| path.split('.').fold(base.clone(), |path, key| path.key(key));
    let port = || format!("{}/{}", text(0), text(1).to_uppercase());
    match names {
        Names::Field(path) => vec![field(path)],
        Names::Entry(path) => vec![field(path).key(&*key(&text(0)))],
        Names::Port => vec![field("ports").key(port())],
        Names::Record(list, key, _, fields) => {
            let key = match key {
                Key::Port => port(),
                Key::Second => self::key(&text(1)).into_owned(),
            };
            fields.iter().map(|(_, name)| field(list).key(key.as_str()).key(*name)).collect()
        }
    }
}

/// Leaves that differ although the call does not name them.
fn lost(before: &Pipeline, after: &Pipeline, named: &[FieldPath]) -> BTreeSet<String> {
    let (before, after) = (leaves(before), leaves(after));
    let differs = |path: &&FieldPath| before.get(*path) != after.get(*path);
    let all = before.keys().chain(after.keys()).filter(differs);
    all.filter(|path| !named.iter().any(|it| is_below(path, it))).map(ToString::to_string).collect()
}

fn edit(on: &str, call: &str, with: &Value) -> Value {
    json!([{"on": on, "call": call, "with": with}])
}

/// A function of the contract that edits.
struct Function {
    /// Names of the record's fields, where it takes one.
    record: Option<(String, Vec<String>)>,
    /// Whether it takes a part of Kubernetes, of which a getter of the same name gives all.
    takes_json: bool,
}

/// The functions of the contract that end in a result, by resource and name.
fn functions() -> BTreeMap<(String, String), Function> {
    let mut resolve = Resolve::default();
    let (package, _) = resolve.push_dir(CONTRACT).unwrap();
    let interface = resolve.packages[package].interfaces["pipeline"];
    let functions = &resolve.interfaces[interface].functions;
    let kind = |ty: &Type| match ty {
        Type::Id(id) => Some(&resolve.types[*id]),
        _ => None,
    };
    let mut edits = BTreeMap::new();
    for function in functions.values() {
        let result = function.result.as_ref().and_then(kind).map(|it| &it.kind);
        let (Some(TypeDefKind::Result(_)), FunctionKind::Method(id)) = (result, &function.kind)
        else {
            assert!(!matches!(result, Some(TypeDefKind::Result(_))), "{}", function.name);
            continue;
        };
        let record = function.params.iter().find_map(|param| {
            let ty = kind(&param.ty)?;
            let TypeDefKind::Record(record) = &ty.kind else { return None };
            let fields = record.fields.iter().map(|it| it.name.clone()).collect();
            Some((ty.name.clone().unwrap(), fields))
        });
        let name = function.item_name().to_owned();
        let takes_json = function.params.iter().any(|it| it.name == "json");
        if takes_json {
            let getter = function.name.replace(".set-", ".");
            assert!(
                functions.contains_key(&getter),
                "what {} replaces, nobody can read",
                function.name
            );
        }
        let resource = resolve.types[*id].name.clone().unwrap();
        edits.insert((resource, name), Function { record, takes_json });
    }
    edits
}

#[test]
fn every_function_that_edits_has_a_row_that_names_what_it_takes() {
    let (functions, rows) = (functions(), setters());
    let names = rows.iter().map(|it| (it.resource.to_owned(), it.call.to_owned()));
    let names: BTreeSet<_> = names.collect();
    assert_eq!(names.len(), rows.len(), "a function has two rows");
    let known: BTreeSet<_> = functions.keys().cloned().collect();
    assert_eq!(names, known, "the rows and the functions of the contract that edit");
    for row in rows {
        let function = &functions[&(row.resource.to_owned(), row.call.to_owned())];
        let record = match row.names {
            Names::Record(_, _, name, fields) => {
                Some((name.to_owned(), fields.iter().map(|it| it.0.to_owned()).collect()))
            }
            _ => None,
        };
        assert_eq!(record, function.record, "{}", row.call);
    }
}

/// What is neither a record nor a part of Kubernetes is replaced whole, so that it must be a leaf.
#[test]
fn what_a_plain_value_replaces_has_nothing_below_it() {
    let (functions, before) = (functions(), leaves(&full()));
    // All that an item of these lists has.
    let variable = EnvVar { name: String::new(), value: None, value_from: None };
    let secret = LocalObjectReference { name: String::new() };
    drop((variable, secret));
    let with_names = ["imagePullSecrets", "containers.main.env"];
    for row in setters() {
        let is_json = functions[&(row.resource.to_owned(), row.call.to_owned())].takes_json;
        let adds_or_removes = !row.call.starts_with("set-");
        if is_json || adds_or_removes || matches!(row.names, Names::Record(..)) {
            continue;
        }
        for path in named(row.names, row.on, &row.with) {
            let below = before.keys().filter(|leaf| is_below(leaf, &path));
            let fields = below.filter(|leaf| {
                let rest = &leaf.segments()[path.segments().len()..];
                rest.iter().any(|it| matches!(it, Segment::Key(_)))
            });
            let known = with_names.iter().any(|it| path.to_string().starts_with(it));
            assert!(known || fields.count() == 0, "{}: {path} is more than a value", row.call);
        }
    }
}

#[test]
fn the_items_that_records_edit_have_every_field_of_their_type() {
    // A headless Service has no port on nodes.
    let cannot_be = ["nodePort"];
    let before = full().to_draft();
    let main = &before["containers"][0];
    for (name, items) in [
        ("VolumeMount", &main["volumeMounts"]),
        ("ContainerPort", &main["ports"]),
        ("ServicePort", &before["service"]["ports"]),
    ] {
        let has: BTreeSet<&str> = items
            .as_array()
            .unwrap()
            .iter()
            .flat_map(|item| item.as_object().unwrap().keys().map(String::as_str))
            .chain(cannot_be.into_iter().filter(|_| name == "ServicePort"))
            .collect();
        let line = FIELDS.lines().find_map(|it| it.strip_prefix(&format!("{name}: "))).unwrap();
        assert_eq!(has, line.split(' ').collect(), "{name}");
    }
}

#[test]
fn no_function_changes_what_it_does_not_name() {
    let (program, base) = (Program::load(), full());
    for row in setters() {
        let Setter { call, names, on, ref with, .. } = row;
        let Outcome::Made(after, made) = program.run(&base, &edit(on, call, with)) else {
            panic!("{on}: {call} leads to what is not valid");
        };
        assert_eq!(made, 1, "{on}: {call} is refused");
        assert_ne!(base, *after, "{on}: {call} changes nothing");
        let lost = lost(&base, &after, &named(names, on, with));
        assert!(lost.is_empty(), "{on}: {call} changes {lost:?}");
    }
}

/// What excludes a field that the plugin cannot see is refused, and leaves all as it was.
#[test]
fn a_mount_keeps_what_excludes_the_new_value() {
    let (program, base) = (Program::load(), full());
    for (with, made) in [
        (json!(["config", "/a", "p", "true"]), 0),
        (json!(["config", "/a", null, "false"]), 0),
        (json!(["config", "/a", "p", "false"]), 0),
        (json!(["spare", "/a", "", "true"]), 0),
        (json!(["spare", "/a", null, "true"]), 1),
        (json!(["spare", "/b", "q", "true"]), 1),
    ] {
        let edits = edit("container main", "set-mount", &with);
        let Outcome::Made(after, count) = program.run(&base, &edits) else { panic!("{with}") };
        assert_eq!(count, made, "{with}");
        let lost = lost(&base, &after, &named(MOUNT, "container main", &with));
        assert!(lost.is_empty(), "{with}: {lost:?}");
    }
}

/// Edits of items that a pipeline has, which edits that are drawn seldom meet.
fn aimed(base: &Pipeline) -> Vec<Value> {
    let draft = base.to_draft();
    let items = |of: &Value| of.as_array().cloned().unwrap_or_default();
    let edit = |on: &str, call: &str, with: Value| json!({"on": on, "call": call, "with": with});
    let port = |on: &str, it: &Value, number: &str, target: Option<&str>| {
        let protocol = it["protocol"].as_str().unwrap_or("TCP").to_lowercase();
        let mut with = vec![json!(it[number].to_string()), json!(protocol), json!("other")];
        with.extend(target.map(|it| json!(it)));
        edit(on, "set-port", with.into())
    };
    let mut edits = Vec::new();
    for (list, kind) in [("containers", "container"), ("initContainers", "init")] {
        for container in items(&draft[list]) {
            let on = format!("{kind} {}", container["name"].as_str().unwrap());
            edits.extend(
                items(&container["ports"]).iter().map(|it| port(&on, it, "containerPort", None)),
            );
            for mount in items(&container["volumeMounts"]) {
                let at = normal(mount["mountPath"].as_str().unwrap());
                let other =
                    items(&draft["volumes"]).first().map_or(json!("data"), |it| it["name"].clone());
                for (volume, read_only) in [(&mount["name"], "false"), (&other, "true")] {
                    edits.push(edit(&on, "set-mount", json!([volume, at, null, read_only])));
                }
            }
        }
    }
    let ports = items(&draft["service"]["ports"]);
    edits.extend(ports.iter().map(|it| port("service", it, "port", Some("80"))));
    edits
}

#[test]
fn no_generated_edit_changes_what_it_does_not_name() {
    let (mut source, program, rows) = (Source::new(), Program::load(), setters());
    let strategy = single().boxed();
    let (mut made_in_all, mut found) = (0, BTreeMap::new());
    let generated = accepted_documents("n", BASES).into_iter().map(|it| it.pipeline);
    for base in generated.chain([full()]) {
        let drawn = (0..EDITS).map(|_| source.draw(&strategy)).collect();
        for one in [aimed(&base), drawn].concat() {
            let (on, call) = (one["on"].as_str().unwrap(), one["call"].as_str().unwrap());
            let Outcome::Made(after, made) = program.run(&base, &json!([one])) else { continue };
            made_in_all += made;
            let resource = match on.split_once(' ').map_or(on, |it| it.0) {
                "init" => "container",
                other => other,
            };
            let row = rows.iter().find(|it| it.resource == resource && it.call == call).unwrap();
            let lost = lost(&base, &after, &named(row.names, on, &one["with"]));
            if !lost.is_empty() {
                found.insert(call.to_owned(), (one.to_string(), lost));
            }
        }
    }
    assert!(found.is_empty(), "by function, with the edit and what is lost: {found:#?}");
    assert!(made_in_all >= LEAST, "only {made_in_all} edits are made");
}

/// Parts of Kubernetes are replaced whole, so that a plugin must be able to give back what it read.
#[test]
fn a_part_of_kubernetes_that_is_set_as_it_is_loses_nothing() {
    let (program, functions) = (Program::load(), functions());
    let mut made_in_all = 0;
    let generated = accepted_documents("n", BASES).into_iter().map(|it| it.pipeline);
    for base in generated.chain([full()]) {
        let draft = base.to_draft();
        let names = |list: &str| -> Vec<String> {
            let items = draft[list].as_array().into_iter().flatten();
            items.map(|it| it["name"].as_str().unwrap().to_owned()).collect()
        };
        let of = |kind: &str, list: &str| -> Vec<(String, Value)> {
            let items = draft[list].as_array().into_iter().flatten();
            names(list).into_iter().map(|it| format!("{kind} {it}")).zip(items.cloned()).collect()
        };
        let mut edits = Vec::new();
        for row in setters() {
            if !functions[&(row.resource.to_owned(), row.call.to_owned())].takes_json {
                continue;
            }
            let items = match row.resource {
                "container" => {
                    [of("container", "containers"), of("init", "initContainers")].concat()
                }
                "claim" => of("claim", "claims"),
                _ => vec![(row.on.to_owned(), draft.clone())],
            };
            for (on, item) in items {
                match row.names {
                    Names::Field(field) if !item[field].is_null() => {
                        edits.push(
                            json!({"on": on, "call": row.call, "with": [item[field].to_string()]}),
                        );
                    }
                    // A variable's source, or a volume: the part that is the function's.
                    Names::Entry(list) => {
                        for entry in item[list].as_array().into_iter().flatten() {
                            let part = if list == "env" { &entry["valueFrom"] } else { entry };
                            if !part.is_null() {
                                let with = json!([entry["name"], part.to_string()]);
                                edits.push(json!({"on": on, "call": row.call, "with": with}));
                            }
                        }
                    }
                    _ => {}
                }
            }
        }
        let Outcome::Made(after, made) = program.run(&base, &edits.into()) else {
            panic!("a valid pipeline is not valid any more");
        };
        made_in_all += made;
        assert_eq!(base, *after);
    }
    assert!(made_in_all >= LEAST, "only {made_in_all} parts are set");
}
