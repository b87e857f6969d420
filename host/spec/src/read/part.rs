//! A value for one field of a draft, read as the type that the field has.
//!
//! Only the way to the field is built around the value, never what stands beside it: reading costs what the value and
//! its depth cost, however long the lists are that it stands in.

use serde_json::{Map, Value, json};

use super::typed;
use crate::draft::{ListKey, METADATA, list_key};
use crate::{FieldPath, Pipeline, PipelineSpec, Segment};

/// Why a value is none for a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoPart {
    /// No pipeline has such a field; the path is its, or that of the first step that leads nowhere.
    NoField(Box<FieldPath>),
    /// The type has no such fields; the paths are those inside of the value.
    Unknown(Vec<FieldPath>),
    /// The value has another type: where, inside of it, and what is wrong.
    WrongType(Box<FieldPath>, String),
}

/// The value of a field as its type writes it. A path without steps names no field.
pub fn part(path: &FieldPath, value: Value) -> Result<Value, NoPart> {
    let root = || no_field(&path.segments()[..path.segments().len().min(1)]);
    let (mut document, raw) = around(path, value).ok_or_else(root)?;
    let inside = |at: &[Segment]| at.get(raw.len()..).map(|it| it.iter().cloned().collect());
    // How far the steps that lead to the value lead.
    let led = |at: &[Segment]| {
        let steps = at.len().saturating_sub(1).clamp(1, path.segments().len());
        no_field(&path.segments()[..steps])
    };
    let (read, ignored) = typed::deserialize::<Pipeline>(&document);
    if let Some(at) = ignored.iter().find(|it| it.len() <= raw.len()) {
        return Err(led(at));
    }
    if !ignored.is_empty() {
        return Err(NoPart::Unknown(ignored.iter().filter_map(|it| inside(it)).collect()));
    }
    let pipeline = read.map_err(|(at, message)| match inside(&at) {
        Some(below) if raw == at[..raw.len()] => {
            if !message.starts_with("unknown field `") {
                NoPart::WrongType(Box::new(below), message)
            } else if at.len() == raw.len() {
                led(&at)
            } else {
                NoPart::Unknown(vec![below])
            }
        }
        _ => led(&at),
    })?;
    let mut written = serde_json::to_value(&pipeline).unwrap_or_default();
    // What is empty is not written.
    let found = taken(&mut written, &raw).or_else(|| taken(&mut document, &raw));
    Ok(found.unwrap_or_default())
}

/// The value that steps lead to, taken out.
fn taken(document: &mut Value, steps: &[Segment]) -> Option<Value> {
    let found = steps.iter().try_fold(document, |value, step| match step {
        Segment::Key(key) => value.get_mut(key.as_str()),
        Segment::Index(index) => value.get_mut(index),
    });
    found.map(Value::take)
}

fn no_field(segments: &[Segment]) -> NoPart {
    NoPart::NoField(Box::new(segments.iter().cloned().collect()))
}

/// A document with nothing but the value, and the steps that lead to it. What else must be there is there.
fn around(path: &FieldPath, value: Value) -> Option<(Value, Vec<Segment>)> {
    let segments = path.segments();
    let Some(Segment::Key(root)) = segments.first() else { return None };
    let section = if METADATA.contains(&root.as_str()) {
        "metadata"
    } else {
        PipelineSpec::FIELDS.iter().find(|it| it.name == root).map(|_| "spec")?
    };
    let mut raw = vec![Segment::Key(section.into())];
    let mut value = value;
    let mut steps = Vec::with_capacity(segments.len());
    for (depth, segment) in segments.iter().enumerate().rev() {
        let is_item = depth > 0
            && (matches!(segment, Segment::Index(_))
                || list_key(&segments[..depth]) != ListKey::Index);
        if is_item {
            if let Value::Object(fields) = &mut value
                && depth + 1 < segments.len()
            {
                complete(&segments[..depth], fields);
            }
            value = Value::Array(vec![value]);
            steps.push(Segment::Index(0));
        } else {
            let Segment::Key(key) = segment else { return None };
            value = Value::Object(Map::from_iter([(key.to_string(), value)]));
            steps.push(segment.clone());
        }
    }
    raw.extend(steps.into_iter().rev());
    let mut document = json!({"metadata": {"name": "x"}, "spec": {"containers": []}});
    let Value::Object(fields) = value else { return None };
    document[section].as_object_mut()?.extend(fields);
    Some((document, raw))
}

