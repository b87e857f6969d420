//! Names of objects and their addresses on the API server.

use std::fmt;

use serde::{Deserialize, Serialize};

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
    /// `v1` Pod. Only read.
    Pod,
    /// `v1` Event. Only read.
    Event,
    /// `v1` PersistentVolume. Only read.
    PersistentVolume,
    /// `storage.k8s.io/v1` StorageClass. Only read.
    StorageClass,
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
}

impl Kind {
    /// The `apiVersion` of the kind.
    pub fn api_version(self) -> &'static str {
        match self {
            Self::StatefulSet | Self::ControllerRevision => "apps/v1",
            Self::Lease => "coordination.k8s.io/v1",
            Self::StorageClass => "storage.k8s.io/v1",
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
            Self::Node => "node",
            Self::ConfigMap => "config map",
            Self::Secret => "secret",
            Self::ServiceAccount => "service account",
            Self::ResourceQuota => "quota",
            Self::LimitRange => "limit range",
            Self::Lease => "lease",
            Self::ControllerRevision => "revision",
        }
    }

    /// The name that kubectl understands.
    pub(crate) fn kubectl(self) -> &'static str {
        match self {
            Self::PersistentVolumeClaim => "pvc",
            Self::ControllerRevision => "controllerrevision",
            other => other.word(),
        }
    }

    /// The path of the collection; `namespace` is ignored where the kind has none.
    pub(crate) fn collection(self, namespace: &str) -> String {
        match self {
            Self::Service => format!("/api/v1/namespaces/{namespace}/services"),
            Self::PersistentVolumeClaim => {
                format!("/api/v1/namespaces/{namespace}/persistentvolumeclaims")
            }
            Self::StatefulSet => format!("/apis/apps/v1/namespaces/{namespace}/statefulsets"),
            Self::Pod => format!("/api/v1/namespaces/{namespace}/pods"),
            Self::Event => format!("/api/v1/namespaces/{namespace}/events"),
            Self::ConfigMap => format!("/api/v1/namespaces/{namespace}/configmaps"),
            Self::Secret => format!("/api/v1/namespaces/{namespace}/secrets"),
            Self::ServiceAccount => format!("/api/v1/namespaces/{namespace}/serviceaccounts"),
            Self::ResourceQuota => format!("/api/v1/namespaces/{namespace}/resourcequotas"),
            Self::LimitRange => format!("/api/v1/namespaces/{namespace}/limitranges"),
            Self::Lease => format!("/apis/coordination.k8s.io/v1/namespaces/{namespace}/leases"),
            Self::ControllerRevision => {
                format!("/apis/apps/v1/namespaces/{namespace}/controllerrevisions")
            }
            Self::Node => "/api/v1/nodes".to_owned(),
            Self::PersistentVolume => "/api/v1/persistentvolumes".to_owned(),
            Self::StorageClass => "/apis/storage.k8s.io/v1/storageclasses".to_owned(),
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
