//! Claim templates and the claims that exist, as the claims of a pipeline.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use wellhead_diagnostics::Code;
use wellhead_spec::{FieldPath, Quantity};

use super::finding::ImportFinding;
use super::json::{object_name, text};
use super::plain::{canonical, plain};
use super::sets::{Group, ordinal};

const SIZE: &str = "/spec/resources/requests/storage";
const CLASS_ANNOTATION: &str = "/metadata/annotations/volume.beta.kubernetes.io~1storage-class";
/// Fields of a claim, and what a pipeline calls them.
const FIELDS: [(&str, &str); 6] = [
    ("accessModes", "accessModes"),
    ("volumeMode", "volumeMode"),
    ("selector", "selector"),
    ("dataSource", "dataSource"),
    ("dataSourceRef", "dataSourceRef"),
    ("volumeAttributesClassName", "volumeAttributesClass"),
];

/// A claim of one replica.
struct Existing {
    claim: Value,
    /// Whether a person wrote it for a server to create it.
    written: bool,
}

/// Whether no server made a claim: every class, volume and finalizer of it is wanted.
fn is_written(claim: &Value) -> bool {
    text(claim, "/metadata/uid").is_empty()
}

/// The claims of a pipeline: the templates, and what differs for single replicas.
pub(super) fn claims(set: &Group<'_>, templates: &[Value]) -> Vec<Value> {
    let mut existing: BTreeMap<&str, BTreeMap<i32, Existing>> = BTreeMap::new();
    for claim in &set.claims {
        if let Some((template, ordinal)) = ordinal(set.stateful_set, claim) {
            let written = is_written(claim);
            let mut claim = (*claim).clone();
            plain(&mut claim);
            if set.manifest.is_some() {
                canonical(&mut claim);
            }
            existing.entry(template).or_default().insert(ordinal, Existing { claim, written });
        }
    }
    let none = BTreeMap::new();
    let claim = |template: &Value| {
        let existing = existing.get(text(template, "/metadata/name")).unwrap_or(&none);
        one(template, existing)
    };
    templates.iter().map(claim).collect()
}

fn one(template: &Value, existing: &BTreeMap<i32, Existing>) -> Value {
    let mut claim = Map::new();
    let mut put = |field: &str, value: Option<&Value>| {
        if let Some(value) = value {
            claim.insert(field.to_owned(), value.clone());
        }
    };
    put("name", template.pointer("/metadata/name"));
    put("labels", template.pointer("/metadata/labels"));
    put("annotations", template.pointer("/metadata/annotations"));
    put("size", template.pointer(SIZE));
    // An annotation of old wins over the field, and stays the one that says it.
    let annotation = template.pointer(CLASS_ANNOTATION);
    put(
        "storageClass",
        template.pointer("/spec/storageClassName").filter(|_| annotation.is_none()),
    );
    for (field, ours) in FIELDS {
        let value = template.pointer(&format!("/spec/{field}"));
        let default = field == "accessModes" && value == Some(&json!(["ReadWriteOnce"]));
        put(ours, value.filter(|_| !default));
    }
    let ordinals = ordinals(template, existing);
    put("ordinals", (!ordinals.is_empty()).then(|| Value::from(ordinals)).as_ref());
    claim.into()
}

/// The ranges of replicas whose claims have another size or class than the template.
fn ordinals(template: &Value, existing: &BTreeMap<i32, Existing>) -> Vec<Value> {
    let class = template.pointer("/spec/storageClassName");
    // A class that the template does not name is the default of when the claim was made. It only
    // says something where the claims differ.
    let classes = existing.values().map(|it| text(&it.claim, "/spec/storageClassName"));
    let differ = classes.clone().any(|it| Some(it) != classes.clone().next());
    let mut ranges: Vec<(i32, i32, Value)> = Vec::new();
    for (&ordinal, Existing { claim, written }) in existing {
        let mut over = Map::new();
        let size = claim.pointer(SIZE);
        if size.is_some() && amount(size) != amount(template.pointer(SIZE)) {
            over.extend(size.map(|it| ("size".to_owned(), it.clone())));
        }
        let theirs = claim.pointer("/spec/storageClassName");
        if theirs.is_some() && theirs != class && (class.is_some() || differ || *written) {
            over.extend(theirs.map(|it| ("storageClass".to_owned(), it.clone())));
        }
        let over = Value::from(over);
        match ranges.last_mut() {
            Some((_, to, last)) if *to + 1 == ordinal && *last == over => *to = ordinal,
            _ => ranges.push((ordinal, ordinal, over)),
        }
    }
    let range = |(from, to, mut over): (i32, i32, Value)| {
        let empty = over.as_object().is_none_or(Map::is_empty);
        (over["from"], over["to"]) = (from.into(), to.into());
        (!empty).then_some(over)
    };
    ranges.into_iter().filter_map(range).collect()
}

fn amount(size: Option<&Value>) -> Option<i128> {
    Quantity::nanos_of(size?.as_str()?).ok()
}

/// What a claim has otherwise than what the pipeline renders for it; of one that a person wrote, also what the pipeline
/// does not say, which a claim that exists keeps.
pub(super) fn compare(claim: &Value, rendered: &Value) -> Vec<ImportFinding> {
    let written = is_written(claim);
    let (mut claim, mut rendered) = (claim.clone(), rendered.clone());
    plain(&mut claim);
    plain(&mut rendered);
    let object = object_name(&claim);
    let found = |field: FieldPath, reason: &str| {
        let message = format!("`{field}` differs from the claim template");
        ImportFinding::warning(Code::ClaimDiffersFromTemplate, &object, message)
            .field(field)
            .reason(reason)
    };
    let mut findings = Vec::new();
    for (field, _) in FIELDS {
        let (is, says) = (&claim["spec"][field], &rendered["spec"][field]);
        if !says.is_null() && is != says {
            let reason = "the field of a claim is immutable: an apply will be refused";
            findings.push(found(FieldPath::of(["spec", field]), reason));
        }
    }
    for map in ["labels", "annotations"] {
        let says = rendered["metadata"][map].as_object().into_iter().flatten();
        let is_ours = |key: &str| super::compare::is_recommended(key) || wellhead_spec::keeps(key);
        for (key, value) in says.filter(|it| !is_ours(it.0)) {
            if claim["metadata"][map].get(key) != Some(value) {
                let field = FieldPath::of(["metadata", map]).key(key);
                findings.push(found(field, "an apply sets it; pods do not restart"));
            }
        }
    }
    if written {
        let known: Vec<_> = findings.iter().filter_map(|it| it.field.clone()).collect();
        let missing = super::compare::missing(&claim, &rendered);
        let new = missing.iter().filter(|path| known.iter().all(|it| !it.contains(path)));
        findings.extend(new.map(|path| super::compare::no_field(&object, path)));
    }
    findings
}
