//! Pipelines that an input describes by changes of a valid one, so that most of them are nearly right.

use std::sync::OnceLock;

use serde_json::{Value, json};
use wellhead_spec::Pipeline;

use crate::seeds::WORDS;

/// A small pipeline.
pub(crate) fn base() -> Pipeline {
    serde_json::from_value(json!({
        "metadata": {"name": "db", "labels": {"team": "ml"}},
        "spec": {
            "replicas": 3,
            "containers": [{
                "name": "db",
                "image": "postgres:17",
                "env": [{"name": "A", "value": "1"}],
                "ports": [{"name": "sql", "containerPort": 5432}],
            }],
            "claims": [{"name": "data", "size": "1Gi", "mountPath": "/data"}],
            "service": {"ports": [{"port": 80, "targetPort": "sql"}]},
        },
    }))
    .expect("because the pipeline is valid")
}

/// A pipeline in which every field has a value, as metadata and spec.
fn everything() -> &'static Value {
    static EVERYTHING: OnceLock<Value> = OnceLock::new();
    EVERYTHING.get_or_init(|| {
        serde_saphyr::from_str(include_str!("../../golden/kitchen-sink/pipeline.yaml"))
            .expect("because the golden case is YAML")
    })
}

/// The pipeline with every field, changed: each three bytes are one change. They name a field (two
/// bytes) and what becomes of it.
pub(crate) fn changed(data: &[u8]) -> Value {
    let mut document = everything().clone();
    if let Some(fields) = document.as_object_mut() {
        fields.retain(|key, _| ["metadata", "spec"].contains(&key.as_str()));
    }
    // Values grow when they are put into each other.
    for change in data.chunks_exact(3).take(30) {
        let at = usize::from(u16::from_le_bytes([change[0], change[1]]));
        let pointers = pointers(&document);
        let pointer = &pointers[at % pointers.len()];
        change_at(&mut document, pointer, change[2], &pointers);
    }
    document
}

/// JSON pointers of everything below `metadata` and `spec`.
fn pointers(document: &Value) -> Vec<String> {
    let mut found = Vec::new();
    let mut open = vec![(String::new(), document)];
    while let Some((at, value)) = open.pop() {
        match value {
            Value::Object(fields) => open.extend(fields.iter().map(|(key, value)| {
                (format!("{at}/{}", key.replace('~', "~0").replace('/', "~1")), value)
            })),
            Value::Array(items) => {
                let items = items.iter().enumerate();
                open.extend(items.map(|(index, value)| (format!("{at}/{index}"), value)));
            }
            _ => {}
        }
        found.push(at);
    }
    // The document itself, `metadata` and `spec` stay.
    found.retain(|it| it.matches('/').count() > 1);
    if found.is_empty() { vec!["/metadata".to_owned()] } else { found }
}

fn change_at(document: &mut Value, pointer: &str, what: u8, pointers: &[String]) {
    let numbers = [0, 1, -1, 2, 65_535, 65_536, 1_000, i64::from(i32::MAX), i64::MAX, i64::MIN];
    let chosen = usize::from(what >> 3);
    match what & 7 {
        0 | 1 => return remove(document, pointer),
        2 => return repeat(document, pointer),
        _ => {}
    }
    let other = &pointers[(chosen * pointers.len()) >> 5];
    let new = match what & 7 {
        3 => numbers[chosen % numbers.len()].into(),
        4 => [json!(null), json!(true), json!(false), json!([]), json!({})][chosen % 5].clone(),
        5 => document.pointer(other).cloned().unwrap_or_default(),
        _ => WORDS[(chosen * 2 + usize::from(what & 1)) % WORDS.len()].into(),
    };
    if let Some(value) = document.pointer_mut(pointer) {
        *value = new;
    }
}

/// The value that holds what a pointer names, and the last step.
fn holder<'v>(document: &'v mut Value, pointer: &str) -> Option<(&'v mut Value, String)> {
    let (above, step) = pointer.rsplit_once('/')?;
    Some((document.pointer_mut(above)?, step.replace("~1", "/").replace("~0", "~")))
}

fn remove(document: &mut Value, pointer: &str) {
    match holder(document, pointer) {
        Some((Value::Object(fields), key)) => drop(fields.remove(&key)),
        Some((Value::Array(items), index)) => {
            let at = index.parse().ok().filter(|at| *at < items.len());
            at.map(|at: usize| items.remove(at));
        }
        _ => {}
    }
}

/// An item twice in its list, or a field under another name, too.
fn repeat(document: &mut Value, pointer: &str) {
    let Some(value) = document.pointer(pointer).cloned() else { return };
    match holder(document, pointer) {
        Some((Value::Object(fields), key)) => drop(fields.insert(format!("{key}x"), value)),
        Some((Value::Array(items), _)) => items.push(value),
        _ => {}
    }
}
