//! What a plugin with a grant of everything, and nothing opened, cannot change: decided by the objects that
//! its edits lead to, whatever way they take.

use proptest::prelude::*;
use serde_json::{Value, json};
use wellhead_chain::{Fault, Violation};
use wellhead_render::render;
use wellhead_spec::Pipeline;

use crate::Source;
use crate::edits::{Program, sequence};
use crate::safety::differences;

/// Sequences that are drawn; most are refused for an edit that is protected by itself.
const TRIES: usize = 1_500;
/// Sequences that have to be accepted for the test to say something.
const LEAST: usize = 100;

/// A pipeline whose names are those that the generated edits use, with something to protect under each.
fn base() -> Pipeline {
    let hardened = json!({
        "runAsNonRoot": true, "runAsUser": 1000, "allowPrivilegeEscalation": false,
        "capabilities": {"drop": ["ALL"]}, "readOnlyRootFilesystem": true,
        "seccompProfile": {"type": "Localhost", "localhostProfile": "strict.json"},
    });
    serde_json::from_value(json!({
        "metadata": {"name": "db"},
        "spec": {
            "replicas": 2,
            "serviceAccountName": "db",
            "podAnnotations": {"app.kubernetes.io/name": "db"},
            "containers": [
                {"name": "main", "image": "postgres:17", "securityContext": hardened,
                 "env": [{"name": "A", "valueFrom": {"secretKeyRef": {"name": "db", "key": "k"}}}],
                 "volumeMounts": [
                    {"name": "scratch", "mountPath": "/creds", "readOnly": true},
                    {"name": "config", "mountPath": "/node"}]},
                {"name": "side", "image": "busybox:1", "securityContext": hardened,
                 "volumeMounts": [{"name": "data", "mountPath": "/d", "readOnly": true}]},
            ],
            "initContainers": [{"name": "init", "image": "busybox:1", "securityContext": hardened}],
            "volumes": [
                {"name": "scratch", "secret": {"secretName": "db"}},
                {"name": "config", "hostPath": {"path": "/"}},
                {"name": "v1", "persistentVolumeClaim": {"claimName": "others"}},
                {"name": "tmp", "emptyDir": {}},
            ],
            "claims": [{"name": "data", "size": "1Gi", "mountPath": "/data"}],
        },
    }))
    .unwrap()
}

/// The protected fields of which a run is refused; none when it is accepted.
fn refused(program: &Program, edits: &Value) -> Vec<String> {
    let Err(errors) = program.run_unopened(&base(), edits) else { return Vec::new() };
    let violations = errors.iter().flat_map(|error| match &error.fault {
        Fault::Forbidden { violations } => violations.clone(),
        other => panic!("{other:?}"),
    });
    let path = |it: Violation| match it {
        Violation::Protected { path, .. } => path.to_string(),
        other => panic!("{other:?}"),
    };
    violations.map(path).collect()
}

fn call(on: &str, call: &str, with: Value) -> Value {
    let mut edit = json!({"on": on, "call": call});
    edit["with"] = with;
    edit
}

fn mount(container: &str, volume: &str, place: &str, read_only: bool) -> Value {
    call(container, "set-mount", json!([volume, place, null, read_only.to_string()]))
}

fn volume(name: &str, source: &Value) -> Value {
    call("pipeline", "set-volume", json!([name, source.to_string()]))
}

fn added(list: &str) -> Value {
    call("pipeline", list, json!(["new", "evil:1"]))
}

#[test]
fn an_item_that_comes_back_has_what_it_had() {
    let program = Program::load();
    let swap = |remove: &str, add: &str, name: &str| {
        json!([
            call("pipeline", remove, json!([name])),
            call("pipeline", add, json!([name, "evil:1"])),
        ])
    };
    let side = refused(&program, &swap("remove-container", "add-container", "side"));
    assert!(side.contains(&"containers.side.securityContext.runAsUser".to_owned()), "{side:?}");
    let init = refused(&program, &swap("remove-init-container", "add-init-container", "init"));
    assert!(init.contains(&"initContainers.init.securityContext.runAsUser".to_owned()), "{init:?}");
    let source = json!([
        call("pipeline", "remove-volume", json!(["v1"])),
        volume("v1", &json!({"emptyDir": {}})),
    ]);
    assert_eq!(refused(&program, &source), ["volumes.v1.persistentVolumeClaim"]);
}

