//! A client that sends requests and reads the answers, and does nothing else.

use std::path::Path;
use std::time::{Duration, Instant};

use futures::stream::{self, StreamExt as _};
use k8s_openapi::api::apps::v1::{StatefulSet, StatefulSetStatus};
use k8s_openapi::api::core::v1::Namespace;
use kube::api::{Api, ListParams, ObjectMeta, PostParams};
use kube::config::{KubeConfigOptions, Kubeconfig};
use serde_json::{Value, json};
use tokio::runtime::Runtime;

/// Requests in flight, as Wellhead has them.
const CONCURRENCY: usize = 16;
const MANAGED: &str = "labelSelector=app.kubernetes.io%2Fmanaged-by%3Dwellhead&limit=500";

pub(crate) struct Bare {
    runtime: Runtime,
    client: kube::Client,
}

impl Bare {
    pub(crate) fn new(kubeconfig: &Path) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.expect("a runtime");
        let client = runtime.block_on(async {
            let kubeconfig = Kubeconfig::read_from(kubeconfig).expect("the kubeconfig can be read");
            let options = KubeConfigOptions::default();
            let config = kube::Config::from_custom_kubeconfig(kubeconfig, &options).await;
            kube::Client::try_from(config.expect("the kubeconfig is good")).expect("a client")
        });
        Self { runtime, client }
    }

    pub(crate) fn create_namespace(&self, name: &str) {
        let namespaces: Api<Namespace> = Api::all(self.client.clone());
        let metadata = ObjectMeta { name: Some(name.to_owned()), ..ObjectMeta::default() };
        let namespace = Namespace { metadata, ..Namespace::default() };
        let created = self.runtime.block_on(namespaces.create(&PostParams::default(), &namespace));
        created.expect("the namespace can be created");
    }

    /// Returns when so many StatefulSets have a ready pod.
    pub(crate) fn settle(&self, namespace: &str, count: usize) {
        let sets: Api<StatefulSet> = Api::namespaced(self.client.clone(), namespace);
        self.runtime.block_on(async {
            loop {
                let found = sets.list(&ListParams::default()).await.expect("an answer");
                let ready = |set: &StatefulSet| {
                    set.status.as_ref().is_some_and(|it| it.ready_replicas == Some(1))
                };
                if found.items.iter().filter(|set| ready(set)).count() == count {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(200)).await;
            }
        });
    }

    /// Returns when every pod of a StatefulSet is of its last revision.
    pub(crate) fn rolled_out(&self, namespace: &str, name: &str) {
        let sets: Api<StatefulSet> = Api::namespaced(self.client.clone(), namespace);
        self.runtime.block_on(async {
            loop {
                let set = sets.get(name).await.expect("it exists");
                let seen = |it: &StatefulSetStatus| {
                    it.observed_generation == set.metadata.generation
                        && it.current_revision == it.update_revision
                        && it.ready_replicas == Some(it.replicas)
                };
                if set.status.as_ref().is_some_and(seen) {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        });
    }

    /// The reads of an apply that finds everything as wanted.
    pub(crate) fn lists(&self, namespace: &str) -> Duration {
        let start = Instant::now();
        self.runtime.block_on(self.list_all(namespace));
        start.elapsed()
    }

    /// A look at what is there, a dry run of each object, the Lease and the record of each pipeline, then the objects:
    /// those that a StatefulSet needs first, and the Leases again. What is read of the cluster itself does not count:
    /// a few requests for all pipelines.
    pub(crate) fn first_apply(&self, objects: &[Value]) -> Duration {
        let namespace = objects[0]["metadata"]["namespace"].as_str().expect("a namespace");
        let (sets, others): (Vec<_>, Vec<_>) =
            objects.iter().partition(|object| object["kind"] == "StatefulSet");
        let start = Instant::now();
        self.runtime.block_on(async {
            self.list_all(namespace).await;
            self.patch_all(objects.iter(), "&dryRun=All").await;
            self.send_all(sets.iter().map(|set| lease(set))).await;
            self.send_all(sets.iter().map(|set| record(set))).await;
            self.patch_all(others.into_iter(), "").await;
            self.patch_all(sets.iter().copied(), "").await;
            self.send_all(sets.iter().map(|set| release(set))).await;
        });
        start.elapsed()
    }

    async fn list_all(&self, namespace: &str) {
        let kinds = ["Lease", "Service", "PersistentVolumeClaim", "StatefulSet"];
        let list = |kind| Call {
            method: "GET",
            path: format!("{}?{MANAGED}", collection(kind, namespace)),
            form: APPLIED,
            body: Vec::new(),
        };
        self.send_all(kinds.into_iter().map(list)).await;
    }

    async fn patch_all(&self, objects: impl Iterator<Item = &Value>, parameters: &str) {
        let patch = |object: &Value| {
            let collection = collection(text(object, "/kind"), text(object, "/metadata/namespace"));
            let name = text(object, "/metadata/name");
            let path = format!(
                "{collection}/{name}?fieldManager=wellhead&fieldValidation=Strict{parameters}"
            );
            Call { method: "PATCH", path, form: APPLIED, body: object.to_string().into_bytes() }
        };
        self.send_all(objects.map(patch)).await;
    }

    async fn send_all(&self, calls: impl Iterator<Item = Call>) {
        stream::iter(calls.collect::<Vec<_>>())
            .for_each_concurrent(CONCURRENCY, |call| self.send(call))
            .await;
    }

    async fn send(&self, call: Call) {
        let Call { method, path, form, body } = call;
        let request = http::Request::builder()
            .method(method)
            .uri(path)
            .header("content-type", form)
            .body(body);
        let answer = self.client.request_text(request.expect("a request")).await;
        answer.expect("the server accepts it");
    }
}

/// A request.
struct Call {
    method: &'static str,
    path: String,
    form: &'static str,
    body: Vec<u8>,
}

const APPLIED: &str = "application/apply-patch+yaml";

fn text<'o>(object: &'o Value, pointer: &str) -> &'o str {
    object.pointer(pointer).and_then(Value::as_str).expect("a text")
}

