//! Which fields of an object a field manager owns, by the server's record of it.
//!
//! The record's format, `FieldsV1`: <https://kubernetes.io/docs/reference/using-api/server-side-apply/#field-management>.

use std::collections::BTreeSet;

use serde_json::{Map, Value};
use wellhead_render::object_leaves;
use wellhead_spec::FieldPath;

use super::items::Keys;
use crate::model::json;
use crate::model::object::FIELD_MANAGER;
use crate::model::ownership::Owner;

/// What we own of an object: our records in one, or null.
pub(crate) fn ours(object: &Value) -> Value {
    let entries = json::items(object, "/metadata/managedFields").iter();
    let records = entries.filter(|entry| is_ours(entry)).filter_map(|entry| entry.get("fieldsV1"));
    records.fold(Value::Null, union)
}

/// Everybody else who owns leaves of an object, with these leaves. Controllers that report in the status are left out.
pub(crate) fn others(object: &Value) -> Vec<(Owner, BTreeSet<FieldPath>)> {
    let paths = |record| {
        let part = project(record, object);
        object_leaves(&part).into_iter().map(|(path, _)| path).collect()
    };
    records_of_others(object).map(|(owner, record)| (owner, paths(record))).collect()
}

/// The records of everybody else, see [`others`].
pub(crate) fn records_of_others(object: &Value) -> impl Iterator<Item = (Owner, &Value)> {
    let entries = json::items(object, "/metadata/managedFields").iter();
    let entries =
        entries.filter(|entry| !is_ours(entry) && json::text(entry, "/subresource") != "status");
    entries.filter_map(|entry| {
        let text =
            |pointer| Some(json::text(entry, pointer).to_owned()).filter(|it| !it.is_empty());
        let owner = Owner {
            manager: json::text(entry, "/manager").to_owned(),
            subresource: text("/subresource"),
            time: text("/time"),
        };
        Some((owner, entry.get("fieldsV1")?))
    })
}

fn is_ours(entry: &Value) -> bool {
    json::text(entry, "/manager") == FIELD_MANAGER
        && json::text(entry, "/operation") == "Apply"
        && json::text(entry, "/subresource").is_empty()
}

/// The fields of two records; null has none. A field that one of them holds without children is owned as a whole.
pub(crate) fn union(one: Value, other: &Value) -> Value {
    match (one, other) {
        (Value::Null, other) => other.clone(),
        (Value::Object(mut one), Value::Object(other)) if !one.is_empty() && !other.is_empty() => {
            for (key, record) in other {
                let before = one.remove(key).unwrap_or_default();
                one.insert(key.clone(), union(before, record));
            }
            one.into()
        }
        (one, Value::Null) => one,
        _ => Map::new().into(),
    }
}

/// The part of a value that a record names. Items of lists keep the fields that tell them apart.
pub(crate) fn project(record: &Value, value: &Value) -> Value {
    let Some(record) = record.as_object() else { return Value::Null };
    match value {
        Value::Object(fields) if !record.is_empty() => {
            let owned = record.iter().filter_map(|(key, record)| {
                let key = key.strip_prefix("f:")?;
                Some((key.to_owned(), project(record, fields.get(key)?)))
            });
            owned.collect::<Map<_, _>>().into()
        }
        Value::Array(items) if !record.is_empty() => {
            let keys = Keys::of(record);
            items.iter().filter_map(|item| project_item(&keys, item)).collect()
        }
        value => value.clone(),
    }
}

fn project_item(keys: &Keys<'_>, item: &Value) -> Option<Value> {
    let named = keys.naming(item, |name| item.get(name));
    let entry = named.first()?;
    if entry.keys.is_empty() {
        return Some(item.clone());
    }
    let mut part = project(entry.record, item);
    if let Some(fields) = part.as_object_mut() {
        fields.extend(entry.keys.clone());
    }
    Some(part)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{others, ours, project, union};

    fn object() -> Value {
        json!({
            "metadata": {"managedFields": [
                {"manager": "wellhead", "operation": "Apply", "fieldsV1": {"f:spec": {
                    "f:replicas": {}, "f:selector": {},
                    "f:containers": {"k:{\"name\":\"a\"}": {".": {}, "f:name": {}, "f:image": {}}}}}},
                {"manager": "hpa", "operation": "Update", "subresource": "scale", "time": "2026-01-01T00:00:00Z",
                 "fieldsV1": {"f:spec": {"f:replicas": {}}}},
                {"manager": "kcm", "operation": "Update", "subresource": "status",
                 "fieldsV1": {"f:status": {"f:replicas": {}}}}]},
            "spec": {"replicas": 3, "selector": {"app": "a"}, "other": 1, "containers": [
                {"name": "a", "image": "x", "tty": true}, {"name": "injected", "image": "y"}]}})
    }

    #[test]
    fn only_owned_fields_are_left_with_the_keys_of_their_items() {
        let part = project(&ours(&object()), &object());
        let expected = json!({"spec": {"replicas": 3, "selector": {"app": "a"},
                              "containers": [{"name": "a", "image": "x"}]}});
        assert_eq!(part, expected);
        let record = json!({"f:spec": {"f:containers": {"k:{\"name\":\"a\"}": {"f:tty": {}}}}});
        let expected = json!({"spec": {"containers": [{"name": "a", "tty": true}]}});
        assert_eq!(project(&record, &object()), expected);
    }

    #[test]
    fn others_are_named_with_their_subresource_but_not_for_the_status() {
        let owners = others(&object());
        assert_eq!(owners.len(), 1);
        let (owner, paths) = &owners[0];
        assert_eq!((owner.manager.as_str(), owner.subresource.as_deref()), ("hpa", Some("scale")));
        assert_eq!(paths.iter().map(ToString::to_string).collect::<Vec<_>>(), ["spec.replicas"]);
    }

    #[test]
    fn a_union_has_the_fields_of_both_and_wholes_stay_whole() {
        let one = json!({"f:a": {"f:b": {}}, "f:c": {}});
        let other = json!({"f:a": {"f:d": {}}, "f:c": {"f:e": {}}});
        let both = json!({"f:a": {"f:b": {}, "f:d": {}}, "f:c": {}});
        assert_eq!(union(one.clone(), &other), both);
        assert_eq!(union(Value::Null, &one), one);
        assert_eq!(union(one.clone(), &Value::Null), one);
    }
}
