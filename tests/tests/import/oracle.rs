//! What an import may leave out or add, said once more and without its code: leaves of the original that the
//! rendered object does not have must be what a server fills in or does not store, or be told.

use serde_json::Value;
use wellhead::import::ImportFinding;
use wellhead_render::object_leaves;
use wellhead_spec::{FieldPath, Quantity, Segment};

/// Fields that a server fills in, and their values as JSON.
const DEFAULTS: &[(&str, &str)] = &[
    ("apiVersion", "\"v1\""),
    ("path", "\"/\""),
    ("clusterIPs", "\"None\""),
    ("defaultMode", "420"),
    ("dnsPolicy", "\"ClusterFirst\""),
    ("expirationSeconds", "3600"),
    ("failureThreshold", "3"),
    ("imagePullPolicy", "\"Always\""),
    ("imagePullPolicy", "\"IfNotPresent\""),
    ("internalTrafficPolicy", "\"Cluster\""),
    ("ipFamilyPolicy", "\"SingleStack\""),
    ("kind", "\"PersistentVolumeClaim\""),
    ("maxUnavailable", "1"),
    ("periodSeconds", "10"),
    ("phase", "\"Pending\""),
    ("podManagementPolicy", "\"OrderedReady\""),
    ("protocol", "\"TCP\""),
    ("pullPolicy", "\"IfNotPresent\""),
    ("restartPolicy", "\"Always\""),
    ("revisionHistoryLimit", "10"),
    ("schedulerName", "\"default-scheduler\""),
    ("scheme", "\"HTTP\""),
    ("serviceAccount", "\"default\""),
    ("sessionAffinity", "\"None\""),
    ("successThreshold", "1"),
    ("terminationGracePeriodSeconds", "30"),
    ("terminationMessagePath", "\"/dev/termination-log\""),
    ("terminationMessagePolicy", "\"File\""),
    ("timeoutSeconds", "1"),
    ("type", "\"ClusterIP\""),
    ("type", "\"RollingUpdate\""),
    ("volumeMode", "\"Filesystem\""),
];

/// The name of the field that a leaf is, or that holds it in a list.
fn field(path: &FieldPath) -> &str {
    let keys = path.segments().iter().rev().filter_map(|segment| match segment {
        Segment::Key(key) => Some(key.as_str()),
        Segment::Index(_) => None,
    });
    keys.into_iter().next().unwrap_or_default()
}

fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::Number(number) => number.as_f64() == Some(0.0),
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        Value::Bool(true) => false,
    }
}

/// Whether two leaves say the same amount.
fn same_amount(one: &Value, other: &Value) -> bool {
    let amount = |value: &Value| {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        Quantity::nanos_of(&text).ok()
    };
    other.is_string() && amount(one).is_some() && amount(one) == amount(other)
}

/// Leaves of the original that the rendered object lacks without a reason.
pub(crate) fn lost(original: &Value, rendered: &Value, told: &[ImportFinding]) -> Vec<String> {
    let ours = object_leaves(rendered);
    let mut lost = Vec::new();
    for (path, value) in object_leaves(original) {
        let ours = ours.iter().find(|it| it.0 == path).map(|it| it.1);
        let explained = ours.is_some_and(|it| it == value || same_amount(value, it))
            || is_nothing(value)
            || DEFAULTS.contains(&(field(&path), &value.to_string()))
            || is_servers(original, &path, value)
            || told.iter().any(|it| it.field.as_ref().is_some_and(|it| it.contains(&path)));
        if !explained {
            lost.push(format!("{path}: {value}"));
        }
    }
    lost
}

/// What a server or a client makes, or fills in from another field.
fn is_servers(original: &Value, path: &FieldPath, value: &Value) -> bool {
    let below = |keys: &[&str]| FieldPath::of(keys.iter().copied()).contains(path);
    let of_port = || {
        let ports = original.pointer("/spec/ports").and_then(Value::as_array);
        field(path) == "targetPort"
            && ports.is_some_and(|it| it.iter().any(|it| it["port"] == *value))
    };
    below(&["status"])
        || ["uid", "resourceVersion", "generation", "selfLink"].iter().any(|it| below(&["metadata", it]))
        || field(path) == "kubectl.kubernetes.io/last-applied-configuration"
        // Pods have names of their own.
        || ["name", "namespace"].iter().any(|it| below(&["spec", "template", "metadata", it]))
        // The older name of `serviceAccountName`, which it becomes.
        || field(path) == "serviceAccount"
        || of_port()
}

/// Leaves that rendering adds beside what it always writes out.
pub(crate) fn added(original: &Value, rendered: &Value) -> Vec<String> {
    let theirs = object_leaves(original);
    let leaves = object_leaves(rendered).into_iter();
    let added = leaves.filter(|(path, value)| {
        let text = path.to_string();
        let written_out = text.starts_with("metadata.labels[\"app.kubernetes.io/")
            || text.starts_with("spec.persistentVolumeClaimRetentionPolicy.when")
            || (text == "spec.replicas" && **value == 1)
            || text.ends_with(".emptyDir")
            || (text.starts_with("metadata.annotations") && wellhead_spec::keeps(field(path)))
            || ["serviceAccountName", "apiVersion", "kind", "divisor", "expirationSeconds"]
                .contains(&field(path));
        !written_out && theirs.iter().all(|it| it.0 != *path)
    });
    added.map(|(path, value)| format!("{path}: {value}")).collect()
}