/// A new object that belongs to a StatefulSet.
fn new(set: &Value, mut object: Value) -> Call {
    let name = format!("wellhead.{}", text(set, "/metadata/name"));
    object["metadata"] = json!({"name": name});
    let path = collection(text(&object, "/kind"), text(set, "/metadata/namespace"));
    let body = object.to_string().into_bytes();
    Call { method: "POST", path, form: "application/json", body }
}

fn lease(set: &Value) -> Call {
    let spec = json!({"holderIdentity": "bench", "leaseDurationSeconds": 15});
    new(set, json!({"apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "spec": spec}))
}

fn release(set: &Value) -> Call {
    let mut call = lease(set);
    call.method = "PATCH";
    call.path = format!("{}/wellhead.{}", call.path, text(set, "/metadata/name"));
    call.form = "application/merge-patch+json";
    call.body = json!({"spec": {"holderIdentity": null}}).to_string().into_bytes();
    call
}

/// As large as what three objects are compressed to.
fn record(set: &Value) -> Call {
    let data = json!({"content": "x".repeat(1_500)});
    let kind = "ControllerRevision";
    new(set, json!({"apiVersion": "apps/v1", "kind": kind, "revision": 1, "data": data}))
}

fn collection(kind: &str, namespace: &str) -> String {
    match kind {
        "StatefulSet" => format!("/apis/apps/v1/namespaces/{namespace}/statefulsets"),
        "ControllerRevision" => format!("/apis/apps/v1/namespaces/{namespace}/controllerrevisions"),
        "Lease" => format!("/apis/coordination.k8s.io/v1/namespaces/{namespace}/leases"),
        "Service" => format!("/api/v1/namespaces/{namespace}/services"),
        _ => format!("/api/v1/namespaces/{namespace}/persistentvolumeclaims"),
    }
}
