//! What edits count as.

use serde_json::Value;
use wellhead_spec::{FieldPath, Segment};

/// Size of the last step of a path: the part that a plugin writes.
pub(crate) fn size_of_key(path: &FieldPath) -> usize {
    path.segments().last().map_or(0, size_of_segment)
}

pub(crate) fn size_of_segment(segment: &Segment) -> usize {
    match segment {
        Segment::Key(key) => key.len(),
        Segment::Index(_) => size_of::<usize>(),
    }
}

/// What a value counts as. An item of a list or map counts as a number at least, for a million of empty ones are no
/// small value.
pub(crate) fn size_of_value(value: &Value) -> usize {
    let item = |value: &Value| size_of_value(value).max(size_of::<u64>());
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => size_of::<u64>(),
        Value::String(text) => text.len(),
        Value::Array(items) => items.iter().map(item).sum(),
        Value::Object(fields) => fields.iter().map(|(key, value)| key.len() + item(value)).sum(),
    }
}
