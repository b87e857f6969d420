//! The base spec of a stateful pipeline.

use std::collections::BTreeMap;

use k8s_openapi::api::apps::v1::{
    StatefulSetOrdinals, StatefulSetPersistentVolumeClaimRetentionPolicy, StatefulSetUpdateStrategy,
};
use k8s_openapi::api::core::v1::{
    Affinity, Container, HostAlias, LocalObjectReference, PodDNSConfig, PodOS, PodReadinessGate,
    PodResourceClaim, PodSchedulingGate, PodSecurityContext, ResourceRequirements, Toleration,
    TopologySpreadConstraint, Volume,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Claim, Namespace, ObjectName, Ownership, PipelineName, ServiceName, ServiceSettings};

/// Replicas of a pipeline that names no number, as Kubernetes has it.
pub const DEFAULT_REPLICAS: i32 = 1;
/// The label that selects the pods of a pipeline that names no selector.
/// <https://kubernetes.io/docs/concepts/overview/working-with-objects/common-labels/>
pub const DEFAULT_SELECTOR_LABEL: &str = "app.kubernetes.io/name";

/// A stateful pipeline: one headless Service, one StatefulSet and its claims.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Pipeline {
    /// Name, namespace, labels and annotations.
    pub metadata: Metadata,
    /// What runs.
    pub spec: PipelineSpec,
}

/// Name, namespace, labels and annotations of a document.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Metadata {
    /// Name of the pipeline, and of its StatefulSet.
    pub name: PipelineName,
    /// Namespace of every object. Left out: the one of the command line or of the context.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<Namespace>,
    /// Labels of the StatefulSet; customizations select by them.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
    /// Annotations of the StatefulSet.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub annotations: BTreeMap<String, String>,
}

