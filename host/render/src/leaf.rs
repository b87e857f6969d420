//! Leaves of an object, with their paths.

use serde_json::Value;
use wellhead_spec::draft::{ListKey, list_key};
use wellhead_spec::{FieldPath, Segment};

/// Every leaf of an object: what is no map and no list, and empty ones. Its lists name their items as
/// the lists of a pipeline do, so that a path differs from the pipeline's only in its beginning.
pub fn object_leaves(object: &Value) -> Vec<(FieldPath, &Value)> {
    leaves(object, item_name)
}

/// Replaces every leaf of an object, see [`object_leaves`].
pub fn replace_leaves(object: &mut Value, mut replace: impl FnMut(&FieldPath, &mut Value)) {
    let mut open = vec![(FieldPath::root(), object)];
    while let Some((path, value)) = open.pop() {
        let is_leaf = match &*value {
            Value::Object(fields) => fields.is_empty(),
            Value::Array(items) => items.is_empty(),
            _ => true,
        };
        match value {
            leaf if is_leaf => replace(&path, leaf),
            Value::Object(fields) => {
                open.extend(fields.iter_mut().map(|(key, value)| (path.key(key), value)));
            }
            Value::Array(items) => {
                for (index, item) in items.iter_mut().enumerate() {
                    open.push((path.with(item_name(&path, item, index)), item));
                }
            }
            _ => {}
        }
    }
}

/// How a path names an item of a list, see [`object_leaves`].
pub fn item_name(list: &FieldPath, item: &Value, index: usize) -> Segment {
    match in_pipeline(list) {
        Some(list) => list_key(list.segments()).segment(item, index),
        None if is_claim_templates(list) => {
            ListKey::Field("name").segment(&item["metadata"], index)
        }
        None => Segment::Index(index),
    }
}

/// The list of a pipeline that a list of an object is.
fn in_pipeline(list: &FieldPath) -> Option<FieldPath> {
    let segments = list.segments();
    let below =
        |prefix: &[&str]| segments.strip_prefix(FieldPath::of(prefix.iter().copied()).segments());
    match below(&["spec", "template", "spec"]) {
        Some(rest) => Some(rest.iter().cloned().collect()),
        None => below(&["spec", "ports"])
            .filter(|rest| rest.is_empty())
            .map(|_| FieldPath::of(["service", "ports"])),
    }
}

fn is_claim_templates(list: &FieldPath) -> bool {
    *list == FieldPath::of(["spec", "volumeClaimTemplates"])
}

/// The leaves of a value in its order: what is no map and no list, and empty ones. `name` gives the
/// segment of a list's item.
fn leaves(
    value: &Value,
    name: impl Fn(&FieldPath, &Value, usize) -> Segment,
) -> Vec<(FieldPath, &Value)> {
    let mut found = Vec::new();
    let mut open = vec![(FieldPath::root(), value)];
    while let Some((path, value)) = open.pop() {
        match value {
            Value::Object(fields) if !fields.is_empty() => {
                open.extend(fields.iter().rev().map(|(key, value)| (path.key(key), value)));
            }
            Value::Array(items) if !items.is_empty() => {
                open.extend(
                    items
                        .iter()
                        .enumerate()
                        .rev()
                        .map(|(index, item)| (path.with(name(&path, item, index)), item)),
                );
            }
            leaf => found.push((path, leaf)),
        }
    }
    found
}
