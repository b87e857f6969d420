//! A namespace, a workload and a recorder of events for each test.

use std::sync::Mutex;
use std::time::Duration;

use k8s_openapi::NamespaceResourceScope;
use k8s_openapi::api::apps::v1::{ControllerRevision, StatefulSet};
use k8s_openapi::api::coordination::v1::Lease;
use k8s_openapi::api::core::v1::{Namespace, PersistentVolumeClaim, Pod, Service};
use kube::api::{Api, DeleteParams, ListParams, Patch, PatchParams, PostParams};
use kube::config::{KubeConfigOptions, Kubeconfig};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use wellhead_cluster::{
    Action, ApplyOptions, ApplyReport, Cluster, ClusterError, ConnectOptions, Event, Growth,
    PipelineRef, Progress, Silent, Wait,
};
use wellhead_harness::{ControlPlane, SharedControlPlane, fresh_namespace};
use wellhead_render::ResourceSet;

/// How long a rollout of a test may take; generous, as machines differ.
pub(crate) const PATIENCE: Duration = Duration::from_mins(2);

/// A namespace of one test, seen through Wellhead and through a plain client.
pub(crate) struct Env {
    pub(crate) cluster: Cluster,
    pub(crate) client: kube::Client,
    pub(crate) namespace: String,
}

impl Env {
    /// A new namespace on the shared control plane.
    pub(crate) async fn new(test: &str) -> Self {
        Self::on(SharedControlPlane::get(), test).await
    }

    /// A new namespace on the given control plane.
    pub(crate) async fn on(control_plane: &ControlPlane, test: &str) -> Self {
        let path = control_plane.kubeconfig();
        let options =
            ConnectOptions { kubeconfig: Some(path.to_owned()), ..ConnectOptions::default() };
        let cluster = Cluster::connect(&options).await.expect("the kubeconfig is good");
        let kubeconfig = Kubeconfig::read_from(path).expect("the kubeconfig can be read");
        let config =
            kube::Config::from_custom_kubeconfig(kubeconfig, &KubeConfigOptions::default())
                .await
                .expect("the kubeconfig is good");
        let client = kube::Client::try_from(config).expect("a client");
        let namespace = fresh_namespace(test);
        let body = object(json!({"metadata": {"name": namespace}}));
        let namespaces: Api<Namespace> = Api::all(client.clone());
        namespaces.create(&PostParams::default(), &body).await.expect("a namespace");
        Self { cluster, client, namespace }
    }

    /// Deletes the namespace; a failed test leaves it for inspection.
    pub(crate) async fn finish(self) {
        let namespaces: Api<Namespace> = Api::all(self.client.clone());
        let deleted = namespaces.delete(&self.namespace, &DeleteParams::background()).await;
        deleted.expect("the namespace can be deleted");
    }

    pub(crate) fn api<T>(&self) -> Api<T>
    where
        T: kube::Resource<DynamicType = (), Scope = NamespaceResourceScope>,
    {
        Api::namespaced(self.client.clone(), &self.namespace)
    }

    pub(crate) fn stateful_sets(&self) -> Api<StatefulSet> {
        self.api()
    }

    pub(crate) fn services(&self) -> Api<Service> {
        self.api()
    }

    pub(crate) fn claims(&self) -> Api<PersistentVolumeClaim> {
        self.api()
    }

    pub(crate) fn pods(&self) -> Api<Pod> {
        self.api()
    }

    pub(crate) fn leases(&self) -> Api<Lease> {
        self.api()
    }

    pub(crate) fn records(&self) -> Api<ControllerRevision> {
        self.api()
    }

    /// The pipeline of a workload in the namespace of the test.
    pub(crate) fn pipeline(&self, name: &str) -> PipelineRef {
        PipelineRef { namespace: self.namespace.clone(), name: name.to_owned() }
    }

    /// Applies and waits until everything is ready.
    pub(crate) async fn apply(&self, workload: &Workload) -> Result<ApplyReport, ClusterError> {
        self.apply_with(&[workload.render(&self.namespace)], &patient(), &Silent).await
    }

    /// Applies and does not wait.
    pub(crate) async fn send(&self, workload: &Workload) -> Result<ApplyReport, ClusterError> {
        let options = ApplyOptions { wait: Wait::No, ..ApplyOptions::default() };
        self.apply_with(&[workload.render(&self.namespace)], &options, &Silent).await
    }

    pub(crate) async fn apply_with(
        &self,
        sets: &[ResourceSet],
        options: &ApplyOptions,
        progress: &dyn Progress,
    ) -> Result<ApplyReport, ClusterError> {
        self.cluster.apply(sets, options, progress).await
    }

