//! Facts about the cluster for plugins: storage classes, nodes and the server's version, without what changes by itself.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{Node, Taint};
use k8s_openapi::api::storage::v1::StorageClass;
use k8s_openapi::apimachinery::pkg::version::Info;
use serde::Serialize;

use crate::api::client::{Client, Listing};
use crate::api::connect::Cluster;
use crate::check::storage_class::is_default;
use crate::model::error::{ClusterError, Problem};
use crate::model::json::typed::{lenient, name};
use crate::model::object::{ALL_NAMESPACES, Kind};
use crate::model::stop::StopSignal;
use crate::observe::live::Reader;

/// Facts of a cluster. The same cluster gives the same facts: heartbeats, addresses and conditions are not among them.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ClusterFacts {
    /// The storage classes, by name, if they were asked for.
    pub storage_classes: Option<Vec<StorageClassFacts>>,
    /// The nodes, by name, if they were asked for.
    pub nodes: Option<Vec<NodeFacts>>,
    /// The version of the API server, e.g. `v1.34.1`.
    pub server: String,
}

/// Which facts are read. Each kind needs the right to list it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FactsWanted {
    /// The storage classes.
    pub storage_classes: bool,
    /// The nodes.
    pub nodes: bool,
}

/// A storage class.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct StorageClassFacts {
    /// Its name.
    pub name: String,
    /// Who makes its volumes.
    pub provisioner: String,
    /// Whether it is that of claims that name none.
    pub default: bool,
    /// Whether its volumes can grow.
    pub allow_volume_expansion: bool,
    /// What becomes of a volume whose claim goes: `Delete` or `Retain`.
    pub reclaim_policy: String,
    /// When a volume is made: `Immediate` or `WaitForFirstConsumer`.
    pub volume_binding_mode: String,
    /// Parameters for its provisioner, among which a secret may be.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub parameters: BTreeMap<String, String>,
}

/// A node.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NodeFacts {
    /// Its name.
    pub name: String,
    /// Its labels.
    pub labels: BTreeMap<String, String>,
    /// What pods can have of it, as quantities of Kubernetes.
    pub allocatable: BTreeMap<String, String>,
    /// Its taints, by key and effect. Those that Kubernetes sets for a condition (`node.kubernetes.io/...`) are not among them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub taints: Vec<TaintFacts>,
}

/// A taint of a node.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct TaintFacts {
    /// Its key.
    pub key: String,
    /// What happens to pods that do not tolerate it.
    pub effect: String,
    /// Its value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
}

/// Begins the keys of taints that come and go with a node's conditions.
const CONDITIONS: &str = "node.kubernetes.io/";

impl Cluster {
    /// Reads the facts: a LIST of each kind that is wanted, page by page, and the version.
    pub async fn facts(&self, wanted: FactsWanted) -> Result<ClusterFacts, ClusterError> {
        let stop = StopSignal::default();
        let client = Client::reading(self, &stop);
        let (storage_classes, nodes, server) = futures::try_join!(
            every(&client, Kind::StorageClass, wanted.storage_classes, class),
            every(&client, Kind::Node, wanted.nodes, node),
            server(&client),
        )?;
        Ok(ClusterFacts { storage_classes, nodes, server })
    }
}

/// Every object of a kind by name. One that changes meanwhile may come twice, and counts as it came last.
async fn every<O: serde::de::DeserializeOwned + Default, F: Send>(
    reader: &Client<'_>,
    kind: Kind,
    is_wanted: bool,
    fact: impl Fn(O) -> (String, F) + Send + Sync,
) -> Result<Option<Vec<F>>, Problem> {
    if !is_wanted {
        return Ok(None);
    }
    let mut found = BTreeMap::new();
    let visit = |object| found.extend([fact(lenient(&object))]);
    let plural = kind.resource().1;
    let listed = reader.each(Listing::whole(kind, ALL_NAMESPACES, ""), visit).await;
    listed.map_err(|failure| failure.describe(&format!("cannot list {plural}"), ""))?;
    Ok(Some(found.into_values().collect()))
}

async fn server(client: &Client<'_>) -> Result<String, Problem> {
    let version = client.version().await;
    let version = version
        .map_err(|failure| failure.describe("cannot read the version of the API server", ""))?;
    Ok(lenient::<Info>(&version).git_version)
}

fn class(class: StorageClass) -> (String, StorageClassFacts) {
    let found = StorageClassFacts {
        name: name(&class.metadata).to_owned(),
        default: is_default(&class),
        provisioner: class.provisioner,
        allow_volume_expansion: class.allow_volume_expansion.unwrap_or_default(),
        // The defaults of the API.
        reclaim_policy: class.reclaim_policy.unwrap_or_else(|| "Delete".to_owned()),
        volume_binding_mode: class.volume_binding_mode.unwrap_or_else(|| "Immediate".to_owned()),
        parameters: class.parameters.unwrap_or_default(),
    };
    (found.name.clone(), found)
}

fn node(node: Node) -> (String, NodeFacts) {
    let allocatable = node.status.and_then(|it| it.allocatable).unwrap_or_default();
    let taints = node.spec.and_then(|it| it.taints).unwrap_or_default();
    let lasts = |it: &Taint| !it.key.starts_with(CONDITIONS);
    let taint = |it: Taint| TaintFacts { key: it.key, effect: it.effect, value: it.value };
    let mut taints: Vec<_> = taints.into_iter().filter(lasts).map(taint).collect();
    taints.sort();
    let found = NodeFacts {
        name: name(&node.metadata).to_owned(),
        labels: node.metadata.labels.unwrap_or_default(),
        allocatable: allocatable.into_iter().map(|(key, it)| (key, it.0)).collect(),
        taints,
    };
    (found.name.clone(), found)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_node_has_what_lasts_in_one_order() {
        let object = json!({
            "metadata": {"name": "a", "labels": {"zone": "x"}, "resourceVersion": "7"},
            "spec": {"taints": [
                {"key": "node.kubernetes.io/not-ready", "effect": "NoExecute"},
                {"key": "gpu", "value": "yes", "effect": "NoSchedule", "timeAdded": "2026-01-01T00:00:00Z"},
                {"key": "batch", "effect": "NoSchedule"}]},
            "status": {"allocatable": {"memory": "8Gi", "cpu": "4"}, "addresses": [{"type": "x", "address": "10.0.0.1"}]},
        });
        let (name, found) = node(lenient(&object));
        assert_eq!(name, "a");
        assert_eq!(
            serde_json::to_value(found).unwrap(),
            json!({"name": "a", "labels": {"zone": "x"}, "allocatable": {"cpu": "4", "memory": "8Gi"},
                "taints": [{"key": "batch", "effect": "NoSchedule"},
                    {"key": "gpu", "effect": "NoSchedule", "value": "yes"}]})
        );
    }

    #[test]
    fn a_class_has_the_defaults_of_the_api() {
        let object = json!({"metadata": {"name": "fast"}, "provisioner": "csi.acme.example"});
        let (_, found) = class(lenient(&object));
        assert_eq!(
            serde_json::to_value(found).unwrap(),
            json!({"name": "fast", "provisioner": "csi.acme.example", "default": false,
                "allowVolumeExpansion": false, "reclaimPolicy": "Delete", "volumeBindingMode": "Immediate"})
        );
    }
}
