//! Names of objects and their addresses on the API server.

use std::fmt;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::json;
use super::json::typed;

/// The kinds of object that this crate reads or writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Kind {
    /// `v1` Service.
    Service,
    /// `v1` PersistentVolumeClaim.
    PersistentVolumeClaim,
    /// `apps/v1` StatefulSet.
    StatefulSet,
    /// `v1` Pod. Never applied.
    Pod,
    /// `v1` Event. Only read.
    Event,
    /// `v1` PersistentVolume. Written only where the data of a claim move.
    PersistentVolume,
    /// `storage.k8s.io/v1` StorageClass. Only read.
    StorageClass,
    /// `v1` Namespace. Only read.
    Namespace,
    /// `v1` Node. Only read.
    Node,
    /// `v1` ConfigMap. Only its existence is looked at.
    ConfigMap,
    /// `v1` Secret. Only its existence is looked at.
    Secret,
    /// `v1` `ServiceAccount`. Only its existence is looked at.
    ServiceAccount,
    /// `v1` `ResourceQuota`. Only read.
    ResourceQuota,
    /// `v1` `LimitRange`. Only read.
    LimitRange,
    /// `coordination.k8s.io/v1` Lease.
    Lease,
    /// `apps/v1` `ControllerRevision`.
    ControllerRevision,
    /// `storage.k8s.io/v1` `VolumeAttributesClass`. Only read.
    VolumeAttributesClass,
    /// `node.k8s.io/v1` `RuntimeClass`. Only read.
    RuntimeClass,
    /// `scheduling.k8s.io/v1` `PriorityClass`. Only its existence is looked at.
    PriorityClass,
    /// `batch/v1` Job, which copies a volume.
    Job,
    /// `snapshot.storage.k8s.io/v1` `VolumeSnapshot`.
    VolumeSnapshot,
    /// `snapshot.storage.k8s.io/v1` `VolumeSnapshotClass`. Only read.
    VolumeSnapshotClass,
}

/// In place of a namespace, for a LIST: every one.
pub(crate) const ALL_NAMESPACES: &str = "";

impl Kind {
    /// The `apiVersion` of the kind.
    pub fn api_version(self) -> &'static str {
        match self {
            Self::StatefulSet | Self::ControllerRevision => "apps/v1",
            Self::Lease => "coordination.k8s.io/v1",
            Self::StorageClass | Self::VolumeAttributesClass => "storage.k8s.io/v1",
            Self::RuntimeClass => "node.k8s.io/v1",
            Self::PriorityClass => "scheduling.k8s.io/v1",
            Self::Job => "batch/v1",
            Self::VolumeSnapshot | Self::VolumeSnapshotClass => "snapshot.storage.k8s.io/v1",
            _ => "v1",
        }
    }

    /// The word that users read and type, e.g. `statefulset`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Service => "service",
            Self::PersistentVolumeClaim => "claim",
            Self::StatefulSet => "statefulset",
            Self::Pod => "pod",
            Self::Event => "event",
            Self::PersistentVolume => "volume",
            Self::StorageClass => "storage class",
            Self::Namespace => "namespace",
            Self::Node => "node",
            Self::ConfigMap => "config map",
            Self::Secret => "secret",
            Self::ServiceAccount => "service account",
            Self::ResourceQuota => "quota",
            Self::LimitRange => "limit range",
            Self::Lease => "lease",
            Self::ControllerRevision => "revision",
            Self::VolumeAttributesClass => "volume attributes class",
            Self::RuntimeClass => "runtime class",
            Self::PriorityClass => "priority class",
            Self::Job => "job",
            Self::VolumeSnapshot => "snapshot",
            Self::VolumeSnapshotClass => "snapshot class",
        }
    }

    /// The name that kubectl understands.
    pub(crate) fn kubectl(self) -> &'static str {
        match self {
            Self::PersistentVolumeClaim => "pvc",
            Self::PersistentVolume => "pv",
            Self::VolumeSnapshot => "volumesnapshot",
            Self::ControllerRevision => "controllerrevision",
            other => other.word(),
        }
    }

    /// The group and the plural of the kind, as rules of a Role name them.
    pub(crate) fn resource(self) -> (&'static str, &'static str) {
        match self {
            Self::Service => ("", "services"),
            Self::PersistentVolumeClaim => ("", "persistentvolumeclaims"),
            Self::StatefulSet => ("apps", "statefulsets"),
            Self::Pod => ("", "pods"),
            Self::Event => ("", "events"),
            Self::PersistentVolume => ("", "persistentvolumes"),
            Self::StorageClass => ("storage.k8s.io", "storageclasses"),
            Self::Namespace => ("", "namespaces"),
            Self::Node => ("", "nodes"),
            Self::ConfigMap => ("", "configmaps"),
            Self::Secret => ("", "secrets"),
            Self::ServiceAccount => ("", "serviceaccounts"),
            Self::ResourceQuota => ("", "resourcequotas"),
            Self::LimitRange => ("", "limitranges"),
            Self::Lease => ("coordination.k8s.io", "leases"),
            Self::ControllerRevision => ("apps", "controllerrevisions"),
            Self::VolumeAttributesClass => ("storage.k8s.io", "volumeattributesclasses"),
            Self::RuntimeClass => ("node.k8s.io", "runtimeclasses"),
            Self::PriorityClass => ("scheduling.k8s.io", "priorityclasses"),
            Self::Job => ("batch", "jobs"),
            Self::VolumeSnapshot => ("snapshot.storage.k8s.io", "volumesnapshots"),
            Self::VolumeSnapshotClass => ("snapshot.storage.k8s.io", "volumesnapshotclasses"),
        }
    }

    /// Whether objects of the kind are in no namespace.
    pub(crate) fn is_cluster_wide(self) -> bool {
        matches!(
            self,
            Self::Namespace
                | Self::Node
                | Self::PersistentVolume
                | Self::StorageClass
                | Self::VolumeAttributesClass
                | Self::RuntimeClass
                | Self::PriorityClass
                | Self::VolumeSnapshotClass
        )
    }

    /// The path of the collection; `namespace` is ignored where the kind has none, and may be [`ALL_NAMESPACES`].
    pub(crate) fn collection(self, namespace: &str) -> String {
        let version = self.api_version();
        let root = if version.contains('/') { "apis" } else { "api" };
        let (_, plural) = self.resource();
        if self.is_cluster_wide() || namespace == ALL_NAMESPACES {
            format!("/{root}/{version}/{plural}")
        } else {
            format!("/{root}/{version}/namespaces/{namespace}/{plural}")
        }
    }
}

