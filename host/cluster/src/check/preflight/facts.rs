//! What was read for a preflight.

use std::collections::{BTreeMap, BTreeSet};

use k8s_openapi::api::core::v1::{LimitRange, Node, PersistentVolume, ResourceQuota};
use k8s_openapi::api::node::v1::RuntimeClass;
use k8s_openapi::api::storage::v1::{StorageClass, VolumeAttributesClass};
use k8s_openapi::apimachinery::pkg::version::Info;
use serde_json::Value;

use super::pods::demand::Amounts;
use crate::model::object::{Kind, ObjectRef};

/// What was read, each thing once in a run. Where it may not be read, it is as if there were none.
#[derive(Debug, Default)]
pub(crate) struct ClusterFacts {
    pub(crate) known: Known,
    /// What was reported of all pipelines together.
    pub(crate) reported: BTreeSet<String>,
    pub(crate) version: Option<Info>,
    pub(crate) nodes: Option<Vec<Node>>,
    pub(crate) classes: Option<Vec<StorageClass>>,
    pub(crate) volumes: Option<Vec<PersistentVolume>>,
    pub(crate) attributes: Option<Vec<VolumeAttributesClass>>,
    pub(crate) runtimes: Vec<RuntimeClass>,
    pub(crate) namespaces: BTreeMap<String, Namespace>,
    /// Objects that pods need and that do not exist.
    pub(crate) absent: BTreeSet<ObjectRef>,
    /// Claims that all pods of a pipeline name, none where one does not exist.
    pub(crate) shared: BTreeMap<ObjectRef, Option<Value>>,
    pub(crate) denied: Vec<Denied>,
}

/// What need not be read again.
#[derive(Debug, Default)]
pub(crate) struct Known {
    pub(super) version: bool,
    /// What is read of the whole cluster.
    pub(super) kinds: BTreeSet<Kind>,
    pub(super) references: BTreeSet<ObjectRef>,
    pub(super) rights: BTreeSet<Right>,
}

/// What bounds the objects of a namespace.
#[derive(Debug, Default)]
pub(crate) struct Namespace {
    pub(crate) quotas: Vec<ResourceQuota>,
    pub(crate) ranges: Vec<LimitRange>,
    /// What pipelines that were judged would use of each quota.
    pub(crate) planned: Vec<Amounts>,
}

/// A verb on a kind in a namespace.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Right {
    pub(super) namespace: String,
    pub(super) kind: Kind,
    pub(super) verb: &'static str,
}

/// A right that the credentials do not have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Denied {
    pub(super) right: Right,
    pub(super) reason: String,
}
