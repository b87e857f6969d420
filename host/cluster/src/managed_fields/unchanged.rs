//! Proof that a server-side apply would change nothing, from the live object alone.
//!
//! The server records in `metadata.managedFields` exactly which fields our last apply set. When that record names
//! the fields we would set now, no more and no fewer, and each of them still has our value, then applying again
//! changes neither the object nor the record. The proof answers `false` whenever it is not certain; the caller then
//! asks the server. Its one assumption: mutating admission has not been reconfigured since the last apply.
//!
//! The record's format, `FieldsV1`: <https://kubernetes.io/docs/reference/using-api/server-side-apply/#field-management>
//! and the rules by which the server writes it: `typed/tofieldset.go` of
//! <https://github.com/kubernetes-sigs/structured-merge-diff>.

use std::sync::LazyLock;

use serde_json::{Map, Value};
use wellhead_spec::kubernetes::{ATOMIC, ATOMIC_ITEMS};

use super::items::{Keys, decoded};
use crate::model::json;
use crate::model::object::FIELD_MANAGER;

/// What every apply must name, and no record holds.
const IDENTITY: &[&str] = &["name", "namespace", "uid"];

/// Whether the server replaces the map or list of a field as a whole.
pub(crate) fn is_whole(field: &str) -> bool {
    ATOMIC.contains(&field)
}

/// Whether the server replaces each item of a list as a whole.
pub(crate) fn has_whole_items(list: &str) -> bool {
    ATOMIC_ITEMS.contains(&list)
}

/// The fields and values by which a record names an item; none where it names a value.
pub(crate) fn keys_of(key: &str) -> Option<Map<String, Value>> {
    decoded(key.strip_prefix("k:")?)
}

/// The value of a key field of an item. A port's protocol is TCP where it is left out.
pub(crate) fn key_field<'v>(item: &'v Value, name: &str) -> Option<&'v Value> {
    static TCP: LazyLock<Value> = LazyLock::new(|| "TCP".into());
    item.get(name).or_else(|| (name == "protocol").then(|| &*TCP))
}

/// Whether applying `wanted` would leave `live` exactly as it is.
pub(crate) fn is_unchanged(wanted: &Value, live: &Value) -> bool {
    let Some(record) = our_record(wanted, live) else { return false };
    let (Some(wanted), Some(live)) = (wanted.as_object(), live.as_object()) else { return false };
    let mut fields = wanted.clone();
    fields.remove("apiVersion");
    fields.remove("kind");
    if let Some(Value::Object(metadata)) = fields.get_mut("metadata") {
        metadata.retain(|key, _| !IDENTITY.contains(&key.as_str()));
        if metadata.is_empty() {
            fields.remove("metadata");
        }
    }
    map_is_same(record, &fields, live)
}

/// Our one record of applied fields, in the version that we would apply now.
fn our_record<'a>(wanted: &Value, live: &'a Value) -> Option<&'a Map<String, Value>> {
    let mut ours = json::items(live, "/metadata/managedFields").iter().filter(|entry| {
        json::text(entry, "/manager") == FIELD_MANAGER
            && json::text(entry, "/operation") == "Apply"
            && json::text(entry, "/subresource").is_empty()
    });
    let (record, None) = (ours.next()?, ours.next()) else { return None };
    let same_version = record.get("apiVersion") == wanted.get("apiVersion");
    if same_version { record.get("fieldsV1")?.as_object() } else { None }
}

fn is_same(field: &str, record: &Value, wanted: &Value, live: &Value) -> bool {
    let Some(record) = record.as_object() else { return false };
    if record.is_empty() {
        return leaf_is_same(field, wanted, live);
    }
    match (wanted, live) {
        (Value::Object(wanted), Value::Object(live)) => map_is_same(record, wanted, live),
        (Value::Array(wanted), Value::Array(live)) => list_is_same(field, record, wanted, live),
        _ => false,
    }
}

/// A field that the record holds without children. Where the server would hold some, that proves nothing: it may stem
/// from an earlier apply of an empty value.
fn leaf_is_same(field: &str, wanted: &Value, live: &Value) -> bool {
    let whole = match wanted {
        Value::Null => false,
        Value::Array(_) => ATOMIC.contains(&field),
        Value::Object(map) => map.is_empty() || ATOMIC.contains(&field),
        _ => true,
    };
    whole && (wanted == live || (field == "fieldRef" && with_api_version(wanted) == *live))
}

/// The server fills in this default inside a field that it replaces as a whole.
fn with_api_version(field_ref: &Value) -> Value {
    let mut filled = field_ref.clone();
    if filled.get("apiVersion").is_none() {
        filled["apiVersion"] = "v1".into();
    }
    filled
}

fn map_is_same(
    record: &Map<String, Value>,
    wanted: &Map<String, Value>,
    live: &Map<String, Value>,
) -> bool {
    let recorded = record.keys().filter(|key| *key != ".").count();
    recorded == wanted.len()
        && wanted.iter().all(|(key, value)| {
            match (record.get(&format!("f:{key}")), live.get(key)) {
                (Some(record), Some(live)) => is_same(key, record, value, live),
                (Some(record), None) => *record == Value::Object(Map::new()) && is_zero(value),
                _ => false,
            }
        })
}

/// The server does not store these values of most fields, and still records that we set them. Were the field gone
/// for another reason, it would be gone from the record too.
fn is_zero(value: &Value) -> bool {
    matches!(value, Value::Bool(false)) || value == "" || value == 0
}

/// A list with keys (`k:{...}`) or a set (`v:...`). Items that are not ours, or another order, prove nothing.
fn list_is_same(
    field: &str,
    record: &Map<String, Value>,
    wanted: &[Value],
    live: &[Value],
) -> bool {
    let recorded = record.keys().filter(|key| *key != ".").count();
    if recorded != wanted.len() || wanted.len() != live.len() {
        return false;
    }
    let keys = Keys::of(record);
    wanted.iter().zip(live).all(|(wanted, live)| {
        // Key fields that we leave to the server's default, such as a port's protocol, are compared on the live item.
        let mut named = keys.naming(wanted, |name| live.get(name));
        named.retain(|entry| {
            entry.keys.iter().all(|(name, value)| wanted.get(name).is_none_or(|it| it == value))
        });
        match named[..] {
            [entry] if entry.keys.is_empty() => wanted == live,
            [entry] => is_item_same(field, entry.record, wanted, live),
            _ => false,
        }
    })
}

fn is_item_same(field: &str, record: &Value, wanted: &Value, live: &Value) -> bool {
    match (record.as_object(), wanted, live) {
        (Some(record), _, _) if record.is_empty() => {
            ATOMIC_ITEMS.contains(&field) && wanted == live
        }
        (Some(record), Value::Object(wanted), Value::Object(live)) => {
            map_is_same(record, wanted, live)
        }
        _ => false,
    }
}
