//! Items of a list in the server's record of fields, found without looking at each.
//!
//! The record's format, `FieldsV1`: <https://kubernetes.io/docs/reference/using-api/server-side-apply/#field-management>.

use std::collections::HashMap;

use serde_json::{Map, Value};

use super::unchanged;

/// The record of a list with keys, or of a set.
#[derive(Debug, Default)]
pub(crate) struct Items<'r> {
    /// The fields by which the server tells items apart; none for a set.
    names: Vec<String>,
    found: HashMap<String, (&'r str, &'r Value)>,
}

impl<'r> Items<'r> {
    /// The items that a record of a list names.
    pub(crate) fn of(record: &'r Value) -> Self {
        let mut items = Self::default();
        for (key, record) in record.as_object().into_iter().flatten() {
            if let Some(keys) = unchanged::keys_of(key) {
                if items.names.is_empty() {
                    items.names = keys.keys().cloned().collect();
                }
                items.found.insert(Value::from(keys).to_string(), (key, record));
            } else if let Some(value) = key.strip_prefix("v:") {
                items.found.insert(value.to_owned(), (key, record));
            }
        }
        items
    }

    /// The key of an item in the record, and what the record says of it.
    pub(crate) fn get(&self, item: &Value) -> Option<(&'r str, &'r Value)> {
        self.found.get(&self.key(item)).copied()
    }

    /// What tells an item apart, as the server writes it. A port's protocol is TCP where it is left out.
    fn key(&self, item: &Value) -> String {
        if self.names.is_empty() {
            return item.to_string();
        }
        let keys = self.names.iter().map(|name| {
            let default = if name == "protocol" { "TCP".into() } else { Value::Null };
            (name.clone(), item.get(name).cloned().unwrap_or(default))
        });
        Value::from(keys.collect::<Map<_, _>>()).to_string()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::Items;

    #[test]
    fn items_are_found_by_their_keys_or_as_values() {
        let record =
            json!({".": {}, "k:{\"containerPort\":80,\"protocol\":\"TCP\"}": {"f:name": {}}});
        let items = Items::of(&record);
        assert_eq!(
            items.get(&json!({"containerPort": 80, "name": "a"})).unwrap().1["f:name"],
            json!({})
        );
        assert_eq!(items.get(&json!({"containerPort": 80, "protocol": "UDP"})), None);
        let record = json!({"v:\"a\"": {}});
        assert!(Items::of(&record).get(&json!("a")).is_some());
        assert_eq!(Items::of(&record).get(&json!("b")), None);
        assert_eq!(Items::of(&json!({})).get(&json!("b")), None);
    }
}