#[test]
fn a_container_takes_no_volume_that_is_protected() {
    let program = Program::load();
    for (name, field) in [
        ("scratch", "volumes.scratch.secret"),
        ("config", "volumes.config.hostPath"),
        ("v1", "volumes.v1.persistentVolumeClaim"),
    ] {
        for (list, on) in [("add-container", "container new"), ("add-init-container", "init new")] {
            let edits = json!([added(list), mount(on, name, "/x", true)]);
            assert_eq!(refused(&program, &edits), [field], "{on}");
        }
        assert_eq!(refused(&program, &json!([mount("container side", name, "/x", true)])), [field]);
    }
    let writable = json!([mount("container main", "scratch", "/creds", false)]);
    assert_eq!(refused(&program, &writable), ["volumes.scratch.secret"]);
    let again = json!([mount("container main", "scratch", "/other", true)]);
    assert_eq!(refused(&program, &again), [""; 0]);
    let own = json!([added("add-container"), mount("container new", "data", "/x", false)]);
    assert_eq!(refused(&program, &own), [""; 0]);
}

#[test]
fn data_is_neither_unmounted_nor_covered() {
    let program = Program::load();
    let at = |place: &str| format!("containers.main.volumeMounts.{place}");
    for (edits, field) in [
        (call("claim data", "set-mount-path", json!([null])), "claims.data.mountPath".to_owned()),
        (call("claim data", "set-mount-path", json!(["/x"])), "claims.data.mountPath".to_owned()),
        (mount("container main", "tmp", "/data/pgdata", false), at("/data/pgdata")),
        (
            mount("container side", "data", "/d", false),
            "containers.side.volumeMounts./d".to_owned(),
        ),
        (
            call("container side", "remove-mount", json!(["/d"])),
            "containers.side.volumeMounts./d".to_owned(),
        ),
        (
            call("container side", "set-mount", json!(["data", "/d", "part", "true"])),
            "containers.side.volumeMounts./d".to_owned(),
        ),
    ] {
        assert_eq!(refused(&program, &json!([edits])), [field]);
    }
    let spelt = json!([mount("container main", "tmp", "/x/../data//pgdata/", false)]);
    assert_eq!(refused(&program, &spelt), [""; 0]);
    let outcome = program.run_unopened(&base(), &spelt).unwrap();
    assert!(outcome.provenance.writes.is_empty(), "no plugin writes another spelling");
    let claim = json!([
        call("pipeline", "add-claim", json!(["more", "1Gi"])),
        call("claim more", "set-mount-path", json!(["/data/pgdata"])),
    ]);
    assert_eq!(refused(&program, &claim), ["claims.more.mountPath"]);
}