/// Gives an item what its type asks for; those of Kubernetes ask for nothing.
fn complete(list: &[Segment], item: &mut Map<String, Value>) {
    let mut must = |field: &str, value: Value| {
        item.entry(field).or_insert(value);
    };
    match list {
        [Segment::Key(list)] if list == "claims" => {
            must("name", "x".into());
            must("size", "1".into());
        }
        [Segment::Key(list), _, Segment::Key(ordinals)]
            if list == "claims" && ordinals == "ordinals" =>
        {
            must("from", 0.into());
        }
        [Segment::Key(list)] if list == "ownership" => {
            must("field", "x".into());
            must("policy", "take".into());
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(path: &str, value: Value) -> Result<Value, NoPart> {
        part(&path.parse().unwrap(), value)
    }

    #[test]
    fn a_value_is_read_as_the_type_of_its_field() {
        for (path, value) in [
            ("replicas", json!(3)),
            ("labels.team", json!("ml")),
            ("hostAliases", json!([{"ip": "10.0.0.1", "hostnames": ["a"]}])),
            ("hostAliases[\"10.0.0.1\"].hostnames[0]", json!("a")),
            ("containers.db.env.X.valueFrom", json!({"fieldRef": {"fieldPath": "metadata.name"}})),
            ("containers.db.args[7]", json!("-v")),
            ("containers.db.ports.80/TCP", json!({"containerPort": 80})),
            ("containers.db.volumeMounts./data.mountPropagation", json!("None")),
            ("claims.data.size", json!("1Gi")),
            ("claims.data.ordinals[0].storageClass", json!("fast")),
            ("claims.data.labels", json!({})),
            ("tolerations", json!([])),
            ("service.external", json!(false)),
            ("service.ports.80/TCP.appProtocol", json!("http")),
            ("shareProcessNamespace", json!(true)),
        ] {
            assert_eq!(read(path, value.clone()), Ok(value), "{path}");
        }
        assert_eq!(read("containers.db.resources.limits.cpu", json!(1)), Ok(json!("1")));
        assert_eq!(read("tolerations[0]", json!({"key": null})), Ok(json!({})));
    }

    #[test]
    fn a_path_that_no_pipeline_has_is_told_to_where_it_leads() {
        for (path, told) in [
            ("nothing", "nothing"),
            ("nothing.at.all", "nothing"),
            ("spec.replicas", "spec"),
            ("containers.db.imge", "containers.db.imge"),
            ("containers.db.livenessProbe.httpGet.prt", "containers.db.livenessProbe.httpGet.prt"),
            ("containers.db.livenessProbe.httGet.port", "containers.db.livenessProbe.httGet"),
            ("claims.data.sise", "claims.data.sise"),
            ("service.prts", "service.prts"),
            ("replicas.x", "replicas"),
            ("replicas[0]", "replicas"),
            ("tolerations.x.key", "tolerations"),
        ] {
            let found = read(path, json!("x"));
            assert_eq!(found, Err(NoPart::NoField(Box::new(told.parse().unwrap()))), "{path}");
        }
        assert_eq!(part(&FieldPath::root(), json!({})), Err(no_field(&[])));
        assert!(matches!(read("[0]", json!({})), Err(NoPart::NoField(_))));
    }

    #[test]
    fn what_is_wrong_inside_of_a_value_is_told_by_its_place_there() {
        let unknown = |paths: &[&str]| {
            Err(NoPart::Unknown(paths.iter().map(|it| it.parse().unwrap()).collect()))
        };
        let value = json!([{"kye": "a"}, {"oops": 1}]);
        assert_eq!(read("tolerations", value), unknown(&["[0].kye", "[1].oops"]));
        let wrong = |path: &str, value| match read(path, value) {
            Err(NoPart::WrongType(at, message)) => (at.to_string(), message),
            other => panic!("{other:?}"),
        };
        let (at, message) = wrong("tolerations", json!([{"key": 7}]));
        assert_eq!(at, "[0].key");
        assert!(message.contains("expected a string"), "{message}");
        assert_eq!(wrong("replicas", json!("three")).0, "");
        assert_eq!(wrong("containers.db.args[1]", json!(1)).0, "");
    }
}