    /// Every object of the namespace that Wellhead may write, without what controllers report in its status.
    pub(crate) async fn versions(&self) -> Vec<String> {
        let mut versions = Vec::new();
        let all = ListParams::default();
        for service in self.services().list(&all).await.expect("services") {
            versions.push(version("service", &service));
        }
        for claim in self.claims().list(&all).await.expect("claims") {
            versions.push(version("claim", &claim));
        }
        for stateful_set in self.stateful_sets().list(&all).await.expect("stateful sets") {
            versions.push(version("statefulset", &stateful_set));
        }
        for lease in self.leases().list(&all).await.expect("leases") {
            versions.push(version("lease", &lease));
        }
        for record in self
            .records()
            .list(&ListParams::default().labels("wellhead.dev/pipeline"))
            .await
            .expect("records")
        {
            versions.push(version("revision", &record));
        }
        versions
    }

    /// Plays the resizer of a storage driver: the volume of a claim has a size now.
    pub(crate) async fn grow_volume(&self, claim: &str, size: &str) {
        let status = json!({"status": {"capacity": {"storage": size}}});
        let patched =
            self.claims().patch_status(claim, &PatchParams::default(), &Patch::Merge(status)).await;
        patched.expect("the status can be written");
    }

    /// The size that a claim asks for.
    pub(crate) async fn requested(&self, claim: &str) -> String {
        let spec = self.claims().get(claim).await.expect("it exists").spec.expect("it has one");
        spec.resources.and_then(|it| it.requests).expect("it asks")["storage"].0.clone()
    }

    /// Sets fields of a claim's status, as a storage driver does.
    pub(crate) async fn claim_status(&self, claim: &str, status: Value) {
        let patch = Patch::Merge(json!({"status": status}));
        let patched = self.claims().patch_status(claim, &PatchParams::default(), &patch).await;
        patched.expect("a driver may write a status");
    }

    /// Sets fields of an object as another field manager.
    pub(crate) async fn set_as<T>(&self, manager: &str, name: &str, fields: Value)
    where
        T: kube::Resource<DynamicType = (), Scope = NamespaceResourceScope>
            + Clone
            + DeserializeOwned
            + std::fmt::Debug,
    {
        let params =
            PatchParams { field_manager: Some(manager.to_owned()), ..PatchParams::default() };
        let patched = self.api::<T>().patch(name, &params, &Patch::Merge(fields)).await;
        patched.expect("another manager may write");
    }
}

/// An object in one line, without its status and the traces of those who write it. Any other write shows: it changes
/// the object, or the time or content of its record of managers.
pub(crate) fn version(kind: &str, object: &(impl kube::ResourceExt + Serialize)) -> String {
    let mut trace = serde_json::to_value(object).expect("it is JSON");
    if let Some(fields) = trace.as_object_mut() {
        fields.remove("status");
    }
    if let Some(metadata) = trace["metadata"].as_object_mut() {
        metadata.remove("resourceVersion");
    }
    if let Some(managers) = trace["metadata"]["managedFields"].as_array_mut() {
        managers.retain(|manager| manager.get("subresource").is_none());
    }
    format!("{kind}/{} {trace}", object.name_any())
}

/// Waits until everything is ready, at most as long as a test may take.
pub(crate) fn patient() -> ApplyOptions {
    waiting(PATIENCE)
}

pub(crate) fn waiting(timeout: Duration) -> ApplyOptions {
    ApplyOptions { wait: Wait::UntilDone { timeout: Some(timeout) }, ..ApplyOptions::default() }
}

/// A typed object from JSON.
pub(crate) fn object<T: DeserializeOwned>(value: Value) -> T {
    serde_json::from_value(value).expect("the JSON fits the type")
}

/// A small stateful workload, as the renderer would make it.
#[derive(Clone, Debug)]
pub(crate) struct Workload {
    pub(crate) name: String,
    pub(crate) service: String,
    pub(crate) service_name: String,
    pub(crate) replicas: usize,
    pub(crate) image: String,
    pub(crate) class: Option<String>,
    pub(crate) size: String,
    /// Merged into the StatefulSet's spec.
    pub(crate) spec: Value,
}

impl Workload {
    pub(crate) fn new(name: &str, replicas: usize) -> Self {
        Self {
            name: name.to_owned(),
            service: format!("{name}-peers"),
            service_name: format!("{name}-peers"),
            replicas,
            image: "nginx:1.14.2".to_owned(),
            class: None,
            size: "1Gi".to_owned(),
            spec: json!({}),
        }
    }

