//! Which key of a record names which item of a list, each key read once.
//!
//! A record names the items of a list by some of their fields (`k:{"name":"a"}`) or by their value (`v:1`):
//! <https://kubernetes.io/docs/reference/using-api/server-side-apply/#field-management>.

use std::collections::{BTreeMap, HashMap};

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use wellhead_spec::JsonBounds;

/// What a key may have: a few short fields, or one value.
const MOST: JsonBounds = JsonBounds { bytes: 64 << 10, values: 100, nests: 10, parts: &[] };

/// What a key of a record says, or one in a message of the server. It is JSON inside of JSON, which no bound of the reply
/// counts.
pub(super) fn decoded<T: DeserializeOwned>(key: &str) -> Option<T> {
    MOST.decode(key.as_bytes()).ok()
}

/// A record of the items of a list.
pub(crate) struct Keys<'r> {
    /// By the names of the key fields, and then by their values. A list has one set of key fields, and a record of an
    /// older version of it perhaps another.
    fields: BTreeMap<Vec<String>, HashMap<String, Entry<'r>>>,
    values: HashMap<String, Entry<'r>>,
}

/// One key, and the record of the item that it names.
#[derive(Clone, Debug)]
pub(crate) struct Entry<'r> {
    pub(crate) keys: Map<String, Value>,
    pub(crate) record: &'r Value,
    /// The position of the key in the record.
    pub(super) at: usize,
}

impl<'r> Keys<'r> {
    pub(crate) fn of(record: &'r Map<String, Value>) -> Self {
        let mut all = Self { fields: BTreeMap::new(), values: HashMap::new() };
        for (at, (key, record)) in record.iter().enumerate() {
            if let Some(value) = key.strip_prefix("v:") {
                let Some(value) = decoded::<Value>(value) else { continue };
                let entry = Entry { keys: Map::new(), record, at };
                all.values.entry(value.to_string()).or_insert(entry);
            } else if let Some(keys) = key.strip_prefix("k:").and_then(decoded::<Map<_, _>>) {
                let values = text(keys.values());
                let names = keys.keys().cloned().collect();
                let entry = Entry { keys, record, at };
                all.fields.entry(names).or_default().entry(values).or_insert(entry);
            }
        }
        all
    }

    /// Every key that names an item by its value, or by the values that `field` gives of its key fields; none where the
    /// item does not have it.
    pub(crate) fn naming<'v>(
        &self,
        item: &Value,
        field: impl Fn(&str) -> Option<&'v Value>,
    ) -> Vec<&Entry<'r>> {
        // Texts of whole objects are no keys, and long.
        let by_value = (!self.values.is_empty()).then(|| self.values.get(&item.to_string()));
        let by_fields = self.fields.iter().filter_map(|(names, entries)| {
            let values: Option<Vec<_>> = names.iter().map(|name| field(name)).collect();
            entries.get(&text(values?.into_iter()))
        });
        let mut found: Vec<_> = by_value.flatten().into_iter().chain(by_fields).collect();
        found.sort_by_key(|entry| entry.at);
        found
    }
}

/// Items of a list by the values of some of their fields.
pub(crate) struct Items<'v> {
    items: &'v [Value],
    /// By the names of the fields, made when they are asked for.
    by: BTreeMap<Vec<String>, HashMap<String, usize>>,
}

impl<'v> Items<'v> {
    pub(crate) fn of(items: &'v [Value]) -> Self {
        Self { items, by: BTreeMap::new() }
    }

    /// The first item that is this value.
    pub(crate) fn value(&self, value: &Value) -> Option<&'v Value> {
        // Sets are short: the names of access modes, of finalizers.
        self.items.iter().find(|item| *item == value)
    }

    /// The position of the first item that has these values. `field` gives the value of an item's field.
    pub(crate) fn find(
        &mut self,
        keys: &Map<String, Value>,
        field: impl Fn(&'v Value, &str) -> Option<&'v Value>,
    ) -> Option<usize> {
        let names: Vec<_> = keys.keys().cloned().collect();
        let items = self.items;
        let known = self.by.entry(names).or_insert_with_key(|names| {
            let mut known = HashMap::new();
            for (at, item) in items.iter().enumerate() {
                let values: Option<Vec<_>> = names.iter().map(|name| field(item, name)).collect();
                if let Some(values) = values {
                    known.entry(text(values.into_iter())).or_insert(at);
                }
            }
            known
        });
        known.get(&text(keys.values())).copied()
    }
}

/// Values as one text.
fn text<'v>(values: impl Iterator<Item = &'v Value>) -> String {
    let mut text = String::new();
    for value in values {
        text.push_str(&value.to_string());
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Items, Keys};

    #[test]
    fn an_item_is_named_by_its_key_fields_or_its_value() {
        let record = json!({
            ".": {}, "k:{\"name\":\"a\"}": {"f:x": {}}, "v:1": {},
            "k:{\"containerPort\":80,\"protocol\":\"TCP\"}": {"f:y": {}}, "k:{broken": {}});
        let keys = Keys::of(record.as_object().unwrap());
        let named = |item: serde_json::Value| {
            let found = keys.naming(&item, |name| item.get(name));
            found.into_iter().map(|it| it.record.to_string()).collect::<Vec<_>>()
        };
        assert_eq!(named(json!({"name": "a", "value": "b"})), [r#"{"f:x":{}}"#]);
        assert_eq!(named(json!({"containerPort": 80, "protocol": "TCP"})), [r#"{"f:y":{}}"#]);
        assert_eq!(named(json!({"containerPort": 80})), [""; 0]);
        assert_eq!(named(json!(1)), ["{}"]);
        assert_eq!(named(json!("1")), [""; 0]);
        let both = json!({"name": "a", "containerPort": 80, "protocol": "TCP"});
        assert_eq!(named(both).len(), 2, "more than one is more than a proof needs");
    }

    #[test]
    fn a_key_that_becomes_much_names_nothing() {
        let (many, deep) = ("0,".repeat(200), "[".repeat(20) + &"]".repeat(20));
        for key in [format!("[{many}0]"), deep, format!("\"{}\"", "x".repeat(1 << 20))] {
            let value: serde_json::Value = serde_json::from_str(&key).unwrap();
            let record = json!({format!("v:{key}"): {}, "v:1": {}});
            let keys = Keys::of(record.as_object().unwrap());
            assert!(keys.naming(&value, |_| None).is_empty());
            assert_eq!(keys.naming(&json!(1), |_| None).len(), 1, "the others are read");
        }
    }

    #[test]
    fn the_first_item_with_the_values_is_found() {
        let items = [json!({"name": "a", "at": 1}), json!({"name": "b"}), json!({"name": "a"})];
        let mut index = Items::of(&items);
        let mut at = |name: &str| {
            let keys = json!({"name": name});
            index.find(keys.as_object().unwrap(), |item, name| item.get(name))
        };
        assert_eq!(at("a"), Some(0));
        assert_eq!(at("b"), Some(1));
        assert_eq!(at("c"), None);
    }
}
