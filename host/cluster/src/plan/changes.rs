//! Which fields of an object would change, of those that Wellhead owns or would own.

use std::collections::BTreeMap;

use serde_json::Value;
use wellhead_render::object_leaves;
use wellhead_spec::{FieldPath, OwnershipPolicy};

use crate::decide::Step;
use crate::fields::{self, Owner};

/// One leaf that would change.
#[derive(Clone, Debug, PartialEq)]
pub struct FieldChange {
    /// Its path in the object. Items of lists are named as in a pipeline.
    pub path: FieldPath,
    /// Its value now; none when it is not set.
    pub from: Option<Value>,
    /// Its value then; none when it would be removed.
    pub to: Option<Value>,
    /// Whether Wellhead owns it now.
    pub ours: bool,
    /// Who else owns it now.
    pub owners: Vec<Owner>,
    /// Whose value stands in that case, where the pipeline says so.
    pub policy: Option<OwnershipPolicy>,
}

/// The fields that we own or would own, as they are and as the server would store them.
pub(super) fn compared(step: &Step) -> (Value, Value) {
    let live = step.live.as_ref();
    let (record, after) = if let Some(preview) = &step.preview {
        let now = live.map(fields::ours).unwrap_or_default();
        (fields::union(now, &fields::ours(preview)), preview.clone())
    } else {
        // The server said no, or was not asked.
        let body = without_identity(&step.body);
        (fields::all(&body), body)
    };
    let before = live.map_or(Value::Null, |live| fields::project(&record, live));
    let mut after = fields::project(&record, &after);
    // A preview has the new values already.
    for fixed in step.fixed.iter().filter(|_| step.preview.is_none()) {
        if let Some(value) = after.pointer_mut(fixed.pointer) {
            *value = fixed.wanted.clone();
        }
    }
    (before, after)
}

/// What every apply must name, and nobody owns.
fn without_identity(body: &Value) -> Value {
    let mut body = body.clone();
    if let Some(fields) = body.as_object_mut() {
        fields.retain(|key, _| key != "apiVersion" && key != "kind");
    }
    if let Some(Value::Object(metadata)) = body.get_mut("metadata") {
        metadata.retain(|key, _| !["name", "namespace", "uid"].contains(&key.as_str()));
    }
    body
}

/// Every leaf that differs, by its path.
pub(super) fn between(before: &Value, after: &Value, live: Option<&Value>) -> Vec<FieldChange> {
    let (old, new) = (leaves(before), leaves(after));
    let paths = old.keys().chain(new.keys().filter(|path| !old.contains_key(*path)));
    let mut paths: Vec<_> = paths.filter(|path| old.get(*path) != new.get(*path)).collect();
    // A map that gets its first field, or loses its last one, shows by that field.
    paths.retain(|path| !is_parent(path, &old, &new) && !is_parent(path, &new, &old));
    if paths.is_empty() {
        return Vec::new();
    }
    paths.sort();
    let others = live.map(fields::others).unwrap_or_default();
    let ours = live.map(|live| fields::project(&fields::ours(live), live)).unwrap_or_default();
    let ours = leaves(&ours);
    let change = |path: &FieldPath| FieldChange {
        path: path.clone(),
        from: old.get(path).map(|value| (*value).clone()),
        to: new.get(path).map(|value| (*value).clone()),
        ours: ours.contains_key(path),
        owners: others
            .iter()
            .filter(|(_, paths)| paths.contains(path))
            .map(|(owner, _)| owner.clone())
            .collect(),
        policy: None,
    };
    paths.into_iter().map(change).collect()
}

/// Whether a map that is empty in one has fields in the other.
fn is_parent(
    path: &FieldPath,
    empty: &BTreeMap<FieldPath, &Value>,
    other: &BTreeMap<FieldPath, &Value>,
) -> bool {
    let is_empty =
        empty.get(path).and_then(|it| it.as_object()).is_some_and(serde_json::Map::is_empty);
    is_empty && !other.contains_key(path) && other.keys().any(|it| path.contains(it))
}

fn leaves(value: &Value) -> BTreeMap<FieldPath, &Value> {
    object_leaves(value).into_iter().filter(|(path, _)| !path.segments().is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::between;

    fn container(name: &str, image: &str) -> Value {
        json!({"name": name, "image": image})
    }

    fn stateful_set(containers: &[Value]) -> Value {
        json!({"spec": {"template": {"spec": {"containers": containers}}}})
    }

    #[test]
    fn items_are_compared_by_their_name_and_not_by_their_place() {
        let before = stateful_set(&[container("a", "x:1")]);
        let after = stateful_set(&[container("new", "y:1"), container("a", "x:2")]);
        let changes = between(&before, &after, None);
        let shown: Vec<_> = changes
            .iter()
            .map(|it| format!("{} {:?} {:?}", it.path, it.from.is_some(), it.to.is_some()))
            .collect();
        assert_eq!(
            shown,
            [
                "spec.template.spec.containers.a.image true true",
                "spec.template.spec.containers.new.image false true",
                "spec.template.spec.containers.new.name false true",
            ]
        );
    }

    #[test]
    fn a_change_names_who_owns_the_field_now() {
        let mut live = json!({"spec": {"replicas": 5}});
        live["metadata"]["managedFields"] = json!([{"manager": "hpa", "operation": "Update",
            "fieldsV1": {"f:spec": {"f:replicas": {}}}}]);
        let before = json!({"spec": {"replicas": 5}});
        let changes = between(&before, &json!({"spec": {"replicas": 3}}), Some(&live));
        assert_eq!(changes.len(), 1);
        assert!(!changes[0].ours);
        assert_eq!(changes[0].owners[0].manager, "hpa");
    }
}
