//! Every field of a pipeline is read by its path, and written by its path where it is not protected.

use std::path::PathBuf;

use serde_json::{Value, json};
use wasmtime::component::Resource;
use wellhead_spec::draft::list_key;
use wellhead_spec::{FieldPath, PathPattern, Pipeline, Segment, Source};

use crate::bindings::pipeline::HostPipeline as _;
use crate::host::{Host, PipelineHandle};
use crate::provenance::trace::Refusal;
use crate::session::fault::EditFault;
use crate::session::{Rights, Session};
use crate::{Limits, Provenance, Writer};

/// Pipelines that have every field.
const GOLDEN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/golden");

fn pipelines() -> Vec<Pipeline> {
    let folders = std::fs::read_dir(GOLDEN).unwrap();
    let mut files: Vec<PathBuf> =
        folders.map(|it| it.unwrap().path().join("pipeline.yaml")).collect();
    files.sort();
    let sources: Vec<Source> = files.into_iter().map(Source::Path).collect();
    let loaded: wellhead_spec::Loaded = wellhead_spec::load(&sources);
    loaded.pipelines.into_iter().map(|it| it.value).collect()
}

/// A plugin's host, to which all is granted and this is opened.
fn host(draft: &Value, opens: Vec<PathPattern>) -> Host {
    let writer = Writer {
        name: "p".to_owned(),
        version: String::new(),
        digest: String::new(),
        customization: String::new(),
        facts_digest: None,
    };
    let provenance = Provenance { writers: vec![writer.into()], writes: Vec::new() };
    let rights = Rights { grants: vec!["**".parse().unwrap()], opens, ..Rights::default() };
    Host::new(Session::new(draft.clone(), provenance, rights.into(), Limits::default()))
}

fn this() -> Resource<PipelineHandle> {
    Resource::new_borrow(0)
}

/// Every value of a draft, those that have others in them, too.
fn fields(draft: &Value) -> Vec<(FieldPath, Value)> {
    let mut found = Vec::new();
    let mut open = vec![(FieldPath::root(), draft)];
    while let Some((path, value)) = open.pop() {
        match value {
            Value::Object(fields) => {
                open.extend(fields.iter().map(|(key, it)| (path.key(key.as_str()), it)));
            }
            Value::Array(items) => {
                let keys = list_key(path.segments());
                let named = |(at, item)| (path.with(keys.segment(item, at)), item);
                open.extend(items.iter().enumerate().map(named));
            }
            _ => {}
        }
        if !path.segments().is_empty() {
            found.push((path, value.clone()));
        }
    }
    found
}

