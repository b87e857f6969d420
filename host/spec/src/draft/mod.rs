//! Drafts: a pipeline as one JSON object that [`FieldPath`]s resolve in directly, and how paths
//! name the items of its lists.
//!
//! The keys are those by which Kubernetes merges the same lists ([`kubernetes`](crate::kubernetes)), so a
//! path stays right when an item is added before another one.

mod typed;

use serde_json::{Map, Value, json};

pub use crate::kubernetes::{ListKey, list_key};
pub use crate::read::part::{NoPart, part};
use crate::{FieldPath, Segment};

/// Fields of a draft that stand in the `metadata` of a document; all others stand in its `spec`.
pub(crate) const METADATA: [&str; 4] = ["name", "namespace", "labels", "annotations"];

/// The value of a field in a draft (see [`Pipeline::to_draft`](crate::Pipeline::to_draft)).
pub fn get<'v>(draft: &'v Value, path: &FieldPath) -> Option<&'v Value> {
    let segments = path.segments();
    let steps = segments.iter().enumerate();
    steps.into_iter().try_fold(draft, |value, (depth, step)| child(value, &segments[..depth], step))
}

/// The value of one step below a map or list that stands at a path.
pub fn child<'v>(value: &'v Value, at: &[Segment], step: &Segment) -> Option<&'v Value> {
    locate(value, at, step).map(|(value, _)| value)
}

/// [`child`], and its position in a list; in a map that is 0.
pub fn locate<'v>(value: &'v Value, at: &[Segment], step: &Segment) -> Option<(&'v Value, usize)> {
    match (value, step) {
        (Value::Object(fields), Segment::Key(key)) => Some((fields.get(key.as_str())?, 0)),
        (Value::Array(items), _) => {
            let position = list_key(at).position(items, step)?;
            Some((items.get(position)?, position))
        }
        _ => None,
    }
}

/// [`child`], to be changed.
fn child_mut<'v>(value: &'v mut Value, at: &[Segment], step: &Segment) -> Option<&'v mut Value> {
    match value {
        Value::Object(fields) => match step {
            Segment::Key(key) => fields.get_mut(key.as_str()),
            Segment::Index(_) => None,
        },
        Value::Array(items) => {
            let position = list_key(at).position(items, step)?;
            items.get_mut(position)
        }
        _ => None,
    }
}

/// The value of a field in a draft, to be changed.
pub fn get_mut<'v>(draft: &'v mut Value, path: &FieldPath) -> Option<&'v mut Value> {
    let segments = path.segments();
    let mut steps = segments.iter().enumerate();
    steps.try_fold(draft, |value, (depth, step)| child_mut(value, &segments[..depth], step))
}

/// The leaves of a value that stands at a path of a draft, in its order: what is no map and no list,
/// and empty ones. The root's path with a whole draft gives every leaf of it.
pub fn leaves<'v>(value: &'v Value, at: &FieldPath) -> Vec<(FieldPath, &'v Value)> {
    let mut found = Vec::new();
    let mut open = vec![(at.clone(), value)];
    while let Some((path, value)) = open.pop() {
        match value {
            Value::Object(fields) if !fields.is_empty() => {
                open.extend(
                    fields.iter().rev().map(|(key, value)| (path.key(key.as_str()), value)),
                );
            }
            Value::Array(items) if !items.is_empty() => {
                let keys = list_key(path.segments());
                let named = |(index, item)| (path.with(keys.segment(item, index)), item);
                open.extend(items.iter().enumerate().rev().map(named));
            }
            leaf => found.push((path, leaf)),
        }
    }
    found
}

/// The part of a document that holds a field of a draft: `metadata` or `spec`; `None` for the fields
/// beside them.
pub(crate) fn section(first: &str) -> Option<&'static str> {
    match first {
        "apiVersion" | "kind" | "metadata" | "spec" => None,
        _ if METADATA.contains(&first) => Some("metadata"),
        _ => Some("spec"),
    }
}

/// The path of a field, from its place in a document.
pub(crate) fn field_path(document: &Value, raw: &[Segment]) -> FieldPath {
    match raw {
        [Segment::Key(section), rest @ ..] if section == "spec" && !rest.is_empty() => {
            canonical(document.get("spec").unwrap_or(&Value::Null), rest.iter().cloned())
        }
        [Segment::Key(section), rest @ ..]
            if section == "metadata"
                && matches!(rest.first(), Some(Segment::Key(key)) if METADATA.contains(&key.as_str())) =>
        {
            rest.iter().cloned().collect()
        }
        _ => raw.iter().cloned().collect(),
    }
}

