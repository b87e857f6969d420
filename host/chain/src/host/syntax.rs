//! The syntax of the texts inside of Kubernetes-native parts, whose types hold any text.
//!
//! Whatever has a syntax is held to it here, so that a newline or a `---` that a plugin puts into a
//! name ends at the edit. Commands and annotations are free texts: they are rendered as data.

use serde_json::{Map, Value};
use wellhead_spec::draft::{ListKey, list_key};
use wellhead_spec::{FieldPath, ObjectName, Segment, label};

use super::check;
use crate::text::quote;

/// Most characters of a text that is told.
const TEXT_CHARACTERS: usize = 200;

/// Holds every text and number of a part to the syntax of its field.
pub(super) fn check(part: &Value) -> Result<(), String> {
    walk(part, "", "")
}

/// Fields of a container that are parts.
const PARTS: [&str; 6] =
    ["envFrom", "lifecycle", "livenessProbe", "readinessProbe", "securityContext", "startupProbe"];

/// [`check`] for a value that stands at a path of a pipeline.
pub(super) fn check_at(path: &FieldPath, value: &Value) -> Result<(), String> {
    let segments = path.segments();
    let is_name = |depth: usize| depth == 0 || list_key(&segments[..depth]) == ListKey::Index;
    let names = segments.iter().enumerate().filter_map(|(depth, segment)| match segment {
        Segment::Key(key) if is_name(depth) => Some(key.as_str()),
        _ => None,
    });
    let mut names: Vec<&str> = names.collect();
    // A part begins with the field of the pipeline or container that it is.
    let of_container = matches!(names.first(), Some(&("containers" | "initContainers")));
    let is_part = of_container && names.get(1).is_some_and(|it| PARTS.contains(it));
    names.drain(..names.len().min(1 + usize::from(is_part)));
    let field = names.pop().unwrap_or_default();
    let above = names.pop().unwrap_or_default();
    match (segments, value) {
        ([.., Segment::Key(map), Segment::Key(key)], Value::String(_)) if is_map(map) => {
            walk(&Value::Object(Map::from_iter([(key.to_string(), value.clone())])), "", map)
        }
        ([.., Segment::Key(map)], Value::Object(_)) if is_map(map) => walk(value, "", map),
        _ => walk(value, above, field),
    }
}

/// Whether a field holds labels or annotations.
fn is_map(field: &str) -> bool {
    matches!(
        field,
        "labels" | "annotations" | "podLabels" | "podAnnotations" | "nodeSelector" | "matchLabels"
    )
}

/// `field` is the name of the field that holds the value, `above` that of the field above it. Items
/// of a list go by the name of the list.
fn walk(value: &Value, above: &str, field: &str) -> Result<(), String> {
    match value {
        Value::Object(fields) => map(fields, above, field),
        Value::Array(items) => items.iter().try_for_each(|item| walk(item, above, field)),
        Value::String(text) => leaf(text, above, field)
            .map_err(|reason| format!("`{field}` is {}: {reason}", quote(text, TEXT_CHARACTERS))),
        Value::Number(number) if number.as_i64().is_some_and(|it| it < 0) => {
            Err(format!("`{field}` is {number}, which is less than 0"))
        }
        Value::Number(number) if field == "port" => match number.as_i64() {
            Some(1..=65_535) => Ok(()),
            _ => Err(format!("`{field}` is {number}, which is not a port: 1 to 65535")),
        },
        Value::Null | Value::Bool(_) | Value::Number(_) => Ok(()),
    }
}

fn map(fields: &Map<String, Value>, above: &str, field: &str) -> Result<(), String> {
    for (key, value) in fields {
        match field {
            "matchLabels" | "labels" | "podLabels" | "nodeSelector" => {
                check::label_key(key).map_err(|reason| format!("`{field}`: {reason}"))?;
                let text = value.as_str().unwrap_or_default();
                check::label_value(text).map_err(|reason| format!("`{field}`: {reason}"))?;
            }
            "annotations" | "podAnnotations" => {
                label::check_key(&key.to_ascii_lowercase())
                    .map_err(|reason| format!("`{field}`: {reason}"))?;
                check::free_text(value.as_str().unwrap_or_default())?;
            }
            // What items of a list are about says the field that holds the list.
            "items" => walk(value, above, key)?,
            _ => walk(value, field, key)?,
        }
    }
    Ok(())
}