/// One object in the cluster. Displays as `statefulset/db`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ObjectRef {
    /// Its kind.
    pub kind: Kind,
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
}

impl ObjectRef {
    pub(crate) fn new(kind: Kind, namespace: &str, name: &str) -> Self {
        Self { kind, namespace: namespace.to_owned(), name: name.to_owned() }
    }

    /// The address of an object with this metadata.
    pub(crate) fn of(kind: Kind, metadata: &ObjectMeta) -> Self {
        Self::new(kind, typed::namespace(metadata), typed::name(metadata))
    }

    /// `kubectl VERB` for this object, for hints.
    pub(crate) fn kubectl(&self, verb: &str) -> String {
        format!("kubectl -n {} {verb} {}/{}", self.namespace, self.kind.kubectl(), self.name)
    }
}

impl fmt::Display for ObjectRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.kind.word(), self.name)
    }
}

/// One pipeline in the cluster. Displays as `NAMESPACE/NAME`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub struct PipelineRef {
    /// Its namespace.
    pub namespace: String,
    /// Its name, which is its StatefulSet's.
    pub name: String,
}

impl fmt::Display for PipelineRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.namespace, self.name)
    }
}

/// The object's address.
pub(crate) fn object_ref(kind: Kind, object: &Value) -> ObjectRef {
    ObjectRef::new(kind, json::text(object, "/metadata/namespace"), json::name(object))
}

/// The field manager of every write, fixed so that ownership survives upgrades of Wellhead.
pub const FIELD_MANAGER: &str = "wellhead";

/// The label that says who looks after an object, and its value on ours.
/// <https://kubernetes.io/docs/concepts/overview/working-with-objects/common-labels/>
pub(crate) const MANAGED_BY: (&str, &str) = ("app.kubernetes.io/managed-by", "wellhead");

/// The label of Wellhead's own records, its Lease and its revisions: the name of their pipeline.
pub(crate) const PIPELINE_LABEL: &str = "wellhead.dev/pipeline";

/// The label that says which pipeline an object belongs to; a user may have set it otherwise.
pub(crate) const INSTANCE: &str = "app.kubernetes.io/instance";

#[cfg(test)]
mod tests {
    use super::{ALL_NAMESPACES, Kind};

    #[test]
    fn a_collection_has_its_group_version_and_namespace_where_it_is_in_one() {
        let path = |kind: Kind| kind.collection("ns");
        assert_eq!(path(Kind::Pod), "/api/v1/namespaces/ns/pods");
        assert_eq!(path(Kind::StatefulSet), "/apis/apps/v1/namespaces/ns/statefulsets");
        let leases = "/apis/coordination.k8s.io/v1/namespaces/ns/leases";
        assert_eq!(path(Kind::Lease), leases);
        assert_eq!(Kind::Pod.collection(ALL_NAMESPACES), "/api/v1/pods");
        assert_eq!(path(Kind::Node), "/api/v1/nodes");
        assert_eq!(path(Kind::StorageClass), "/apis/storage.k8s.io/v1/storageclasses");
    }
}
