//! A StatefulSet and its Service as the draft of a pipeline.

mod effect;
mod mounts;
mod twice;

use serde_json::{Map, Value};
use wellhead_diagnostics::Code;
use wellhead_spec::{
    FieldOwner, FieldPath, Finding, Pipeline, PipelineSpec, Segment, Severity, draft, validate,
};

use super::claims;
use super::field::{self, Field};
use super::finding::ImportFinding;
use super::json::{has_expressions, name_of, object_name, take, text};
use super::plain::{canonical, plain};
use super::sets::{Group, Service};

/// Labels that rendering adds, and the value of the last.
const RECOMMENDED: [&str; 2] = ["app.kubernetes.io/name", "app.kubernetes.io/instance"];
const MANAGED_BY: &str = "app.kubernetes.io/managed-by";

/// The pipeline of a set, and what there is to say; no pipeline where the set cannot be one.
pub(super) fn pipeline(set: &Group<'_>) -> (Option<Pipeline>, Vec<ImportFinding>) {
    let object = object_name(set.stateful_set);
    let mut findings = refusals(&object, set.stateful_set);
    if !findings.is_empty() {
        return (None, findings);
    }
    let draft = draft(set, &object, &mut findings);
    let pipeline = read(draft).and_then(|pipeline| {
        let (wrong, said): (Vec<_>, Vec<_>) =
            validate(&pipeline).into_iter().partition(|it| it.severity == Severity::Error);
        let spellings = said.iter().filter(|it| it.code == Code::FieldSpelling);
        findings.extend(spellings.map(|finding| second_spelling(&object, finding)));
        if wrong.is_empty() { Ok(pipeline) } else { Err(wrong) }
    });
    match pipeline {
        Ok(pipeline) => (Some(mounts::shortened(pipeline)), findings),
        Err(wrong) => {
            findings.extend(wrong.iter().map(|finding| impossible(set, &object, finding)));
            (None, findings)
        }
    }
}

/// What decides what a StatefulSet is, and what no pipeline can say.
fn refusals(object: &str, stateful_set: &Value) -> Vec<ImportFinding> {
    let refused = has_expressions(stateful_set).then(|| {
        let field = FieldPath::of(["spec", "selector", "matchExpressions"]);
        ImportFinding::error(Code::NotImportable, object, "its selector has `matchExpressions`")
            .field(field)
            .reason("a pipeline finds its pods by labels with values, and a selector cannot change")
            .hint("make a new StatefulSet with `matchLabels`: `kubectl delete --cascade=orphan` keeps the pods")
    });
    refused.into_iter().collect()
}

fn impossible(set: &Group<'_>, object: &str, finding: &Finding) -> ImportFinding {
    let service = match set.service {
        Service::Own(service) => object_name(service),
        _ => object.to_owned(),
    };
    let (object, field) = match field::of_draft(&finding.path) {
        Field::OfStatefulSet(field) => (object, field),
        Field::OfService(field) => (service.as_str(), field),
    };
    let mut error = ImportFinding::error(finding.code, object, &finding.message)
        .field(field)
        .reason("a pipeline cannot have it, so the StatefulSet is not imported");
    error.hint.clone_from(&finding.hint);
    error
}

/// An annotation that the pipeline keeps, because it means what the object means.
fn second_spelling(object: &str, finding: &Finding) -> ImportFinding {
    let mut warning = ImportFinding::warning(finding.code, object, &finding.message);
    warning.field = Some(finding.path.clone());
    warning.hint.clone_from(&finding.hint);
    warning
}

/// Reads a draft, without the fields that the types do not know: comparing tells of them.
fn read(mut draft: Value) -> Result<Pipeline, Vec<Finding>> {
    let findings = match Pipeline::from_draft(draft.clone()) {
        Ok(pipeline) => return Ok(pipeline),
        Err(findings) => findings,
    };
    for finding in findings.iter().filter(|it| it.code == Code::UnknownField) {
        let parent = finding.path.parent().unwrap_or_default();
        let fields = draft::get_mut(&mut draft, &parent).and_then(Value::as_object_mut);
        if let (Some(fields), Some(Segment::Key(key))) = (fields, finding.path.segments().last()) {
            fields.remove(key.as_str());
        }
    }
    Pipeline::from_draft(draft)
}

