//! How Kubernetes merges the lists and maps of objects, as its API description has it: `x-kubernetes-list-map-keys`,
//! `x-kubernetes-list-type` and `x-kubernetes-map-type` of
//! <https://github.com/kubernetes/kubernetes/blob/v1.36.3/api/openapi-spec/swagger.json>.

use std::collections::HashMap;

use serde_json::Value;
use smol_str::{SmolStr, format_smolstr};

use crate::Segment;

/// How the items of a list are named in a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListKey {
    /// By the value of this field.
    Field(&'static str),
    /// By a port number in this field, a `/` and the `protocol`, which is `TCP` when left out.
    Port(&'static str),
    /// By their index.
    Index,
}

/// How the items of the list at this path are named.
pub fn list_key(list: &[Segment]) -> ListKey {
    /// Deepest list with a key: `containers.nginx.resources.claims`.
    const DEPTH: usize = 4;
    let mut names = [""; DEPTH];
    if list.len() > DEPTH {
        return ListKey::Index;
    }
    for (name, segment) in names.iter_mut().zip(list) {
        if let Segment::Key(key) = segment {
            *name = key;
        }
    }
    match names[..list.len()] {
        [
            "containers" | "initContainers" | "volumes" | "claims" | "imagePullSecrets"
            | "resourceClaims" | "plugins",
        ]
        | ["resources", "claims"]
        | ["containers" | "initContainers", _, "env"]
        | ["containers" | "initContainers", _, "resources", "claims"] => ListKey::Field("name"),
        ["containers" | "initContainers", _, "ports"] => ListKey::Port("containerPort"),
        ["containers" | "initContainers", _, "volumeMounts"] => ListKey::Field("mountPath"),
        ["containers" | "initContainers", _, "volumeDevices"] => ListKey::Field("devicePath"),
        ["hostAliases"] => ListKey::Field("ip"),
        ["service", "ports"] => ListKey::Port("port"),
        _ => ListKey::Index,
    }
}

impl ListKey {
    /// The key of an item; `None` when the item does not have the field that is its key, or when
    /// the list has no keys.
    pub fn of(self, item: &Value) -> Option<SmolStr> {
        match self {
            Self::Field(field) => item.get(field)?.as_str().map(SmolStr::new),
            Self::Port(field) => {
                let protocol = item.get("protocol").and_then(Value::as_str).unwrap_or("TCP");
                Some(format_smolstr!("{}/{protocol}", item.get(field)?.as_i64()?))
            }
            Self::Index => None,
        }
    }

    /// Whether the key of an item depends on this field of it.
    pub fn is_by(self, field: &str) -> bool {
        match self {
            Self::Field(it) => it == field,
            Self::Port(it) => it == field || field == "protocol",
            Self::Index => false,
        }
    }

    /// Position of the item that a segment names: the first with this key, or the index.
    pub fn position(self, items: &[Value], segment: &Segment) -> Option<usize> {
        match (segment, self) {
            (Segment::Index(index), _) => (*index < items.len()).then_some(*index),
            // The common case, without a copy of each key.
            (Segment::Key(key), Self::Field(field)) => items
                .iter()
                .position(|item| item.get(field).and_then(Value::as_str) == Some(key.as_str())),
            (Segment::Key(key), _) => {
                items.iter().position(|item| self.of(item).as_ref() == Some(key))
            }
        }
    }

    /// The position of each key, for who looks for many items: what [`ListKey::position`] finds one by one.
    pub fn positions(self, items: &[Value]) -> HashMap<SmolStr, usize> {
        let mut positions = HashMap::with_capacity(items.len());
        for (index, item) in items.iter().enumerate() {
            if let Some(key) = self.of(item) {
                positions.entry(key).or_insert(index);
            }
        }
        positions
    }

    /// How a path names the item at a position: by its key, or by its index without one.
    pub fn segment(self, item: &Value, index: usize) -> Segment {
        self.of(item).map_or(Segment::Index(index), Segment::Key)
    }
}

/// Fields by which items of lists are known.
pub const KEY_FIELDS: [&str; 11] = [
    "conditionType",
    "containerPort",
    "devicePath",
    "ip",
    "key",
    "mountPath",
    "name",
    "port",
    "protocol",
    "topologyKey",
    "whenUnsatisfiable",
];

/// Maps whose keys are the user's. The server does not store an empty one.
pub const USER_MAPS: [&str; 8] = [
    "annotations",
    "labels",
    "limits",
    "matchLabels",
    "nodeSelector",
    "options",
    "requests",
    "volumeAttributes",
];

/// Fields that the server replaces as a whole, so that `managedFields` holds no children of them.
pub const ATOMIC: &[&str] = &[
    "accessModes",
    "add",
    "args",
    "command",
    "configMapKeyRef",
    "dataSource",
    "drop",
    "envFrom",
    "externalIPs",
    "fieldRef",
    "fileKeyRef",
    "hostnames",
    "httpHeaders",
    "ipFamilies",
    "items",
    "labelSelector",
    "loadBalancerSourceRanges",
    "matchExpressions",
    "matchLabelKeys",
    "nameservers",
    "namespaceSelector",
    "nodeSelector",
    "options",
    "preferredDuringSchedulingIgnoredDuringExecution",
    "readinessGates",
    "requiredDuringSchedulingIgnoredDuringExecution",
    "resourceFieldRef",
    "searches",
    "secretKeyRef",
    "selector",
    "sources",
    "supplementalGroups",
    "sysctls",
    "tolerations",
    "volumeClaimTemplates",
];

/// Lists whose items the server replaces as a whole, so that `managedFields` holds no children of an item.
pub const ATOMIC_ITEMS: &[&str] = &["imagePullSecrets"];