/// What the golden pipelines leave out: values of fields that exclude others, or that no example needs.
fn rest() -> Value {
    let security = json!({
        "appArmorProfile": {"type": "RuntimeDefault"}, "runAsUser": 7, "runAsGroup": 7,
        "seLinuxOptions": {"level": "s0"}, "windowsOptions": {"runAsUserName": "me"},
    });
    let with = |more: Value| {
        let mut all = security.clone();
        all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        all
    };
    json!({
        "name": "db",
        "containers": [{
            "name": "db",
            "image": "postgres:17",
            "restartPolicyRules": [{"action": "Restart", "exitCodes": {"operator": "In", "values": [7]}}],
            "securityContext": with(json!({
                "privileged": false, "procMount": "Default", "readOnlyRootFilesystem": true,
                "allowPrivilegeEscalation": false, "capabilities": {"drop": ["ALL"]},
                "runAsNonRoot": true, "seccompProfile": {"type": "RuntimeDefault"},
            })),
            "env": [
                {"name": "A", "valueFrom": {"configMapKeyRef": {"name": "c", "key": "k"}}},
                {"name": "B", "valueFrom": {"fileKeyRef": {"volumeName": "v", "path": "p", "key": "k"}}},
                {"name": "C", "valueFrom": {"resourceFieldRef": {"resource": "limits.cpu"}}},
                {"name": "D", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}},
                {"name": "E", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}},
            ],
            "envFrom": [{"configMapRef": {"name": "c"}, "prefix": "P_"}, {"secretRef": {"name": "s"}}],
            "ports": [{"containerPort": 80, "hostIP": "127.0.0.1", "hostPort": 80, "name": "web", "protocol": "TCP"}],
            "volumeMounts": [
                {"name": "v", "mountPath": "/v", "mountPropagation": "None", "subPathExpr": "$(A)"},
                {"name": "v", "mountPath": "/w", "readOnly": true, "recursiveReadOnly": "Enabled", "subPath": "w"},
            ],
            "volumeDevices": [{"name": "d", "devicePath": "/dev/d"}],
        }],
        "securityContext": with(json!({
            "fsGroup": 7, "fsGroupChangePolicy": "Always", "runAsNonRoot": true,
            "seLinuxChangePolicy": "MountOption", "seccompProfile": {"type": "RuntimeDefault"},
            "supplementalGroups": [7], "supplementalGroupsPolicy": "Strict",
            "sysctls": [{"name": "kernel.shm_rmid_forced", "value": "1"}],
        })),
        "volumes": [
            {"name": "v", "projected": {"sources": [
                {"clusterTrustBundle": {"path": "p", "name": "n"}},
                {"podCertificate": {"signerName": "a.example/b", "keyType": "ED25519"}},
                {"serviceAccountToken": {"path": "t"}},
                {"configMap": {"name": "c"}}, {"secret": {"name": "s"}},
                {"downwardAPI": {"items": [{"path": "n", "fieldRef": {"fieldPath": "metadata.name"}}]}},
            ]}},
            {"name": "e", "ephemeral": {"volumeClaimTemplate": {
                "metadata": {"labels": {"a": "b"}, "annotations": {"a": "b"}},
                "spec": {
                    "accessModes": ["ReadWriteOnce"], "storageClassName": "fast", "volumeMode": "Filesystem",
                    "volumeAttributesClassName": "gold", "volumeName": "pv",
                    "resources": {"requests": {"storage": "1Gi"}},
                    "selector": {"matchLabels": {"a": "b"}},
                    "dataSource": {"kind": "PersistentVolumeClaim", "name": "c"},
                    "dataSourceRef": {"kind": "PersistentVolumeClaim", "name": "c"},
                },
            }}},
        ],
    })
}

fn drafts() -> Vec<Value> {
    pipelines().iter().map(Pipeline::to_draft).chain([rest()]).collect()
}

fn told(result: Result<(), EditFault>) -> Result<(), (Refusal, String, String)> {
    result.map_err(|fault| match fault {
        EditFault::Edit(error) => {
            let (why, failure) = Refusal::of(&error);
            (why, failure.path.clone(), failure.message.clone())
        }
        EditFault::Trap(error) => panic!("{error:#}"),
    })
}

/// Why a field is not removed, or not set as a whole, whatever is granted.
const KEPT: [&str; 5] = [
    "an item is known by it: remove the item, and add another one",
    "it is not changed as a whole: change its items",
    "the main container is not removed or replaced: change its fields",
    "a claim cannot be removed, because its data goes by it",
    "a claim has a size",
];

/// Removes a field and sets it again, and sets it to the value that it has. Returns whether it was written, with the
/// protected fields that had to be opened for that.
fn written(draft: &Value, path: &FieldPath, value: &Value) -> (bool, Vec<String>) {
    let (text, json) = (path.to_string(), value.to_string());
    let mut opened: Vec<String> = Vec::new();
    loop {
        let opens = opened.iter().map(|it| it.parse().unwrap()).collect();
        let mut edited = host(draft, opens);
        let same = told(edited.set(this(), text.clone(), json.clone()));
        let removed = told(edited.remove(this(), text.clone()));
        // What is behind an item without a key moves to its index, also where its last part was removed.
        let moves = path.segments().iter().any(|it| matches!(it, Segment::Index(_)));
        let set = if moves { Ok(()) } else { told(edited.set(this(), text.clone(), json.clone())) };
        let failed = [same, removed, set].into_iter().find_map(Result::err);
        match failed {
            None => {
                let left = edited.session.finish().0;
                assert!(moves || alike(&left, draft), "{text} is another one");
                assert!(!moves || left != *draft, "{text} was not removed");
                return (true, opened);
            }
            Some((Refusal::Protected, field, _)) => {
                assert!(!opened.contains(&field), "{text}: `{field}` was opened");
                opened.push(field);
            }
            Some((Refusal::Invalid, _, why)) if KEPT.contains(&why.as_str()) => {
                return (false, opened);
            }
            // The removal of its last part removed what it belongs to.
            Some((Refusal::NotFound, _, _)) => return (true, opened),
            Some(other) => panic!("{text}: {other:?}"),
        }
    }
}