fn draft(set: &Group<'_>, object: &str, findings: &mut Vec<ImportFinding>) -> Value {
    let mut stateful_set = set.stateful_set.clone();
    plain(&mut stateful_set);
    if set.manifest.is_some() {
        canonical(&mut stateful_set);
    }
    let name = name_of(&stateful_set).to_owned();
    let selector = take(&mut stateful_set, "/spec/selector/matchLabels");
    let mut pod = take(&mut stateful_set, "/spec/template/spec");
    let templates = take(&mut stateful_set, "/spec/volumeClaimTemplates");
    let templates = templates.as_array().map_or(&[][..], Vec::as_slice);
    findings.extend(removed(object, &mut pod, templates));
    let mut draft = match pod {
        Value::Object(pod) => pod,
        _ => Map::new(),
    };
    let mut labels = take(&mut stateful_set, "/metadata/labels");
    without_recommended(&mut labels, &selector, &name);
    let mut pod_labels = take(&mut stateful_set, "/spec/template/metadata/labels");
    if let Some(labels) = pod_labels.as_object_mut() {
        labels.retain(|key, value| selector.get(key) != Some(value));
    }
    let mut put = |field: &str, value: Value| {
        let empty = value.as_object().is_some_and(Map::is_empty)
            || value.as_array().is_some_and(Vec::is_empty);
        if !value.is_null() && !empty {
            draft.insert(field.to_owned(), value);
        }
    };
    put("service", service(set, &selector, &name));
    put("claims", claims::claims(set, templates).into());
    put("labels", labels);
    put("podLabels", pod_labels);
    put("annotations", take(&mut stateful_set, "/metadata/annotations"));
    put("podAnnotations", take(&mut stateful_set, "/spec/template/metadata/annotations"));
    put("name", take(&mut stateful_set, "/metadata/name"));
    put("namespace", take(&mut stateful_set, "/metadata/namespace"));
    put("selector", selector);
    for field in PipelineSpec::FIELDS.iter().filter(|it| it.of == FieldOwner::StatefulSet) {
        put(field.name, take(&mut stateful_set, &format!("/spec/{}", field.name)));
    }
    draft.into()
}

/// Leaves out parts of a pod that a pipeline cannot have and that change nothing, and tells of them.
fn removed(object: &str, pod: &mut Value, templates: &[Value]) -> Vec<ImportFinding> {
    let mut findings = effect::remove(object, pod, templates);
    findings.extend(twice::remove(object, pod));
    findings
}

/// Leaves out of a StatefulSet what building its pipeline has reported.
pub(super) fn remove_reported(stateful_set: &mut Value) {
    let templates = stateful_set.pointer("/spec/volumeClaimTemplates").cloned().unwrap_or_default();
    if let Some(pod) = stateful_set.pointer_mut("/spec/template/spec") {
        removed("", pod, templates.as_array().map_or(&[], Vec::as_slice));
    }
}

/// Leaves out the labels that rendering adds with the same value.
fn without_recommended(labels: &mut Value, selector: &Value, name: &str) {
    let Some(labels) = labels.as_object_mut() else { return };
    for (key, default) in
        RECOMMENDED.map(|key| (key, name)).into_iter().chain([(MANAGED_BY, "wellhead")])
    {
        let added = selector.get(key).and_then(Value::as_str).unwrap_or(default);
        if labels.get(key).and_then(Value::as_str) == Some(added) {
            labels.remove(key);
        }
    }
}

fn service(set: &Group<'_>, selector: &Value, name: &str) -> Value {
    let named = text(set.stateful_set, "/spec/serviceName");
    let mut settings = Map::new();
    let Service::Own(service) = set.service else {
        settings.insert("external".to_owned(), true.into());
        if !named.is_empty() {
            settings.insert("name".to_owned(), named.into());
        }
        return settings.into();
    };
    // A name that not every server takes is said.
    if named != name || !named.starts_with(|it: char| it.is_ascii_lowercase()) {
        settings.insert("name".to_owned(), named.into());
    }
    let mut service = service.clone();
    plain(&mut service);
    let mut labels = take(&mut service, "/metadata/labels");
    without_recommended(&mut labels, selector, name);
    if labels.as_object().is_some_and(|it| !it.is_empty()) {
        settings.insert("labels".to_owned(), labels);
    }
    if let Some(annotations) = service.pointer("/metadata/annotations") {
        settings.insert("annotations".to_owned(), annotations.clone());
    }
    for field in [
        "ports",
        "publishNotReadyAddresses",
        "ipFamilies",
        "ipFamilyPolicy",
        "sessionAffinity",
        "sessionAffinityConfig",
        "internalTrafficPolicy",
        "trafficDistribution",
    ] {
        if let Some(value) = service.pointer(&format!("/spec/{field}")) {
            settings.insert(field.to_owned(), value.clone());
        }
    }
    if let Some(theirs) = service.pointer("/spec/selector").filter(|it| *it != selector) {
        settings.insert("selector".to_owned(), theirs.clone());
    }
    settings.into()
}
