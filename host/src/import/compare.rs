//! What a pipeline renders to, compared with the object that it was made from: nothing is lost without a word.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use wellhead_diagnostics::Code;
use wellhead_render::object_leaves;
use wellhead_spec::{FieldPath, Segment};

use super::finding::ImportFinding;
use super::json::object_name;
use super::plain::{canonical, plain};

/// Labels that rendering adds.
const RECOMMENDED: [&str; 3] =
    ["app.kubernetes.io/name", "app.kubernetes.io/instance", "app.kubernetes.io/managed-by"];

/// Whether a label is one that rendering adds.
pub(super) fn is_recommended(key: &str) -> bool {
    RECOMMENDED.contains(&key)
}

/// A finding for every field that the pipeline does not say, or says otherwise.
pub(super) fn compare(original: &Value, rendered: &Value) -> Vec<ImportFinding> {
    let (mut original, mut rendered) = (original.clone(), rendered.clone());
    for object in [&mut original, &mut rendered] {
        plain(object);
        canonical(object);
        no_replicas(object);
    }
    let object = object_name(&original);
    let (theirs, ours) = (leaves(&original), leaves(&rendered));
    let mut findings = owners(&original);
    for (path, value) in &theirs {
        if ours.get(path).is_some_and(|it| it != value) {
            findings.push(different(&object, path, "the object has another value"));
        }
    }
    let missing = missing(&original, &rendered);
    let is_owner = |path: &FieldPath| FieldPath::of(["metadata", "ownerReferences"]).contains(path);
    let missing = missing.iter().filter(|path| !is_owner(path));
    findings.extend(missing.map(|path| no_field(&object, path)));
    let added = ours.keys().filter(|path| !theirs.contains_key(*path) && !is_label(path));
    let added: BTreeSet<_> = added.map(|path| shallowest(path, &theirs)).collect();
    findings.extend(added.iter().map(|path| {
        different(&object, path, "the object does not have the field, which servers ask for")
    }));
    findings
}

/// What the original has and the rendered object does not, without what is below.
pub(super) fn missing(original: &Value, rendered: &Value) -> BTreeSet<FieldPath> {
    let (theirs, ours) = (leaves(original), leaves(rendered));
    let missing = theirs.keys().filter(|path| !ours.contains_key(*path));
    missing.map(|path| shallowest(path, &ours)).collect()
}

fn leaves(object: &Value) -> BTreeMap<FieldPath, &Value> {
    let head = |path: &FieldPath| matches!(path.segments(), [Segment::Key(it)] if it == "apiVersion" || it == "kind");
    object_leaves(object).into_iter().filter(|(path, _)| !head(path)).collect()
}

/// One replica is what no number means.
fn no_replicas(object: &mut Value) {
    if object.pointer("/spec/replicas") == Some(&json!(1))
        && let Some(Value::Object(spec)) = object.get_mut("spec")
    {
        spec.remove("replicas");
    }
}

/// The shortest beginning of a path below which others have nothing.
fn shallowest(path: &FieldPath, others: &BTreeMap<FieldPath, &Value>) -> FieldPath {
    let segments = path.segments();
    let lengths = 1..segments.len();
    let mut beginnings = lengths.map(|length| segments[..length].iter().cloned().collect());
    beginnings
        .find(|start: &FieldPath| !others.keys().any(|other| start.contains(other)))
        .unwrap_or_else(|| path.clone())
}

fn is_label(path: &FieldPath) -> bool {
    matches!(path.segments(), [Segment::Key(metadata), Segment::Key(labels), Segment::Key(key)]
        if metadata == "metadata" && labels == "labels" && is_recommended(key))
}

/// A finding about a field that no pipeline says.
pub(super) fn no_field(object: &str, path: &FieldPath) -> ImportFinding {
    let message = format!("`{path}` is omitted");
    let template = FieldPath::of(["spec", "template"]);
    let mut finding = ImportFinding::warning(Code::FieldNotImported, object, message)
        .field(path.clone())
        .reason("a pipeline has no such field; a live object keeps it");
    if template.contains(path) {
        let hint = "its field manager must not remove it: that would restart the pods";
        finding = finding.hint(hint);
    }
    finding
}

fn different(object: &str, path: &FieldPath, reason: &str) -> ImportFinding {
    let message = format!("`{path}` is different in the pipeline");
    ImportFinding::warning(Code::ImportedValueDiffers, object, message)
        .field(path.clone())
        .reason(reason)
}

/// Who looks after an object.
fn owners(object: &Value) -> Vec<ImportFinding> {
    let owners = object.pointer("/metadata/ownerReferences").and_then(Value::as_array);
    let finding = |owner: &Value| {
        let text = |field: &str| owner[field].as_str().unwrap_or_default().to_owned();
        let message = format!("it belongs to {} `{}`", text("kind"), text("name"));
        ImportFinding::warning(Code::ControlledObject, &object_name(object), message)
            .field(FieldPath::of(["metadata", "ownerReferences"]))
            .reason("its controller undoes what an apply changes, and deletes it with its owner")
            .hint("remove it from its owner before a pipeline manages it")
    };
    owners.into_iter().flatten().map(finding).collect()
}
