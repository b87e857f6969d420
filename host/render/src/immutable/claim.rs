//! What a claim, or a claim template, keeps.

use serde_json::{Value, json};
use wellhead_spec::Quantity;

use super::{Kept, Previous, keep_field, put, stateful_set};
use crate::Object;

/// Fields of a claim's spec that never change.
/// <https://github.com/kubernetes/kubernetes/blob/v1.36.3/pkg/apis/core/validation/validation.go>,
/// `ValidatePersistentVolumeClaimUpdate`.
const FIXED: [&str; 7] = [
    "accessModes",
    "storageClassName",
    "volumeMode",
    "selector",
    "dataSource",
    "dataSourceRef",
    "volumeName",
];
/// <https://kubernetes.io/docs/concepts/storage/persistent-volumes/#class>
pub(super) const BETA_CLASS: &str = "volume.beta.kubernetes.io/storage-class";
const CLASS: &str = "volumeAttributesClassName";
const SIZE: &str = "/resources/requests/storage";

/// Puts what a claim cannot change as it was: most of its spec, and its size where it would shrink.
pub(super) fn keep(was: &Value, next: &mut Object, kept: &mut Vec<Kept>) {
    let spec = &was["spec"];
    for field in FIXED {
        if same(field, &spec[field], &next.value["spec"][field]) {
            // Another spelling is none for the server.
            put(spec, &mut next.value, field);
        } else {
            keep_field(spec, next, field, kept);
        }
    }
    beta_class(was, next, kept);
    // It may become another one, but not none.
    if next.value["spec"][CLASS].is_null() && !spec[CLASS].is_null() {
        keep_field(spec, next, CLASS, kept);
    }
    let size = |of: &Value| of.pointer(SIZE).cloned().unwrap_or_default();
    let (stays, asked) = (size(spec), size(&next.value["spec"]));
    if amount(&asked) < amount(&stays)
        && let Some(now) = next.value["spec"].pointer_mut(SIZE)
    {
        now.clone_from(&stays);
        let (kind, name) = (next.kind.clone(), next.name.clone());
        let field = format!("spec{}", SIZE.replace('/', "."));
        kept.push(Kept { kind, name, field, stays, asked });
    }
}

/// The older spelling of the class is as fixed as the field.
fn beta_class(was: &Value, next: &mut Object, kept: &mut Vec<Kept>) {
    let of = |claim: &Value| claim["metadata"]["annotations"][BETA_CLASS].clone();
    let (stays, asked) = (of(was), of(&next.value));
    if stays == asked {
        return;
    }
    if let Some(annotations) = next.value["metadata"]["annotations"].as_object_mut() {
        match &stays {
            Value::Null => drop(annotations.remove(BETA_CLASS)),
            class => drop(annotations.insert(BETA_CLASS.to_owned(), class.clone())),
        }
    }
    let (kind, name) = (next.kind.clone(), next.name.clone());
    let field = format!("metadata.annotations[\"{BETA_CLASS}\"]");
    kept.push(Kept { kind, name, field, stays, asked });
}

/// The names of claims that were not there before and are not as their template.
pub(super) fn unlike_templates(previous: &Previous, set: &str, objects: &[Object]) -> Vec<String> {
    let sets = objects.iter().filter(|it| it.kind == "StatefulSet");
    let templates = sets.filter_map(|it| it.value["spec"]["volumeClaimTemplates"].as_array());
    let specs: Vec<(String, &Value)> = templates
        .flatten()
        .map(|it| (format!("{}-{set}-", stateful_set::name(it)), &it["spec"]))
        .collect();
    let is_unlike = |claim: &&Object| {
        let spec = specs.iter().find(|(prefix, _)| ordinal(&claim.name, prefix).is_some());
        spec.is_some_and(|(_, spec)| !is_same(spec, &claim.value["spec"]))
    };
    let new = objects.iter().filter(|it| it.kind == super::CLAIM && previous.claim(it).is_none());
    new.filter(is_unlike).map(|it| it.name.clone()).collect()
}

/// The ordinal in the name of a claim.
pub(super) fn ordinal<'n>(name: &'n str, prefix: &str) -> Option<&'n str> {
    let ordinal = name.strip_prefix(prefix)?;
    let is_number = !ordinal.is_empty() && ordinal.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then_some(ordinal)
}

/// Whether two specs of claims mean the same.
fn is_same(one: &Value, other: &Value) -> bool {
    let plain = |spec: &Value| {
        let mut plain = json!({"spec": spec});
        if let Some(size) = plain["spec"].pointer_mut(SIZE) {
            *size = amount(size).map(|it| it.to_string()).into();
        }
        if mode(&spec["volumeMode"]) == "Filesystem" {
            put(&Value::Null, &mut plain, "volumeMode");
        }
        plain
    };
    plain(one) == plain(other)
}

/// Whether two templates mean the same.
pub(super) fn is_same_template(one: &Value, other: &Value) -> bool {
    one["metadata"] == other["metadata"] && is_same(&one["spec"], &other["spec"])
}

fn same(field: &str, one: &Value, other: &Value) -> bool {
    one == other || (field == "volumeMode" && mode(one) == mode(other))
}

/// A `volumeMode`, with the server's default.
pub(super) fn mode(value: &Value) -> &str {
    value.as_str().unwrap_or("Filesystem")
}

fn amount(size: &Value) -> Option<i128> {
    Quantity::nanos_of(size.as_str()?).ok()
}
