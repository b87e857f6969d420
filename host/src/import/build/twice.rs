//! Duplicate items in lists whose items server-side apply knows by a key.

use std::collections::HashSet;

use serde_json::Value;
use wellhead_diagnostics::Code;
use wellhead_spec::FieldPath;

use crate::import::finding::ImportFinding;
use crate::import::json::text;

/// Leaves out duplicate items, where that changes nothing for the containers.
pub(super) fn remove(object: &str, pod: &mut Value) -> Vec<ImportFinding> {
    let mut findings = Vec::new();
    let at = FieldPath::of(["spec", "template", "spec"]);
    let secrets = pod.get_mut("imagePullSecrets").and_then(Value::as_array_mut);
    if let Some(items) = secrets
        && keep(items, |one, other| one == other)
    {
        let message = "duplicate pull secret; the pipeline has it once";
        findings.push(twice(object, at.key("imagePullSecrets"), message));
    }
    for list in ["containers", "initContainers"] {
        let containers = pod.get_mut(list).and_then(Value::as_array_mut);
        for container in containers.into_iter().flatten() {
            let at = at.key(list).key(text(container, "/name").to_owned());
            for name in variables(container) {
                let message =
                    "duplicate variable; the pipeline has the last one, which takes effect";
                findings.push(twice(object, at.key("env").key(name), message));
            }
            let ports = container.get_mut("ports").and_then(Value::as_array_mut);
            if let Some(items) = ports
                && keep(items, |one, other| one == other)
            {
                let message = "duplicate port; the pipeline has it once";
                findings.push(twice(object, at.key("ports"), message));
            }
        }
    }
    findings
}

fn twice(object: &str, field: FieldPath, message: &str) -> ImportFinding {
    ImportFinding::warning(Code::DuplicateListItem, object, message)
        .field(field)
        .reason("where a live object has both, an adoption writes it once: pods restart, and the plan says so")
        .hint("look at `wellhead plan --adopt` before the apply")
}

/// Keeps the first of items that are the same; says whether one went.
fn keep(items: &mut Vec<Value>, same: impl Fn(&Value, &Value) -> bool) -> bool {
    let before = items.len();
    let mut kept: Vec<Value> = Vec::with_capacity(before);
    for item in items.drain(..) {
        if !kept.iter().any(|it| same(it, &item)) {
            kept.push(item);
        }
    }
    *items = kept;
    items.len() < before
}

/// Keeps the last variable of each name, and tells which names stood twice.
fn variables(container: &mut Value) -> Vec<String> {
    let Some(items) = container.get_mut("env").and_then(Value::as_array_mut) else {
        return Vec::new();
    };
    let mut seen = HashSet::new();
    let mut twice = Vec::new();
    let mut kept: Vec<Value> = Vec::with_capacity(items.len());
    for item in items.drain(..).rev() {
        let name = text(&item, "/name").to_owned();
        if seen.insert(name.clone()) {
            kept.push(item);
        } else if !twice.contains(&name) {
            twice.push(name);
        }
    }
    kept.reverse();
    *items = kept;
    twice.reverse();
    twice
}