fn leaf(text: &str, above: &str, field: &str) -> Result<(), String> {
    match (above, field) {
        (_, "command" | "args") | ("env", "value") => check::free_text(text).map_err(str::to_owned),
        (_, "secretName" | "claimName")
        | (
            "configMap"
            | "configMapKeyRef"
            | "configMapRef"
            | "secret"
            | "secretKeyRef"
            | "secretRef"
            | "nodePublishSecretRef"
            | "dataSourceRef",
            "name",
        ) => ObjectName::check(text).map_err(|error| error.to_string()),
        ("configMap" | "configMapKeyRef" | "secret" | "secretKeyRef", "key") => {
            check::config_key(text).map_err(str::to_owned)
        }
        (_, "topologyKey" | "matchLabelKeys" | "mismatchLabelKeys")
        | ("" | "matchExpressions" | "matchFields", "key") => check::label_key(text),
        ("matchExpressions", "values") | ("", "value") => check::label_value(text),
        ("configMap" | "secret" | "downwardAPI" | "serviceAccountToken", "path") => {
            check::path_inside(text).map_err(str::to_owned)
        }
        (_, "sizeLimit" | "divisor") => check::amount(text),
        _ if text.chars().any(char::is_control) => Err("it has a control character".to_owned()),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_has_a_syntax_is_held_to_it() {
        let evil = "x\n---\nkind: ClusterRoleBinding";
        for part in [
            json!({"configMap": {"name": evil}}),
            json!({"configMap": {"name": "c", "items": [{"key": evil, "path": "a"}]}}),
            json!({"configMap": {"name": "c", "items": [{"key": "a", "path": "../../etc"}]}}),
            json!({"secret": {"secretName": evil}}),
            json!({"persistentVolumeClaim": {"claimName": "../x"}}),
            json!({"configMapKeyRef": {"name": "c", "key": evil}}),
            json!([{"key": evil, "operator": "Exists"}]),
            json!([{"key": "a", "value": evil}]),
            json!([{"topologyKey": evil}]),
            json!({"matchLabels": {"app": evil}}),
            json!({"matchLabels": {evil: "app"}}),
            json!({"podAffinity": {"x": [{"labelSelector": {"matchExpressions":
                [{"key": "app", "operator": "In", "values": [evil]}]}}]}}),
            json!({"httpGet": {"path": evil, "port": 80}}),
            json!({"httpGet": {"path": "/", "port": 0}}),
            json!({"httpGet": {"httpHeaders": [{"name": "a", "value": "b\r\nc: d"}], "port": 1}}),
            json!({"emptyDir": {"sizeLimit": "much"}}),
            json!({"ephemeral": {"volumeClaimTemplate": {"metadata": {"annotations": {evil: ""}}}}}),
            json!({"periodSeconds": -1}),
            json!({"exec": {"command": ["a\0b"]}}),
            json!({"nameservers": [evil]}),
        ] {
            assert!(check(&part).is_err(), "{part}");
        }
    }

    #[test]
    fn honest_parts_and_free_texts_pass() {
        for part in [
            json!({"exec": {"command": ["sh", "-c", "a\n---\nb"]}}),
            json!({"configMap": {"name": "c.d", "items": [{"key": "my_Key.txt", "path": "a/b"}]}}),
            json!([{"key": "nvidia.com/gpu", "operator": "Exists"}, {"key": "a", "value": ""}]),
            json!([{"maxSkew": 1, "topologyKey": "topology.kubernetes.io/zone",
                "whenUnsatisfiable": "DoNotSchedule", "labelSelector": {"matchLabels": {"a": "b"}}}]),
            json!({"httpGet": {"path": "/healthz?x=1", "port": "http"}, "periodSeconds": 5}),
            json!({"fieldRef": {"fieldPath": "metadata.annotations['a']"}}),
            json!({"emptyDir": {"medium": "Memory", "sizeLimit": "1Gi"}}),
            json!({"metadata": {"annotations": {"Example.com/a": "b\nc"}}}),
            json!({"runAsUser": 1000, "seccompProfile": {"type": "RuntimeDefault"}}),
            json!({"rollingUpdate": {"maxUnavailable": "25%", "partition": 0}}),
        ] {
            assert_eq!(check(&part), Ok(()), "{part}");
        }
    }
}