/// What a [`Pipeline`] runs. Fields without a word of their own here mean what they mean in a
/// StatefulSet, a pod or a container.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PipelineSpec {
    /// Number of replicas. Left out: 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replicas: Option<i32>,
    /// Labels that select the pods; every pod gets them. They cannot change later. Left out:
    /// `app.kubernetes.io/name: <name>`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub selector: BTreeMap<String, String>,
    /// Labels of the pods beside the selector's.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub pod_labels: BTreeMap<String, String>,
    /// Annotations of the pods.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub pod_annotations: BTreeMap<String, String>,
    /// The headless Service.
    #[serde(default, skip_serializing_if = "ServiceSettings::is_empty")]
    #[serde(deserialize_with = "crate::model::map_only")]
    pub service: ServiceSettings,
    /// The containers: the first is the main container, the others are sidecars.
    pub containers: Vec<Container>,
    /// Containers that run, in order, before the others start.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub init_containers: Vec<Container>,
    /// Volumes that are not claims.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub volumes: Vec<Volume>,
    /// The storage of each replica.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub claims: Vec<Claim>,

    /// What happens to claims when the StatefulSet is deleted or scaled down. Left out: they are
    /// retained in both cases.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub persistent_volume_claim_retention_policy:
        Option<StatefulSetPersistentVolumeClaimRetentionPolicy>,
    /// Whose value stands for fields that others set, too, such as an autoscaler `replicas`. The last
    /// entry that names a field decides. Left out: the value of somebody else is a conflict.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ownership: Vec<Ownership>,
    /// How pods are replaced when the template changes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub update_strategy: Option<StatefulSetUpdateStrategy>,
    /// Whether pods start one after the other or all at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pod_management_policy: Option<PodManagementPolicy>,
    /// The number of the first replica.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ordinals: Option<StatefulSetOrdinals>,
    /// Seconds that a pod must be ready to count as available.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_ready_seconds: Option<i32>,
    /// How many old templates the StatefulSet keeps.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revision_history_limit: Option<i32>,

    /// The pods' service account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service_account_name: Option<ObjectName>,
    /// Whether the pods get the service account's token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub automount_service_account_token: Option<bool>,
    /// Secrets that pull images.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub image_pull_secrets: Vec<LocalObjectReference>,

    /// Labels that a node must have.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub node_selector: BTreeMap<String, String>,
    /// The one node that may run the pods.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub node_name: Option<String>,
    /// Which nodes and which neighbours the pods want.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub affinity: Option<Affinity>,
    /// Taints that the pods accept.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tolerations: Vec<Toleration>,
    /// How the pods spread over zones and nodes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub topology_spread_constraints: Vec<TopologySpreadConstraint>,
    /// The PriorityClass.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub priority_class_name: Option<String>,
    /// `PreemptLowerPriority` or `Never`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preemption_policy: Option<String>,
    /// The RuntimeClass.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub runtime_class_name: Option<ObjectName>,
    /// What must happen before the pods are scheduled.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scheduling_gates: Vec<PodSchedulingGate>,
    /// The operating system that the containers need.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub os: Option<PodOS>,
    /// The scheduler.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scheduler_name: Option<String>,

    /// Security settings of the pod.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub security_context: Option<PodSecurityContext>,
    /// Resources of the pod as a whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resources: Option<ResourceRequirements>,
    /// Claims on devices (dynamic resource allocation).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub resource_claims: Vec<PodResourceClaim>,
    /// Seconds that a pod has to stop.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub termination_grace_period_seconds: Option<i64>,
    /// Extra conditions of readiness.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub readiness_gates: Vec<PodReadinessGate>,
    /// How the pods resolve names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dns_policy: Option<String>,
    /// DNS settings of the pods.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dns_config: Option<PodDNSConfig>,
    /// Lines for the pods' hosts file.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub host_aliases: Vec<HostAlias>,
    /// Whether the pods use the node's network.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host_network: Option<bool>,
    /// Whether the pods see the node's processes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[serde(rename = "hostPID")]
    pub host_pid: Option<bool>,
    /// Whether the pods share the node's IPC namespace.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[serde(rename = "hostIPC")]
    pub host_ipc: Option<bool>,
    /// Whether the pods use the node's users.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host_users: Option<bool>,
    /// Whether the containers of a pod see each other's processes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub share_process_namespace: Option<bool>,
    /// Host name in the template. The controller gives each pod its own name instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hostname: Option<String>,
    /// Subdomain in the template. The controller gives each pod the name of the Service instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subdomain: Option<String>,
    /// Whether the host name is the full DNS name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[serde(rename = "setHostnameAsFQDN")]
    pub set_hostname_as_fqdn: Option<bool>,
    /// Whether environment variables describe the namespace's Services.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enable_service_links: Option<bool>,
}

/// Whether pods start one after the other or all at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum PodManagementPolicy {
    /// Each waits until the one before it is ready.
    OrderedReady,
    /// All at once.
    Parallel,
}

impl Pipeline {
    /// Number of replicas, the default where none is named.
    pub fn replicas(&self) -> i32 {
        self.spec.replicas.unwrap_or(DEFAULT_REPLICAS)
    }

    /// Ordinals of the replicas, e.g. `0..3`.
    pub fn ordinals(&self) -> std::ops::Range<i32> {
        let start = self.spec.ordinals.as_ref().and_then(|it| it.start).unwrap_or(0);
        start..start.saturating_add(self.replicas())
    }

    /// The labels that select the pods, the default where none is named.
    pub fn selector(&self) -> BTreeMap<String, String> {
        if self.spec.selector.is_empty() {
            BTreeMap::from([(
                DEFAULT_SELECTOR_LABEL.to_owned(),
                self.metadata.name.as_str().to_owned(),
            )])
        } else {
            self.spec.selector.clone()
        }
    }

    /// Name of the Service that the StatefulSet names: where none is given, the pipeline's name for
    /// Wellhead's own, and none for one that is external.
    pub fn service_name(&self) -> Option<&str> {
        let service = &self.spec.service;
        let own = || (!service.external).then(|| self.metadata.name.as_str());
        service.name.as_ref().map(ServiceName::as_str).or_else(own)
    }
}

/// The `apiVersion` of every kind in this crate.
pub const API_VERSION: &str = "wellhead.dev/v1alpha1";
