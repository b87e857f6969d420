//! The base spec of a stateful pipeline.

use std::collections::BTreeMap;

use k8s_openapi::api::apps::v1::{
    StatefulSetOrdinals, StatefulSetPersistentVolumeClaimRetentionPolicy, StatefulSetSpec,
    StatefulSetUpdateStrategy,
};
use k8s_openapi::api::core::v1::{
    Affinity, Container, HostAlias, LocalObjectReference, PodDNSConfig, PodOS, PodReadinessGate,
    PodResourceClaim, PodSchedulingGate, PodSecurityContext, PodSpec, ResourceRequirements,
    Toleration, TopologySpreadConstraint, Volume,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::fields::{FieldOwner, Native, Optional, SpecField, pipeline_spec};
use crate::{
    Claim, Namespace, ObjectName, Ownership, PipelineName, ServiceName, ServiceSettings,
    VolumeMigration,
};

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

pipeline_spec! {
    /// What a [`Pipeline`] runs. Fields without a word of their own here mean what they mean in a
    /// StatefulSet, a pod or a container.
    optional {
        /// Number of replicas. Left out: 1.
        set replicas "replicas": Option<i32>,
        /// Labels that select the pods; every pod gets them. They cannot change later. Left out:
        /// `app.kubernetes.io/name: <name>`.
        own selector "selector": BTreeMap<String, String>,
        /// Labels of the pods beside the selector's.
        own pod_labels "podLabels": BTreeMap<String, String>,
        /// Annotations of the pods.
        own pod_annotations "podAnnotations": BTreeMap<String, String>,
        /// The headless Service.
        #[serde(deserialize_with = "crate::model::map_only")]
        own service "service": ServiceSettings,
    }
    required {
        /// The containers: the first is the main container, the others are sidecars.
        own containers "containers": Vec<Container>,
    }
    optional {
        /// Containers that run, in order, before the others start.
        pod init_containers "initContainers": Vec<Container>,
        /// Volumes that are not claims.
        pod volumes "volumes": Vec<Volume>,
        /// The storage of each replica.
        own claims "claims": Vec<Claim>,
        /// What happens to claims when the StatefulSet is deleted or scaled down. Left out: they are
        /// retained in both cases.
        set persistent_volume_claim_retention_policy "persistentVolumeClaimRetentionPolicy": Option<StatefulSetPersistentVolumeClaimRetentionPolicy>,
        /// Whose value stands for fields that others set, too, such as an autoscaler `replicas`. The last
        /// entry that names a field decides. Left out: the value of somebody else is a conflict.
        own ownership "ownership": Vec<Ownership>,
        /// Whether the data of claims may be moved to other volumes, and how. Left out: it may not.
        own volume_migration "volumeMigration": Option<VolumeMigration>,
        /// How pods are replaced when the template changes.
        set update_strategy "updateStrategy": Option<StatefulSetUpdateStrategy>,
        /// Whether pods start one after the other or all at once.
        set pod_management_policy "podManagementPolicy": Option<PodManagementPolicy>,
        /// The number of the first replica.
        set ordinals "ordinals": Option<StatefulSetOrdinals>,
        /// Seconds that a pod must be ready to count as available.
        set min_ready_seconds "minReadySeconds": Option<i32>,
        /// How many old templates the StatefulSet keeps.
        set revision_history_limit "revisionHistoryLimit": Option<i32>,
        /// The pods' service account.
        pod service_account_name "serviceAccountName": Option<ObjectName>,
        /// Whether the pods get the service account's token.
        pod automount_service_account_token "automountServiceAccountToken": Option<bool>,
        /// Secrets that pull images.
        pod image_pull_secrets "imagePullSecrets": Vec<LocalObjectReference>,
        /// Labels that a node must have.
        pod node_selector "nodeSelector": BTreeMap<String, String>,
        /// The one node that may run the pods.
        pod node_name "nodeName": Option<String>,
        /// Which nodes and which neighbours the pods want.
        pod affinity "affinity": Option<Affinity>,
        /// Taints that the pods accept.
        pod tolerations "tolerations": Vec<Toleration>,
        /// How the pods spread over zones and nodes.
        pod topology_spread_constraints "topologySpreadConstraints": Vec<TopologySpreadConstraint>,
        /// The PriorityClass.
        pod priority_class_name "priorityClassName": Option<String>,
        /// `PreemptLowerPriority` or `Never`.
        pod preemption_policy "preemptionPolicy": Option<String>,
        /// The RuntimeClass.
        pod runtime_class_name "runtimeClassName": Option<ObjectName>,
        /// What must happen before the pods are scheduled.
        pod scheduling_gates "schedulingGates": Vec<PodSchedulingGate>,
        /// The operating system that the containers need.
        pod os "os": Option<PodOS>,
        /// The scheduler.
        pod scheduler_name "schedulerName": Option<String>,
        /// Security settings of the pod.
        pod security_context "securityContext": Option<PodSecurityContext>,
        /// Resources of the pod as a whole.
        pod resources "resources": Option<ResourceRequirements>,
        /// Claims on devices (dynamic resource allocation).
        pod resource_claims "resourceClaims": Vec<PodResourceClaim>,
        /// Seconds that a pod has to stop.
        pod termination_grace_period_seconds "terminationGracePeriodSeconds": Option<i64>,
        /// Extra conditions of readiness.
        pod readiness_gates "readinessGates": Vec<PodReadinessGate>,
        /// How the pods resolve names.
        pod dns_policy "dnsPolicy": Option<String>,
        /// DNS settings of the pods.
        pod dns_config "dnsConfig": Option<PodDNSConfig>,
        /// Lines for the pods' hosts file.
        pod host_aliases "hostAliases": Vec<HostAlias>,
        /// Whether the pods use the node's network.
        pod host_network "hostNetwork": Option<bool>,
        /// Whether the pods see the node's processes.
        pod host_pid "hostPID": Option<bool>,
        /// Whether the pods share the node's IPC namespace.
        pod host_ipc "hostIPC": Option<bool>,
        /// Whether the pods use the node's users.
        pod host_users "hostUsers": Option<bool>,
        /// Whether the containers of a pod see each other's processes.
        pod share_process_namespace "shareProcessNamespace": Option<bool>,
        /// Host name in the template. The controller gives each pod its own name instead.
        pod hostname "hostname": Option<String>,
        /// Subdomain in the template. The controller gives each pod the name of the Service instead.
        pod subdomain "subdomain": Option<String>,
        /// Whether the host name is the full DNS name.
        pod set_hostname_as_fqdn "setHostnameAsFQDN": Option<bool>,
        /// Whether environment variables describe the namespace's Services.
        pod enable_service_links "enableServiceLinks": Option<bool>,
    }
}

/// Whether pods start one after the other or all at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum PodManagementPolicy {
    /// Each waits until the one before it is ready.
    OrderedReady,
    /// All at once.
    Parallel,
}

impl Native<String> for Option<PodManagementPolicy> {
    fn native(&self) -> Option<String> {
        let policy = match (*self)? {
            PodManagementPolicy::OrderedReady => "OrderedReady",
            PodManagementPolicy::Parallel => "Parallel",
        };
        Some(policy.to_owned())
    }
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
