//! The fast way: deserialize, and notice what deserializing passes over.

use serde_json::Value;

use crate::Segment;

/// What deserializing says about a value.
pub(super) struct Typed<T> {
    pub(super) value: Option<T>,
    /// Unknown fields. The types of Kubernetes ignore them instead of refusing them.
    pub(super) ignored: Vec<Vec<Segment>>,
    /// Whether something was read as what it is not: a field that must be there was filled in, which
    /// the types of Kubernetes do, or a list was read as a map, field by field, which serde does.
    pub(super) defaulted: bool,
    /// Where and why it failed, when it did.
    pub(super) error: Option<Failed>,
}

/// Where and why reading a value failed, as steps from it down.
pub(super) type Failed = (Vec<Segment>, String);

/// Deserializes a value, and notices the fields that deserializing passes over.
pub(super) fn deserialize<T: serde::de::DeserializeOwned>(
    document: &Value,
) -> (Result<T, Failed>, Vec<Vec<Segment>>) {
    let mut ignored = Vec::new();
    let mut track = serde_path_to_error::Track::new();
    let deserializer = serde_path_to_error::Deserializer::new(document, &mut track);
    let result: Result<T, _> =
        serde_ignored::deserialize(deserializer, |path| ignored.push(ignored_path(&path)));
    let result = result.map_err(|error| {
        (track.path().iter().filter_map(error_segment).collect(), error.to_string())
    });
    (result, ignored)
}

pub(super) fn read<T>(document: &Value) -> Typed<T>
where
    T: serde::de::DeserializeOwned + serde::Serialize,
{
    match deserialize::<T>(document) {
        (Ok(value), ignored) => {
            let written = serde_json::to_value(&value).unwrap_or_default();
            let defaulted = has_more(&written, document);
            Typed { value: Some(value), ignored, defaulted, error: None }
        }
        (Err(error), ignored) => {
            Typed { value: None, ignored, defaulted: false, error: Some(error) }
        }
    }
}

/// Whether a value has a field that the other one has not, or was a list and became a map.
fn has_more(written: &Value, read: &Value) -> bool {
    match (written, read) {
        (Value::Object(written), Value::Object(read)) => written
            .iter()
            .any(|(key, value)| read.get(key).is_none_or(|read| has_more(value, read))),
        (Value::Object(_), Value::Array(_)) => true,
        (Value::Array(written), Value::Array(read)) => {
            written.iter().zip(read).any(|(written, read)| has_more(written, read))
        }
        _ => false,
    }
}

fn ignored_path(path: &serde_ignored::Path<'_>) -> Vec<Segment> {
    use serde_ignored::Path;
    match path {
        Path::Root => Vec::new(),
        Path::Seq { parent, index } => with(ignored_path(parent), Segment::Index(*index)),
        Path::Map { parent, key } => with(ignored_path(parent), Segment::Key(key.into())),
        Path::Some { parent }
        | Path::NewtypeStruct { parent }
        | Path::NewtypeVariant { parent } => ignored_path(parent),
    }
}

fn with(mut path: Vec<Segment>, segment: Segment) -> Vec<Segment> {
    path.push(segment);
    path
}

fn error_segment(segment: &serde_path_to_error::Segment) -> Option<Segment> {
    use serde_path_to_error::Segment as Part;
    match segment {
        Part::Seq { index } => Some(Segment::Index(*index)),
        Part::Map { key } => Some(Segment::Key(key.into())),
        Part::Enum { .. } | Part::Unknown => None,
    }
}