/// Whether two values are the same but for the order of items, which a removal and an addition may change.
fn alike(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Array(one), Value::Array(other)) => {
            let mut rest: Vec<&Value> = other.iter().collect();
            one.iter().all(|item| {
                rest.iter().position(|it| alike(it, item)).map(|at| rest.remove(at)).is_some()
            }) && rest.is_empty()
        }
        (Value::Object(one), Value::Object(other)) => {
            one.len() == other.len()
                && one.iter().all(|(key, it)| other.get(key).is_some_and(|other| alike(it, other)))
        }
        _ => one == other,
    }
}

#[test]
fn every_field_is_read_and_written_by_its_path() {
    let (mut ordinary, mut protected, mut kept) = (0, 0, 0);
    for draft in drafts() {
        for (path, value) in fields(&draft) {
            let read = host(&draft, Vec::new()).get(this(), path.to_string());
            let read: Option<Value> =
                read.ok().flatten().and_then(|it| serde_json::from_str(&it).ok());
            assert_eq!(read.as_ref(), Some(&value), "{path}");
            match written(&draft, &path, &value) {
                (false, _) => kept += 1,
                (true, opened) if opened.is_empty() => ordinary += 1,
                (true, _) => protected += 1,
            }
        }
    }
    assert!(ordinary > 300 && protected > 200 && kept > 100, "{ordinary} {protected} {kept}");
}

/// Where the fields of a type are in a pipeline, by the headings of the page.
const TYPES: [(&str, &[&str]); 17] = [
    ("StatefulSetSpec", &[""]),
    ("PodSpec", &[""]),
    ("PodSecurityContext", &["securityContext."]),
    ("Container", &["containers.*.", "initContainers.*."]),
    ("SecurityContext", &["containers.*.securityContext."]),
    ("EnvVarSource", &["containers.*.env.*.valueFrom."]),
    ("EnvFromSource", &["containers.*.envFrom[*]."]),
    ("ContainerPort", &["containers.*.ports.*."]),
    ("VolumeMount", &["containers.*.volumeMounts.*."]),
    ("VolumeDevice", &["containers.*.volumeDevices.*."]),
    ("Volume", &["volumes.*."]),
    ("VolumeProjection", &["volumes.*.projected.sources[*]."]),
    ("PersistentVolumeClaimTemplate", &["volumes.*.ephemeral.volumeClaimTemplate."]),
    ("PersistentVolumeClaimSpec", &["volumes.*.ephemeral.volumeClaimTemplate.spec.", "claims.*."]),
    ("ServiceSpec", &["service."]),
    ("ServicePort", &["service.ports.*."]),
    ("ObjectMeta", &["", "claims.*."]),
];

/// Fields of Kubernetes that a pipeline has in another place.
const ELSEWHERE: [(&str, &str); 3] = [
    ("serviceName", "service.name"),
    ("template", "containers"),
    ("volumeClaimTemplates", "claims"),
];

/// Each field of the page that a pipeline has is among those that the test above reads and writes.
#[test]
fn every_field_of_the_reference_is_among_them() {
    let page = include_str!("../../../docs/reference/kubernetes-fields.md");
    let drafts = drafts();
    let paths: Vec<FieldPath> =
        drafts.iter().flat_map(|it| fields(it).into_iter().map(|it| it.0)).collect();
    let (mut places, mut missing, mut found): (&[&str], _, _) = (&[], Vec::new(), 0);
    for line in page.lines() {
        if let Some(heading) = line.strip_prefix("## ") {
            let ty = TYPES.iter().find(|it| it.0 == heading);
            places = ty.unwrap_or_else(|| panic!("{heading} has no place")).1;
            continue;
        }
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let [_, field, _, _, unreachable, _] = cells[..] else { continue };
        let Some(field) = field.strip_prefix('`').and_then(|it| it.strip_suffix('`')) else {
            continue;
        };
        if !unreachable.is_empty() {
            continue;
        }
        let elsewhere = ELSEWHERE.iter().find(|it| it.0 == field).map(|it| it.1.to_owned());
        let patterns: Vec<PathPattern> = match elsewhere {
            Some(path) => vec![path.parse().unwrap()],
            None => places.iter().map(|it| format!("{it}{field}").parse().unwrap()).collect(),
        };
        if paths.iter().any(|path| patterns.iter().any(|it| it.covers(path))) {
            found += 1;
        } else {
            missing.push(field);
        }
    }
    assert_eq!(missing, Vec::<&str>::new());
    assert!(found > 120, "{found}");
}
