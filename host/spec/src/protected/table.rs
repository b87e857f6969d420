//! The protected fields.

use super::Protected;
use super::Unless::{
    Added, AddedOrRemoved, Fewer, Grown, More, Never, Off, OffOrRemoved, On, OneOf, OneOfOrRemoved,
    Positive, Removed, Unselected, WithoutPrefix,
};

const fn row(
    fields: &'static [&'static str],
    unless: super::Unless,
    why: &'static str,
) -> Protected {
    Protected { fields, unless, why }
}

/// Every protected field. Those of pods are what the Pod Security Standards restrict
/// (<https://kubernetes.io/docs/concepts/security/pod-security-standards/>), and credentials.
pub const PROTECTED: &[Protected] = &[
    // Whose it is.
    row(
        &["name", "namespace", "service.name", "service.external", "ordinals"],
        Never,
        "objects, claims and their data are found by it",
    ),
    row(&["selector", "service.selector"], Never, "the selector finds the pods, and cannot change"),
    row(&["podLabels.{label}"], Unselected, "a selector finds the pods by this label"),
    row(
        &["containers.*.name", "initContainers.*.name", "volumes.*.name"],
        AddedOrRemoved,
        "an item keeps its name",
    ),
    row(&["claims.*.name"], Added, "a claim keeps its name, because its data goes by it"),
    row(
        &[
            "labels.{reserved}",
            "annotations.{reserved}",
            "podLabels.{reserved}",
            "podAnnotations.{reserved}",
            "service.labels.{reserved}",
            "service.annotations.{reserved}",
            "claims.*.labels.{reserved}",
            "claims.*.annotations.{reserved}",
            "volumes.*.ephemeral.volumeClaimTemplate.metadata.labels.{reserved}",
            "volumes.*.ephemeral.volumeClaimTemplate.metadata.annotations.{reserved}",
        ],
        Never,
        "the key is reserved for Kubernetes and for who owns the object",
    ),
    row(&["ownership"], Never, "it decides whose value stands in the cluster"),
    // The data.
    row(
        &[
            "persistentVolumeClaimRetentionPolicy.whenDeleted",
            "persistentVolumeClaimRetentionPolicy.whenScaled",
        ],
        OneOfOrRemoved(&["Retain"]),
        "the cluster would delete claims and their data",
    ),
    row(&["claims.*.size"], Grown, "a volume cannot shrink"),
    row(
        &["claims.*.dataSourceRef.namespace"],
        Removed,
        "the volume would be filled from another namespace",
    ),
    row(&["replicas"], Positive, "without replicas, the pipeline stands still"),
    // The node.
    row(
        &["hostNetwork", "hostPID", "hostIPC"],
        OffOrRemoved,
        "the pods would share a namespace of the node",
    ),
    row(&["hostUsers"], Off, "root in a container would be root of the node"),
    row(
        &["shareProcessNamespace"],
        OffOrRemoved,
        "containers would see each other's processes and secrets",
    ),
    row(&["nodeName"], Never, "the scheduler and its rules would be passed by"),
    row(
        &["priorityClassName"],
        WithoutPrefix("system-"),
        "the pods would displace those of the system",
    ),
    row(&["volumes.*.{node volume}"], Removed, "the pods would reach the node or its network"),
    row(
        &["containers.*.ports.*.hostPort", "initContainers.*.ports.*.hostPort"],
        Removed,
        "the pods would take a port of the node",
    ),
    row(
        &[
            "containers.*.securityContext.privileged",
            "initContainers.*.securityContext.privileged",
            "securityContext.windowsOptions.hostProcess",
            "containers.*.securityContext.windowsOptions.hostProcess",
            "initContainers.*.securityContext.windowsOptions.hostProcess",
        ],
        OffOrRemoved,
        "a privileged container has all rights on its node",
    ),
    row(
        &[
            "containers.*.securityContext.allowPrivilegeEscalation",
            "initContainers.*.securityContext.allowPrivilegeEscalation",
        ],
        Off,
        "a process could get more rights than its container has",
    ),
    row(
        &[
            "containers.*.securityContext.capabilities.add",
            "initContainers.*.securityContext.capabilities.add",
        ],
        Fewer,
        "capabilities are parts of root's rights",
    ),
    row(
        &[
            "containers.*.securityContext.capabilities.drop",
            "initContainers.*.securityContext.capabilities.drop",
        ],
        More,
        "capabilities are parts of root's rights",
    ),
    row(
        &[
            "securityContext.runAsUser",
            "containers.*.securityContext.runAsUser",
            "initContainers.*.securityContext.runAsUser",
        ],
        Positive,
        "the container could run as root",
    ),
    row(
        &[
            "securityContext.runAsNonRoot",
            "containers.*.securityContext.runAsNonRoot",
            "initContainers.*.securityContext.runAsNonRoot",
        ],
        On,
        "the container could run as root",
    ),
    row(
        &["containers.*.securityContext.procMount", "initContainers.*.securityContext.procMount"],
        OneOfOrRemoved(&["Default"]),
        "the node's kernel would stand open in /proc",
    ),
    row(
        &[
            "securityContext.seccompProfile.type",
            "containers.*.securityContext.seccompProfile.type",
            "initContainers.*.securityContext.seccompProfile.type",
            "securityContext.appArmorProfile.type",
            "containers.*.securityContext.appArmorProfile.type",
            "initContainers.*.securityContext.appArmorProfile.type",
        ],
        OneOf(&["RuntimeDefault", "Localhost"]),
        "the container would be unconfined",
    ),
    row(
        &[
            "securityContext.seLinuxOptions",
            "containers.*.securityContext.seLinuxOptions",
            "initContainers.*.securityContext.seLinuxOptions",
        ],
        Removed,
        "SELinux labels decide what a container may reach",
    ),
    row(&["securityContext.sysctls"], Removed, "kernel settings reach beyond the pod"),
    // Credentials.
    row(&["serviceAccountName"], Never, "the pods act in the cluster with this account's rights"),
    row(&["automountServiceAccountToken"], Off, "the pods would get the service account's token"),
    row(
        &[
            "volumes.*.projected.sources.*.serviceAccountToken",
            "volumes.*.projected.sources.*.podCertificate",
        ],
        Removed,
        "the pods would get the service account's token",
    ),
    row(
        &[
            "volumes.*.secret",
            "volumes.*.projected.sources.*.secret",
            "volumes.*.csi.nodePublishSecretRef",
            "containers.*.env.*.valueFrom.secretKeyRef",
            "initContainers.*.env.*.valueFrom.secretKeyRef",
            "containers.*.envFrom.*.secretRef",
            "initContainers.*.envFrom.*.secretRef",
        ],
        Removed,
        "the pods would read a Secret of the namespace",
    ),
    // The network.
    row(
        &[
            "containers.*.{probe}.httpGet.host",
            "containers.*.{probe}.tcpSocket.host",
            "initContainers.*.{probe}.httpGet.host",
            "initContainers.*.{probe}.tcpSocket.host",
            "containers.*.lifecycle.{hook}.httpGet.host",
            "containers.*.lifecycle.{hook}.tcpSocket.host",
            "initContainers.*.lifecycle.{hook}.httpGet.host",
            "initContainers.*.lifecycle.{hook}.tcpSocket.host",
        ],
        Removed,
        "the node would send requests to another host than the pod",
    ),
];
