//! The seed workload, field by field, independently of its golden file.

use serde_json::{Value, json};
use wellhead_render::{Object, render};

use crate::cases;

const RECOMMENDED: [(&str, &str); 3] = [
    ("app.kubernetes.io/instance", "my-stateful-app"),
    ("app.kubernetes.io/managed-by", "wellhead"),
    ("app.kubernetes.io/name", "my-stateful-app"),
];

/// The labels that an object asks for, with the recommended ones.
fn labels(own: &[(&str, &str)]) -> Value {
    own.iter().chain(&RECOMMENDED).map(|(key, value)| ((*key).to_owned(), json!(value))).collect()
}

fn objects() -> Vec<Object> {
    render(&cases::case("seed")).objects()
}

#[test]
fn the_set_is_a_service_then_three_claims_then_a_stateful_set() {
    let set = objects();
    let names: Vec<_> = set
        .iter()
        .map(|it| (it.api_version.as_str(), it.kind.as_str(), it.name.as_str()))
        .collect();
    assert_eq!(
        names,
        [
            ("v1", "Service", "headless-service"),
            ("v1", "PersistentVolumeClaim", "my-volume-claim-my-stateful-app-0"),
            ("v1", "PersistentVolumeClaim", "my-volume-claim-my-stateful-app-1"),
            ("v1", "PersistentVolumeClaim", "my-volume-claim-my-stateful-app-2"),
            ("apps/v1", "StatefulSet", "my-stateful-app"),
        ]
    );
    assert!(set.iter().all(|object| object.namespace.as_deref() == Some("pipelines")));
}

#[test]
fn the_service_is_headless_and_selects_the_app() {
    assert_eq!(
        objects()[0].value,
        json!({
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": {
                "name": "headless-service",
                "namespace": "pipelines",
                "labels": labels(&[("app", "my-stateful-app")]),
            },
            "spec": {
                "clusterIP": "None",
                "ports": [{ "port": 80, "targetPort": 80 }],
                "selector": { "app": "my-stateful-app" },
            },
        })
    );
}

#[test]
fn each_replica_has_its_claim() {
    for (ordinal, claim) in objects()[1..4].iter().enumerate() {
        assert_eq!(
            claim.value,
            json!({
                "apiVersion": "v1",
                "kind": "PersistentVolumeClaim",
                "metadata": {
                    "name": format!("my-volume-claim-my-stateful-app-{ordinal}"),
                    "namespace": "pipelines",
                    "labels": labels(&[("app", "my-stateful-app")]),
                    "annotations": {
                        "argocd.argoproj.io/sync-options": "Prune=false,Delete=false",
                        "client.lifecycle.config.k8s.io/deletion": "detach",
                        "helm.sh/resource-policy": "keep",
                        "kapp.k14s.io/delete-strategy": "orphan",
                        "kustomize.toolkit.fluxcd.io/prune": "disabled",
                    },
                },
                "spec": {
                    "accessModes": ["ReadWriteOnce"],
                    "resources": { "requests": { "storage": "1Gi" } },
                },
            })
        );
    }
}

#[test]
fn the_stateful_set_runs_three_replicas_of_nginx() {
    assert_eq!(
        objects()[4].value,
        json!({
            "apiVersion": "apps/v1",
            "kind": "StatefulSet",
            "metadata": {
                "name": "my-stateful-app",
                "namespace": "pipelines",
                "labels": labels(&[]),
            },
            "spec": {
                "replicas": 3,
                "serviceName": "headless-service",
                "selector": { "matchLabels": { "app": "my-stateful-app" } },
                "persistentVolumeClaimRetentionPolicy": {
                    "whenDeleted": "Retain",
                    "whenScaled": "Retain",
                },
                "template": {
                    "metadata": { "labels": { "app": "my-stateful-app" } },
                    "spec": {
                        "containers": [{
                            "name": "nginx",
                            "image": "nginx:1.14.2",
                            "ports": [{ "containerPort": 80 }],
                        }],
                    },
                },
                "volumeClaimTemplates": [{
                    "apiVersion": "v1",
                    "kind": "PersistentVolumeClaim",
                    "metadata": { "name": "my-volume-claim" },
                    "spec": {
                        "accessModes": ["ReadWriteOnce"],
                        "resources": { "requests": { "storage": "1Gi" } },
                    },
                }],
            },
        })
    );
}
