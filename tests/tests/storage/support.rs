//! A namespace on the control plane with CSI, and what tests do in it.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use k8s_openapi::api::core::v1::{Event, PersistentVolume, PersistentVolumeClaim, Pod};
use k8s_openapi::{Metadata, NamespaceResourceScope};
use kube::api::{Api, ApiResource, DeleteParams, DynamicObject, Patch, PatchParams, PostParams};
use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::core::GroupVersionKind;
use kube::{Client, Config};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use wellhead_harness::{
    Call, ControlPlane, Driver, Injected, SharedControlPlane, Storage, VolumeFault,
    fresh_namespace, tree_hash,
};
use wellhead_tests::claim::{folder_behind, volume_of};

/// Polls until the check gives a value; the limit only bounds a test that fails.
pub(crate) async fn await_some<T, F: Future<Output = Option<T>>>(
    what: &str,
    check: impl Fn() -> F,
) -> T {
    for _ in 0..2400 {
        if let Some(value) = check().await {
            return value;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("never held: {what}");
}

/// A namespace of one test.
pub(crate) struct Bed {
    pub(crate) client: Client,
    pub(crate) storage: Storage,
    pub(crate) namespace: String,
}

impl Bed {
    /// On the control plane that all tests share.
    pub(crate) async fn new(test: &str) -> Self {
        Self::on(SharedControlPlane::with_csi(), test).await
    }

    pub(crate) async fn on(control_plane: &ControlPlane, test: &str) -> Self {
        let kubeconfig = Kubeconfig::read_from(control_plane.kubeconfig()).expect("it is there");
        let options = KubeConfigOptions::default();
        let config =
            Config::from_custom_kubeconfig(kubeconfig, &options).await.expect("it is good");
        let client = Client::try_from(config).expect("a client");
        let namespace = fresh_namespace(test);
        let bed = Self { client, storage: control_plane.storage(), namespace };
        let object = json!({"metadata": {"name": bed.namespace}});
        let namespaces: Api<k8s_openapi::api::core::v1::Namespace> = Api::all(bed.client.clone());
        namespaces
            .create(&PostParams::default(), &typed(object))
            .await
            .expect("the namespace is new");
        bed
    }

    pub(crate) fn api<T>(&self) -> Api<T>
    where
        T: kube::Resource<DynamicType = (), Scope = NamespaceResourceScope>,
    {
        Api::namespaced(self.client.clone(), &self.namespace)
    }

    pub(crate) async fn create<T>(&self, object: Value) -> T
    where
        T: kube::Resource<DynamicType = (), Scope = NamespaceResourceScope>
            + Clone
            + std::fmt::Debug
            + Serialize
            + DeserializeOwned,
    {
        self.api().create(&PostParams::default(), &typed(object)).await.expect("it is new")
    }

    /// Creates an empty claim.
    pub(crate) async fn claim(&self, name: &str, class: &str, size: &str) {
        self.claim_from(name, class, size, Value::Null).await;
    }

    /// Creates a claim with a `dataSource`.
    pub(crate) async fn claim_from(&self, name: &str, class: &str, size: &str, source: Value) {
        let claim = json!({
            "metadata": {"name": name},
            "spec": {
                "storageClassName": class,
                "accessModes": ["ReadWriteOnce"],
                "resources": {"requests": {"storage": size}},
                "dataSource": source,
            },
        });
        self.create::<PersistentVolumeClaim>(claim).await;
    }

    /// The volume of a claim, once it is bound.
    pub(crate) async fn bound(&self, claim: &str) -> PersistentVolume {
        let what = format!("{claim} is bound");
        await_some(&what, async || volume_of(&self.client, &self.namespace, claim).await.ok()).await
    }

    /// Id of a claim's volume with its driver, once it is bound.
    pub(crate) async fn handle(&self, claim: &str) -> String {
        let spec = self.bound(claim).await.spec.expect("a spec");
        spec.csi.expect("it is the driver's").volume_handle
    }

    /// The folder behind a claim's name, once it is bound.
    pub(crate) async fn folder(&self, claim: &str) -> PathBuf {
        self.bound(claim).await;
        let found = folder_behind(&self.client, &self.storage, &self.namespace, claim).await;
        found.expect("the volume is a folder")
    }

    /// Creates a claim and fills its volume; returns the hash of its bytes.
    pub(crate) async fn filled(&self, claim: &str, class: &str) -> String {
        self.claim(claim, class, "1Gi").await;
        let folder = self.folder(claim).await;
        fill(&folder, claim);
        tree_hash(&folder).expect("it can be read")
    }

    pub(crate) async fn hash(&self, claim: &str) -> String {
        tree_hash(&self.folder(claim).await).expect("it can be read")
    }

    pub(crate) async fn get(&self, claim: &str) -> PersistentVolumeClaim {
        self.api().get(claim).await.expect("the claim is there")
    }

    pub(crate) async fn request(&self, claim: &str, size: &str) {
        let patch = json!({"spec": {"resources": {"requests": {"storage": size}}}});
        let claims: Api<PersistentVolumeClaim> = self.api();
        claims
            .patch(claim, &PatchParams::default(), &Patch::Merge(patch))
            .await
            .expect("the size is accepted");
    }

    pub(crate) async fn delete<T>(&self, name: &str)
    where
        T: kube::Resource<DynamicType = (), Scope = NamespaceResourceScope>
            + Clone
            + std::fmt::Debug
            + DeserializeOwned
            + Metadata,
    {
        let deleted = self.api::<T>().delete(name, &DeleteParams::default()).await;
        deleted.expect("it can be deleted");
    }

    /// Texts of the warnings about an object, joined.
    pub(crate) async fn warnings(&self, about: &str) -> String {
        let events: Api<Event> = self.api();
        let found = events.list(&kube::api::ListParams::default()).await.expect("events");
        let of = |event: &Event| {
            event.involved_object.name.as_deref() == Some(about)
                && event.type_.as_deref() == Some("Warning")
        };
        let texts = found.items.into_iter().filter(of).filter_map(|event| event.message);
        texts.collect::<Vec<_>>().join("\n")
    }

    /// Returns once a warning about an object has this text.
    pub(crate) async fn warned(&self, about: &str, text: &str) {
        let what = format!("a warning about {about} says {text}");
        await_some(&what, async || self.warnings(about).await.contains(text).then_some(())).await;
    }

    pub(crate) fn inject(&self, fault: &VolumeFault) -> Injected {
        self.storage.inject(Driver::Folders, fault).expect("the fault can be written")
    }

    /// The calls of a method whose request has this text.
    pub(crate) fn calls(&self, method: &str, text: &str) -> Vec<Call> {
        let calls = self.storage.calls(Driver::Folders).expect("the journal can be read");
        let wanted = |call: &Call| call.method == method && call.request.to_string().contains(text);
        calls.into_iter().filter(wanted).collect()
    }

    /// The API of a kind of `snapshot.storage.k8s.io`.
    pub(crate) fn snapshots(&self) -> Api<DynamicObject> {
        let kind = GroupVersionKind::gvk("snapshot.storage.k8s.io", "v1", "VolumeSnapshot");
        Api::namespaced_with(self.client.clone(), &self.namespace, &ApiResource::from_gvk(&kind))
    }

    /// Takes a snapshot of a claim; returns at once.
    pub(crate) async fn snapshot(&self, name: &str, claim: &str) {
        let object = json!({
            "apiVersion": "snapshot.storage.k8s.io/v1",
            "kind": "VolumeSnapshot",
            "metadata": {"name": name},
            "spec": {"source": {"persistentVolumeClaimName": claim}},
        });
        self.snapshots().create(&PostParams::default(), &typed(object)).await.expect("it is new");
    }

    /// Returns once the status of a snapshot is as wanted.
    pub(crate) async fn snapshot_status(
        &self,
        name: &str,
        what: &str,
        wanted: impl Fn(&Value) -> bool,
    ) -> Value {
        await_some(what, async || {
            let snapshot = self.snapshots().get(name).await.expect("the snapshot is there");
            Some(snapshot.data["status"].clone()).filter(&wanted)
        })
        .await
    }

    pub(crate) async fn snapshot_ready(&self, name: &str) -> Value {
        self.snapshot_status(name, "the snapshot is ready", |status| status["readyToUse"] == true)
            .await
    }

    pub(crate) async fn pod(&self, name: &str) -> Option<Pod> {
        self.api().get_opt(name).await.expect("the API server answers")
    }
}

/// An object from JSON.
pub(crate) fn typed<T: DeserializeOwned>(object: Value) -> T {
    serde_json::from_value(object).expect("it is an object of its kind")
}

/// Files of several sizes and depths, of bytes that only `seed` has.
pub(crate) fn fill(folder: &Path, seed: &str) {
    for (path, count) in [("base/1", 3_000), ("base/2", 70_000), ("wal/0001", 1), ("empty", 0)] {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().expect("it has one")).expect("the folder is writable");
        let text = format!("{seed} {} ", path.file_name().expect("a name").display());
        let bytes: Vec<u8> = text.bytes().cycle().take(count).collect();
        fs::write(&path, bytes).expect("the folder is writable");
    }
}

/// What a claim's status says of a growth: the state of `storage`, the capacity, and the conditions.
pub(crate) struct Growth {
    pub(crate) state: Option<String>,
    pub(crate) capacity: String,
    pub(crate) conditions: Vec<String>,
}

pub(crate) fn growth_of(claim: &PersistentVolumeClaim) -> Growth {
    let status = claim.status.clone().unwrap_or_default();
    let state = status.allocated_resource_statuses.and_then(|all| all.get("storage").cloned());
    let capacity = status.capacity.unwrap_or_default();
    let mut conditions: Vec<_> =
        status.conditions.unwrap_or_default().into_iter().map(|one| one.type_).collect();
    conditions.sort();
    Growth {
        state,
        capacity: capacity.get("storage").map(|one| one.0.clone()).unwrap_or_default(),
        conditions,
    }
}
