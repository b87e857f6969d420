//! Values that say nothing: zeros that a server does not store, and defaults that it fills in.
//!
//! Whether a server stores a zero depends on the Go type of the field: it does so of a pointer, and of a field without
//! `omitempty`. <https://github.com/kubernetes/kubernetes/blob/v1.36.3/staging/src/k8s.io/api/core/v1/types.go>

use serde_json::{Value, json};
use wellhead_spec::kubernetes::USER_MAPS;

/// Fields of which the server does not store the empty text: a Go string with `omitempty`.
const NO_EMPTY_TEXT: [&str; 73] = [
    "action",
    "apiVersion",
    "audience",
    "certificateChainPath",
    "clusterIP",
    "containerName",
    "credentialBundlePath",
    "datasetName",
    "datasetUUID",
    "directory",
    "dnsPolicy",
    "effect",
    "externalName",
    "externalTrafficPolicy",
    "fsType",
    "group",
    "host",
    "hostIP",
    "hostname",
    "image",
    "imagePullPolicy",
    "iscsiInterface",
    "key",
    "keyPath",
    "keyType",
    "keyring",
    "level",
    "loadBalancerIP",
    "medium",
    "name",
    "namespace",
    "nodeName",
    "operator",
    "path",
    "podManagementPolicy",
    "pool",
    "prefix",
    "priorityClassName",
    "protectionDomain",
    "protocol",
    "pullPolicy",
    "reference",
    "request",
    "restartPolicy",
    "revision",
    "role",
    "schedulerName",
    "scheme",
    "secretFile",
    "secretName",
    "serviceAccount",
    "serviceAccountName",
    "serviceName",
    "sessionAffinity",
    "signerName",
    "storageMode",
    "storagePolicyID",
    "storagePolicyName",
    "storagePool",
    "subPath",
    "subPathExpr",
    "subdomain",
    "tenant",
    "terminationMessagePath",
    "terminationMessagePolicy",
    "type",
    "user",
    "value",
    "volumeName",
    "volumeNamespace",
    "whenDeleted",
    "whenScaled",
    "workingDir",
];
/// Fields with such a name of which the server does store the empty text: a pointer, or one without `omitempty`. What
/// holds the field, and the field.
const EMPTY_TEXT: [(&str, &str); 11] = [
    ("azureDisk", "fsType"),
    ("clusterTrustBundle", "name"),
    ("clusterTrustBundle", "signerName"),
    ("containers", "restartPolicy"),
    ("csi", "fsType"),
    ("dataSourceRef", "namespace"),
    ("httpHeaders", "value"),
    ("initContainers", "restartPolicy"),
    ("options", "value"),
    ("seccompProfile", "type"),
    ("sysctls", "value"),
];
/// Fields of which the server does not store zero.
const NO_ZERO: [&str; 10] = [
    "failureThreshold",
    "healthCheckNodePort",
    "hostPort",
    "initialDelaySeconds",
    "minReadySeconds",
    "nodePort",
    "partition",
    "periodSeconds",
    "successThreshold",
    "timeoutSeconds",
];
/// Fields of which the server does not store `false`; `readOnly` is another matter in `csi`.
const NO_FALSE: [&str; 11] = [
    "chapAuthDiscovery",
    "chapAuthSession",
    "hostIPC",
    "hostNetwork",
    "hostPID",
    "publishNotReadyAddresses",
    "readOnly",
    "sslEnabled",
    "stdin",
    "stdinOnce",
    "tty",
];
/// What the server fills in: the map or list that holds the field, the field, and the value.
fn is_default(holder: &str, field: &str, value: &Value) -> bool {
    let default = match (holder, field) {
        ("ports", "protocol") => json!("TCP"),
        ("containers" | "initContainers", "terminationMessagePath") => {
            json!("/dev/termination-log")
        }
        ("containers" | "initContainers", "terminationMessagePolicy") => json!("File"),
        ("livenessProbe" | "readinessProbe" | "startupProbe", _) => match field {
            "timeoutSeconds" | "successThreshold" => json!(1),
            "periodSeconds" => json!(10),
            "failureThreshold" => json!(3),
            _ => return false,
        },
        ("httpGet", "scheme") => json!("HTTP"),
        ("httpGet", "path") => json!("/"),
        ("grpc", "service") | ("hostPath", "type") => json!(""),
        ("configMap" | "secret" | "downwardAPI" | "projected", "defaultMode") => json!(420),
        ("iscsi", "iscsiInterface") => json!("default"),
        ("rbd", "pool") => json!("rbd"),
        ("rbd", "user") => json!("admin"),
        ("rbd", "keyring") => json!("/etc/ceph/keyring"),
        ("azureDisk", "cachingMode") => json!("ReadWrite"),
        ("azureDisk", "kind") => json!("Shared"),
        ("azureDisk", "fsType") => json!("ext4"),
        ("scaleIO", "storageMode") => json!("ThinProvisioned"),
        ("scaleIO", "fsType") => json!("xfs"),
        _ => return false,
    };
    *value == default
}

/// Whether a server stores nothing for a value, or fills it in itself: the map or list that holds the field, the field,
/// and the value.
pub(super) fn is_nothing(holder: &str, field: &str, value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.is_empty() && USER_MAPS.contains(&field),
        Value::String(text) if text.is_empty() => {
            let stored = EMPTY_TEXT.contains(&(holder, field));
            is_default(holder, field, value) || (NO_EMPTY_TEXT.contains(&field) && !stored)
        }
        Value::Bool(false) => NO_FALSE.contains(&field) && holder != "csi",
        value if *value == 0 && NO_ZERO.contains(&field) => holder != "clientIP",
        value => is_default(holder, field, value),
    }
}
