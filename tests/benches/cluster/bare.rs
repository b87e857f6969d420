//! A client that sends requests and reads the answers, and does nothing else.

use std::path::Path;
use std::time::{Duration, Instant};

use futures::stream::{self, StreamExt as _};
use k8s_openapi::api::apps::v1::StatefulSet;
use k8s_openapi::api::core::v1::Namespace;
use kube::api::{Api, ListParams, ObjectMeta, PostParams};
use kube::config::{KubeConfigOptions, Kubeconfig};
use serde_json::Value;
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

    /// The reads of an apply that finds everything as wanted.
    pub(crate) fn lists(&self, namespace: &str) -> Duration {
        let start = Instant::now();
        self.runtime.block_on(self.list_all(namespace));
        start.elapsed()
    }

    /// A look at what is there, a dry run of each object, then the objects: those that a StatefulSet needs first.
    pub(crate) fn first_apply(&self, objects: &[Value]) -> Duration {
        let namespace = objects[0]["metadata"]["namespace"].as_str().expect("a namespace");
        let (sets, others): (Vec<_>, Vec<_>) =
            objects.iter().partition(|object| object["kind"] == "StatefulSet");
        let start = Instant::now();
        self.runtime.block_on(async {
            self.list_all(namespace).await;
            self.patch_all(objects.iter(), "&dryRun=All").await;
            self.patch_all(others.into_iter(), "").await;
            self.patch_all(sets.into_iter(), "").await;
        });
        start.elapsed()
    }

    async fn list_all(&self, namespace: &str) {
        let kinds = ["Service", "PersistentVolumeClaim", "StatefulSet"];
        let paths = kinds.map(|kind| format!("{}?{MANAGED}", collection(kind, namespace)));
        stream::iter(paths)
            .for_each_concurrent(CONCURRENCY, |path| self.send("GET", path, Vec::new()))
            .await;
    }

    async fn patch_all(&self, objects: impl Iterator<Item = &Value>, parameters: &str) {
        let requests = objects.map(|object| {
            let text = |pointer| object.pointer(pointer).and_then(Value::as_str).expect("a text");
            let collection = collection(text("/kind"), text("/metadata/namespace"));
            let name = text("/metadata/name");
            let path = format!(
                "{collection}/{name}?fieldManager=wellhead&fieldValidation=Strict{parameters}"
            );
            (path, object.to_string().into_bytes())
        });
        stream::iter(requests.collect::<Vec<_>>())
            .for_each_concurrent(CONCURRENCY, |(path, body)| self.send("PATCH", path, body))
            .await;
    }

    async fn send(&self, method: &str, path: String, body: Vec<u8>) {
        let request = http::Request::builder()
            .method(method)
            .uri(path)
            .header("content-type", "application/apply-patch+yaml")
            .body(body);
        let answer = self.client.request_text(request.expect("a request")).await;
        answer.expect("the server accepts it");
    }
}

fn collection(kind: &str, namespace: &str) -> String {
    match kind {
        "StatefulSet" => format!("/apis/apps/v1/namespaces/{namespace}/statefulsets"),
        "Service" => format!("/api/v1/namespaces/{namespace}/services"),
        _ => format!("/api/v1/namespaces/{namespace}/persistentvolumeclaims"),
    }
}
