//! The protected fields.

use super::Protected;
use super::Unless::{
    Added, AddedOrRemoved, DataStays, Fewer, Filled, Grown, More, Never, NotZero, Off,
    OffOrRemoved, On, OneOf, OneOfOrRemoved, Positive, Removed, Unselected, WithoutPrefix,
};

/// Fields of a container, wherever containers stand.
macro_rules! of_containers {
    ($($field:literal),* $(,)?) => {
        &[$(concat!("containers.*.", $field), concat!("initContainers.*.", $field)),*]
    };
}

/// Fields that the security settings of a pod and of a container share.
macro_rules! of_security {
    ($($field:literal),* $(,)?) => {
        &[$(
            concat!("securityContext.", $field),
            concat!("containers.*.securityContext.", $field),
            concat!("initContainers.*.securityContext.", $field),
        )*]
    };
}

/// Fields of labels and annotations, wherever metadata of an object stands.
macro_rules! of_metadata {
    ($($field:literal),* $(,)?) => {
        &[$(
            concat!("labels.", $field),
            concat!("annotations.", $field),
            concat!("podLabels.", $field),
            concat!("podAnnotations.", $field),
            concat!("service.labels.", $field),
            concat!("service.annotations.", $field),
            concat!("claims.*.labels.", $field),
            concat!("claims.*.annotations.", $field),
            concat!("volumes.*.ephemeral.volumeClaimTemplate.metadata.labels.", $field),
            concat!("volumes.*.ephemeral.volumeClaimTemplate.metadata.annotations.", $field),
        )*]
    };
}

/// Fields of a claim's spec, wherever claims stand.
macro_rules! of_claims {
    ($($field:literal),* $(,)?) => {
        &[$(
            concat!("claims.*.", $field),
            concat!("volumes.*.ephemeral.volumeClaimTemplate.spec.", $field),
        )*]
    };
}

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
        of_metadata!("{reserved}"),
        Never,
        "the key is for Kubernetes, for who owns the object, or for controllers that obey it",
    ),
    row(&["ownership"], Never, "it decides which field manager's value is kept"),
    // The data.
    row(&["volumeMigration"], Never, "it decides whether and how data is moved to other volumes"),
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
        &[
            "claims.*.mountPath",
            "containers.*.volumeMounts.*",
            "initContainers.*.volumeMounts.*",
            "containers.*.volumeDevices.*",
            "initContainers.*.volumeDevices.*",
        ],
        DataStays,
        "a process would not find its data",
    ),
    row(
        of_claims!("dataSource", "dataSourceRef"),
        Removed,
        "the volume would be filled with other data of the cluster",
    ),
    row(of_claims!("selector"), Never, "the claim would take a volume that exists already"),
    row(
        &[
            "claims.*.storageClass",
            "claims.*.ordinals.*.storageClass",
            "volumes.*.ephemeral.volumeClaimTemplate.spec.storageClassName",
        ],
        Filled,
        "the claim would take any free volume that exists already",
    ),
    row(
        &["volumes.*.ephemeral.volumeClaimTemplate.spec.volumeName"],
        Removed,
        "the claim would take a volume that exists already",
    ),
    row(
        &["volumes.*.persistentVolumeClaim"],
        Never,
        "the pods would get data of another claim, or lose it",
    ),
    row(&["replicas"], Positive, "without replicas, nothing runs"),
    row(
        &["terminationGracePeriodSeconds"],
        NotZero,
        "a process that is killed at once cannot finish its writes",
    ),
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
    row(&["os.name"], Never, "it decides which security settings hold for the pods"),
    row(&["schedulingGates"], Never, "the pods would wait for a gate, or pass one by"),
    row(
        &["resourceClaims.*.resourceClaimName"],
        Removed,
        "the pods would share a device that another claim holds",
    ),
    row(&["runtimeClassName"], Never, "another runtime may isolate containers less"),
    row(&["volumes.*.{node volume}"], Removed, "the pods would reach the node or its network"),
    row(&["volumes.*.csi"], Removed, "a driver may mount secrets or folders of the node"),
    row(of_containers!("ports.*.hostPort"), Removed, "the pods would take a port of the node"),
    row(of_containers!("ports.*.hostIP"), Never, "the port of the node would be open elsewhere"),
    row(
        of_containers!("securityContext.privileged"),
        OffOrRemoved,
        "a privileged container has all rights on its node",
    ),
    row(
        of_security!("windowsOptions.hostProcess"),
        OffOrRemoved,
        "a process of the host has all rights on its node",
    ),
    row(
        of_containers!("securityContext.allowPrivilegeEscalation"),
        Off,
        "a process could get more rights than its container has",
    ),
    row(
        of_containers!("securityContext.capabilities.add"),
        Fewer,
        "capabilities are parts of root's rights",
    ),
    row(
        of_containers!("securityContext.capabilities.drop"),
        More,
        "capabilities are parts of root's rights",
    ),
    row(of_security!("runAsUser"), Positive, "the container could run as root"),
    row(of_security!("runAsNonRoot"), On, "the container could run as root"),
    row(
        of_security!("windowsOptions.runAsUserName"),
        OneOf(&["ContainerUser"]),
        "the container could run as an administrator",
    ),
    row(of_security!("runAsGroup"), Positive, "files of root's group would be accessible"),
    row(&["securityContext.fsGroup"], Positive, "the group owns the files of the volumes"),
    row(&["securityContext.supplementalGroups"], Fewer, "files of the group would be accessible"),
    row(
        &["securityContext.supplementalGroupsPolicy"],
        OneOf(&["Strict"]),
        "the image could add groups",
    ),
    row(
        of_containers!("securityContext.readOnlyRootFilesystem"),
        On,
        "what gets into the container could change its programs",
    ),
    row(
        of_containers!("securityContext.procMount"),
        OneOfOrRemoved(&["Default"]),
        "/proc would expose the node's kernel",
    ),
    row(
        of_security!("seccompProfile.type", "appArmorProfile.type"),
        OneOf(&["RuntimeDefault", "Localhost"]),
        "the container would be unconfined",
    ),
    row(
        of_security!("seccompProfile.localhostProfile", "appArmorProfile.localhostProfile"),
        Removed,
        "another profile of the node may confine less",
    ),
    row(
        of_security!("seLinuxOptions"),
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
        &["volumes.*.secret", "volumes.*.projected.sources.*.secret"],
        Removed,
        "the pods would read a Secret of the namespace",
    ),
    row(
        of_containers!("env.*.valueFrom.secretKeyRef", "envFrom.*.secretRef"),
        Removed,
        "the pods would read a Secret of the namespace",
    ),
    row(
        of_security!("windowsOptions.gmsaCredentialSpec", "windowsOptions.gmsaCredentialSpecName"),
        Removed,
        "the pods would act with this account of the domain",
    ),
    // The network.
    row(
        of_containers!(
            "{probe}.httpGet.host",
            "{probe}.tcpSocket.host",
            "lifecycle.{hook}.httpGet.host",
            "lifecycle.{hook}.tcpSocket.host",
        ),
        Removed,
        "the node would send requests to another host than the pod",
    ),
];