#[test]
fn a_type_is_protected_wherever_it_stands() {
    let program = Program::load();
    let template = |metadata: Value, fields: Value| {
        let mut spec = json!({"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}});
        spec.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        volume(
            "e",
            &json!({"ephemeral": {"volumeClaimTemplate": {"metadata": metadata, "spec": spec}}}),
        )
    };
    let source =
        json!({"apiGroup": "", "kind": "PersistentVolumeClaim", "name": "c", "namespace": "bank"});
    let at = |field: &str| format!("volumes.e.ephemeral.volumeClaimTemplate.{field}");
    let of_class = json!({"storageClassName": ""});
    for (edit, field) in [
        (template(json!({}), json!({"dataSourceRef": source})), at("spec.dataSourceRef")),
        (template(json!({}), json!({"volumeName": "pv"})), at("spec.volumeName")),
        (
            template(json!({}), json!({"selector": {"matchLabels": {"a": "b"}}})),
            at("spec.selector"),
        ),
        (template(json!({}), of_class), at("spec.storageClassName")),
        (
            template(json!({"labels": {"app.kubernetes.io/managed-by": "Helm"}}), json!({})),
            at("metadata.labels[\"app.kubernetes.io/managed-by\"]"),
        ),
        (
            template(
                json!({"annotations": {"volume.kubernetes.io/selected-node": "n"}}),
                json!({}),
            ),
            at("metadata.annotations[\"volume.kubernetes.io/selected-node\"]"),
        ),
        (
            call("claim data", "set-data-source-ref", json!([source.to_string()])),
            "claims.data.dataSourceRef".to_owned(),
        ),
        (
            call("claim data", "set-storage-class", json!([""])),
            "claims.data.storageClass".to_owned(),
        ),
        (
            call("claim data", "set-selector", json!(["{\"matchLabels\":{\"a\":\"b\"}}"])),
            "claims.data.selector".to_owned(),
        ),
    ] {
        assert_eq!(refused(&program, &json!([edit])), [field]);
    }
}

#[test]
fn credentials_and_the_node_have_no_other_door() {
    let program = Program::load();
    let pod = |fields: Value| call("pipeline", "set-security-context", json!([fields.to_string()]));
    let annotation = |key: &str| call("pipeline", "set-pod-annotation", json!([key, "x"]));
    for (edit, field) in [
        (volume("x", &json!({"csi": {"driver": "secrets-store.csi.k8s.io"}})), "volumes.x.csi"),
        (
            volume("x", &json!({"persistentVolumeClaim": {"claimName": "c"}})),
            "volumes.x.persistentVolumeClaim",
        ),
        (pod(json!({"runAsGroup": 0})), "securityContext.runAsGroup"),
        (pod(json!({"fsGroup": 0})), "securityContext.fsGroup"),
        (pod(json!({"supplementalGroups": [0]})), "securityContext.supplementalGroups"),
        (
            pod(json!({"windowsOptions": {"gmsaCredentialSpecName": "g"}})),
            "securityContext.windowsOptions.gmsaCredentialSpecName",
        ),
        (
            pod(json!({"windowsOptions": {"runAsUserName": "ContainerAdministrator"}})),
            "securityContext.windowsOptions.runAsUserName",
        ),
        (
            pod(json!({"seccompProfile": {"type": "Localhost", "localhostProfile": "open.json"}})),
            "securityContext.seccompProfile.localhostProfile",
        ),
        (call("pipeline", "set-runtime-class-name", json!(["runc"])), "runtimeClassName"),
        (
            call("pipeline", "set-termination-grace-period-seconds", json!(["0"])),
            "terminationGracePeriodSeconds",
        ),
        (
            annotation("vault.hashicorp.com/agent-inject-secret-x"),
            "podAnnotations[\"vault.hashicorp.com/agent-inject-secret-x\"]",
        ),
        (
            annotation("k8s.v1.cni.cncf.io/networks"),
            "podAnnotations[\"k8s.v1.cni.cncf.io/networks\"]",
        ),
        (
            annotation("io.katacontainers.config.hypervisor.path"),
            "podAnnotations[\"io.katacontainers.config.hypervisor.path\"]",
        ),
    ] {
        assert_eq!(refused(&program, &json!([edit])), [field]);
    }
}

/// What a setter does not name, it keeps: of a mount, all that the contract's record does not have.
#[test]
fn a_mount_keeps_what_a_plugin_cannot_see() {
    let mut pipeline = base();
    let mount = &mut pipeline.spec.containers[1].volume_mounts.as_mut().unwrap()[0];
    mount.sub_path_expr = Some("$(POD)".to_owned());
    mount.recursive_read_only = Some("Enabled".to_owned());
    let env = json!([{"name": "POD", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}}]);
    pipeline.spec.containers[1].env = serde_json::from_value(env).unwrap();
    for place in ["/d", "/d/"] {
        let mounts = pipeline.spec.containers[1].volume_mounts.as_mut().unwrap();
        mounts[0].mount_path = place.to_owned();
        let edits = json!([self::mount("container side", "data", "/d", true)]);
        let outcome = Program::load().run_unopened(&pipeline, &edits).unwrap();
        assert_eq!(outcome.pipeline, pipeline, "{place}");
    }
}

/// The rendered objects, with kind and name.
fn objects(pipeline: &Pipeline) -> Vec<(String, Value)> {
    let objects = render(pipeline).objects();
    objects.into_iter().map(|it| (format!("{}/{}", it.kind, it.name), it.value)).collect()
}

/// Edits that are harmless one by one, and that attackers put together.
fn hostile() -> BoxedStrategy<Value> {
    let context =
        |on: &str, fields: Value| call(on, "set-security-context", json!([fields.to_string()]));
    let harmless = |name: &str| volume(name, &json!({"emptyDir": {}}));
    let items = ["side", "init", "new", "main"];
    let mut edits = vec![
        call("claim data", "set-mount-path", json!([null])),
        call("claim data", "set-mount-path", json!(["/data2"])),
        call("pipeline", "add-claim", json!(["more", "1Gi"])),
        call("claim more", "set-mount-path", json!(["/data/pgdata"])),
        call("claim more", "set-mount-path", json!(["/more"])),
        call("pipeline", "set-volume", json!(["new", "{\"secret\": {\"secretName\": \"other\"}}"])),
    ];
    for name in items {
        for (add, remove) in
            [("add-container", "remove-container"), ("add-init-container", "remove-init-container")]
        {
            edits.push(call("pipeline", remove, json!([name])));
            edits.push(call("pipeline", add, json!([name, "evil:1"])));
        }
        for on in [format!("container {name}"), format!("init {name}")] {
            edits.push(context(&on, json!({})));
            edits.push(context(&on, json!({"runAsNonRoot": true, "runAsUser": 1000})));
            for (volume, place, read_only) in [
                ("scratch", "/creds", true),
                ("scratch", "/creds", false),
                ("config", "/x", true),
                ("v1", "/y", false),
                ("data", "/d", false),
                ("data", "/x", true),
                ("config", "/node", true),
                ("tmp", "/node/x", false),
                ("tmp", "/data/pgdata", false),
                ("tmp", "/d", false),
                ("tmp", "/", false),
            ] {
                edits.push(mount(&on, volume, place, read_only));
            }
            edits.push(call(&on, "remove-mount", json!(["/d"])));
            edits.push(call(&on, "remove-mount", json!(["/creds"])));
        }
    }
    for name in ["scratch", "config", "v1", "tmp"] {
        edits.push(call("pipeline", "remove-volume", json!([name])));
        edits.push(harmless(name));
    }
    proptest::collection::vec(proptest::sample::select(edits), 1..=5).prop_map(Value::Array).boxed()
}

#[test]
fn no_sequence_of_edits_makes_an_object_less_safe() {
    let (mut source, program) = (Source::new(), Program::load());
    let any = (sequence(), 1..=4_usize).prop_map(|(edits, length)| {
        edits.as_array().unwrap().iter().take(length).cloned().collect::<Value>()
    });
    let strategy = prop_oneof![any, hostile()].boxed();
    let before = objects(&base());
    let (mut accepted, mut found) = (0, std::collections::BTreeMap::new());
    for _ in 0..TRIES {
        let edits = source.draw(&strategy);
        let Ok(outcome) = program.run_unopened(&base(), &edits) else { continue };
        accepted += usize::from(!outcome.provenance.writes.is_empty());
        let told = differences(&before, &objects(&outcome.pipeline));
        found.extend(told.into_iter().map(|it| (it, edits.to_string())));
    }
    assert!(found.is_empty(), "by what differs, with the edits: {found:#?}");
    assert!(accepted >= LEAST, "only {accepted} of {TRIES} sequences are accepted");
}
