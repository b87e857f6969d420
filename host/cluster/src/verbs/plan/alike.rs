//! The part of an object that can be compared with what would be sent.

use std::collections::HashMap;

use serde_json::{Map, Value};
use wellhead_render::item_name;
use wellhead_spec::FieldPath;

use crate::managed_fields::owners;
use crate::managed_fields::recorded::Items;

/// The fields of `found` that are in `wanted`, too, or that a record names. What the server filled in is in neither.
pub(super) fn alike(wanted: &Value, found: &Value, record: &Value) -> Value {
    of_value(&FieldPath::root(), wanted, found, record)
}

fn of_value(path: &FieldPath, wanted: &Value, found: &Value, record: &Value) -> Value {
    match (wanted, found) {
        (Value::Object(wanted), Value::Object(found)) => {
            let fields = found.iter().filter_map(|(key, found)| {
                let record = record.get(format!("f:{key}")).unwrap_or(&Value::Null);
                let value = match wanted.get(key) {
                    Some(wanted) => of_value(&path.key(key.as_str()), wanted, found, record),
                    None if record.is_null() => return None,
                    None => owners::project(record, found),
                };
                Some((key.clone(), value))
            });
            fields.collect::<Map<_, _>>().into()
        }
        (Value::Array(wanted), Value::Array(found)) => {
            let wanted: HashMap<_, _> = wanted
                .iter()
                .enumerate()
                .map(|(index, item)| (item_name(path, item, index), item))
                .collect();
            let records = Items::of(record);
            let items = found.iter().enumerate().filter_map(|(index, found)| {
                let name = item_name(path, found, index);
                let record = records.get(found).map(|(_, record)| record);
                match wanted.get(&name) {
                    Some(wanted) => {
                        let record = record.unwrap_or(&Value::Null);
                        Some(of_value(&path.with(name), wanted, found, record))
                    }
                    None => record.map(|record| with_keys(record, found)),
                }
            });
            items.collect()
        }
        (_, found) => found.clone(),
    }
}

/// What a record names of an item, and what tells the item apart.
fn with_keys(record: &Value, item: &Value) -> Value {
    let mut part = owners::project(record, item);
    if let (Some(part), Some(name)) = (part.as_object_mut(), item.get("name")) {
        part.insert("name".to_owned(), name.clone());
    }
    part
}
