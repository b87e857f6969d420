//! Reading objects that are JSON.

use serde_json::Value;

/// The text at a JSON pointer, or "".
pub(super) fn text<'v>(object: &'v Value, pointer: &str) -> &'v str {
    object.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

/// The name of an object.
pub(super) fn name_of(object: &Value) -> &str {
    text(object, "/metadata/name")
}

/// The value of a label, or "".
pub(super) fn label<'v>(object: &'v Value, key: &str) -> &'v str {
    let labels = object.pointer("/metadata/labels");
    labels.and_then(|it| it.get(key)).and_then(Value::as_str).unwrap_or_default()
}

/// `apiVersion` and `kind`.
pub(super) fn kind_of(object: &Value) -> (&str, &str) {
    (text(object, "/apiVersion"), text(object, "/kind"))
}

/// An object as messages name it, e.g. `statefulset/db`.
pub(super) fn object_name(object: &Value) -> String {
    let kind = match text(object, "/kind") {
        "PersistentVolumeClaim" => "claim".to_owned(),
        "" => "object".to_owned(),
        kind => kind.to_lowercase(),
    };
    format!("{kind}/{}", name_of(object))
}

/// Whether a StatefulSet selects its pods by expressions.
pub(super) fn has_expressions(stateful_set: &Value) -> bool {
    let expressions = stateful_set.pointer("/spec/selector/matchExpressions");
    expressions.and_then(Value::as_array).is_some_and(|it| !it.is_empty())
}

/// A part of an object, taken out of it.
pub(super) fn take(object: &mut Value, pointer: &str) -> Value {
    object.pointer_mut(pointer).map(Value::take).unwrap_or_default()
}