    pub(crate) fn with(&self, change: impl FnOnce(&mut Self)) -> Self {
        let mut changed = self.clone();
        change(&mut changed);
        changed
    }

    pub(crate) fn claim_names(&self) -> Vec<String> {
        (0..self.replicas).map(|ordinal| format!("data-{}-{ordinal}", self.name)).collect()
    }

    pub(crate) fn pod_names(&self) -> Vec<String> {
        (0..self.replicas).map(|ordinal| format!("{}-{ordinal}", self.name)).collect()
    }

    pub(crate) fn render(&self, namespace: &str) -> ResourceSet {
        let labels = json!({
            "app": self.name,
            "app.kubernetes.io/managed-by": "wellhead",
            "app.kubernetes.io/instance": self.name});
        let metadata = |name: &str| json!({"name": name, "namespace": namespace, "labels": labels});
        let mut claim = json!({
            "accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": self.size}}});
        if let Some(class) = &self.class {
            claim["storageClassName"] = class.as_str().into();
        }
        let claims = self
            .claim_names()
            .into_iter()
            .map(|name| object(json!({"metadata": metadata(&name), "spec": claim})));
        let mut spec = json!({
            "serviceName": self.service_name,
            "replicas": self.replicas,
            "selector": {"matchLabels": {"app": self.name}},
            "persistentVolumeClaimRetentionPolicy": {"whenDeleted": "Retain", "whenScaled": "Retain"},
            "template": {
                "metadata": {"labels": {"app": self.name}},
                "spec": {"containers": [{
                    "name": "nginx", "image": self.image, "ports": [{"containerPort": 80}],
                    "volumeMounts": [{"name": "data", "mountPath": "/data"}]}]}},
            "volumeClaimTemplates": [{"metadata": {"name": "data"}, "spec": claim}]});
        merge(&mut spec, &self.spec);
        ResourceSet {
            service: Some(object(json!({"metadata": metadata(&self.service), "spec": {
                "clusterIP": "None", "selector": {"app": self.name},
                "ports": [{"port": 80, "targetPort": 80}]}}))),
            claims: claims.collect(),
            stateful_set: object(json!({"metadata": metadata(&self.name), "spec": spec})),
            ownership: Vec::new(),
            volume_migration: None,
            take: Vec::new(),
        }
    }
}

fn merge(target: &mut Value, change: &Value) {
    match (target, change) {
        (Value::Object(target), Value::Object(change)) => {
            for (key, value) in change {
                merge(target.entry(key.clone()).or_insert(Value::Null), value);
            }
        }
        (target, change) => *target = change.clone(),
    }
}

/// Keeps every event.
#[derive(Debug, Default)]
pub(crate) struct Recorder(Mutex<Vec<Event>>);

impl Progress for Recorder {
    fn event(&self, event: Event) {
        self.0.lock().expect("no event panics").push(event);
    }
}

impl Recorder {
    pub(crate) fn events(&self) -> Vec<Event> {
        self.0.lock().expect("no event panics").clone()
    }

    /// The objects that were written, in order.
    pub(crate) fn written(&self) -> Vec<String> {
        let written = self.events().into_iter().filter_map(|event| match event {
            Event::Object(outcome) if outcome.action != Action::Unchanged => {
                Some(outcome.object.to_string())
            }
            _ => None,
        });
        written.collect()
    }
}

/// Plays the storage driver, which the control plane has none of: each state of a claim that grows is followed by the
/// next one, in the order in which drivers report them.
pub(crate) struct Driver<'a> {
    pub(crate) env: &'a Env,
    pub(crate) recorder: Recorder,
}

impl<'a> Driver<'a> {
    pub(crate) fn new(env: &'a Env) -> Self {
        Self { env, recorder: Recorder::default() }
    }
}

impl Progress for Driver<'_> {
    fn event(&self, event: Event) {
        if let Event::Growing { claim, requested, growth: Some(growth), .. } = &event {
            let condition = |name: &str| json!({"conditions": [{"type": name, "status": "True"}]});
            let next = match growth {
                Growth::Requested => condition("Resizing"),
                Growth::Resizing => condition("FileSystemResizePending"),
                _ => json!({"conditions": null, "capacity": {"storage": requested}}),
            };
            crate::faults::block_on(self.env.claim_status(claim, next));
        }
        self.recorder.event(event);
    }
}

/// Code and text of every finding.
pub(crate) fn findings(error: &ClusterError) -> Vec<String> {
    let line = |problem: &wellhead_cluster::Problem| {
        format!("{problem} | {}", problem.why.as_deref().unwrap_or_default())
    };
    error.problems().iter().map(line).collect()
}