/// A draft as the document that it comes from, without `apiVersion` and `kind`.
pub(crate) fn unflatten(draft: Value) -> Value {
    let Value::Object(fields) = draft else { return draft };
    let (metadata, spec): (Map<_, _>, Map<_, _>) =
        fields.into_iter().partition(|(key, _)| METADATA.contains(&key.as_str()));
    json!({ "metadata": metadata, "spec": spec })
}

/// A document with `metadata` and `spec` alone as a draft.
pub(crate) fn flatten(mut document: Value) -> Value {
    let mut take = |section: &str| match document.get_mut(section).map(Value::take) {
        Some(Value::Object(fields)) => fields,
        _ => Map::new(),
    };
    let (mut metadata, mut draft) = (take("metadata"), take("spec"));
    draft.append(&mut metadata);
    Value::Object(draft)
}

/// The path that names a place given by field names and list positions, as JSON pointers and
/// deserializers have it. Segments below something that is not in the draft are taken as they are.
pub(crate) fn canonical(draft: &Value, raw: impl IntoIterator<Item = Segment>) -> FieldPath {
    let mut path: Vec<Segment> = Vec::new();
    let mut value = Some(draft);
    for segment in raw {
        let (segment, next) = match (value, segment) {
            (Some(Value::Array(items)), Segment::Index(index)) => {
                let item = items.get(index);
                let named = item.map(|item| list_key(&path).segment(item, index));
                (named.unwrap_or(Segment::Index(index)), item)
            }
            (Some(Value::Object(fields)), Segment::Key(key)) => {
                let next = fields.get(key.as_str());
                (Segment::Key(key), next)
            }
            (_, segment) => (segment, None),
        };
        path.push(segment);
        value = next;
    }
    path.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn path(text: &str) -> FieldPath {
        text.parse().unwrap()
    }

    fn draft() -> Value {
        json!({
            "name": "db",
            "containers": [
                {"name": "nginx", "image": "nginx:1", "args": ["-v", "-x"],
                 "env": [{"name": "A.B", "value": "1"}],
                 "ports": [{"containerPort": 80}, {"containerPort": 80, "protocol": "UDP"}],
                 "volumeMounts": [{"name": "data", "mountPath": "/data"}]},
                {"image": "nameless"},
            ],
            "service": {"ports": [{"port": 80, "name": "web"}]},
            "claims": [{"name": "data", "size": "1Gi"}],
            "hostAliases": [{"ip": "10.0.0.1", "hostnames": ["a"]}],
            "tolerations": [{"key": "gpu"}],
        })
    }

    #[test]
    fn items_are_found_by_their_keys() {
        for (text, expected) in [
            ("name", json!("db")),
            ("containers.nginx.image", json!("nginx:1")),
            ("containers.nginx.args[1]", json!("-x")),
            ("containers.nginx.env[\"A.B\"].value", json!("1")),
            ("containers.nginx.ports.80/UDP.protocol", json!("UDP")),
            ("containers.nginx.ports.80/TCP", json!({"containerPort": 80})),
            ("containers.nginx.volumeMounts./data.name", json!("data")),
            ("containers[1].image", json!("nameless")),
            ("service.ports.80/TCP.name", json!("web")),
            ("claims.data.size", json!("1Gi")),
            ("hostAliases[\"10.0.0.1\"].hostnames[0]", json!("a")),
            ("tolerations[0].key", json!("gpu")),
        ] {
            assert_eq!(get(&draft(), &path(text)), Some(&expected), "{text}");
            assert_eq!(get_mut(&mut draft(), &path(text)), Some(&mut expected.clone()), "{text}");
        }
    }

    #[test]
    fn what_is_not_there_is_not_found() {
        for text in ["containers.db.image", "containers[9]", "claims.data.size.x", "name[0]"] {
            assert_eq!(get(&draft(), &path(text)), None, "{text}");
        }
    }

    #[test]
    fn positions_become_keys() {
        let raw = |text: &str| canonical(&draft(), path(text).segments().to_vec()).to_string();
        assert_eq!(
            raw("containers[0].ports[1].protocol"),
            "containers.nginx.ports.80/UDP.protocol"
        );
        assert_eq!(raw("containers[1].image"), "containers[1].image");
        assert_eq!(raw("tolerations[0].key"), "tolerations[0].key");
        assert_eq!(raw("claims[0].nothing[3]"), "claims.data.nothing[3]");
    }
}
