//! What an apply would make of an object once fields are gone that others own. No dry run of an apply shows that: the
//! server goes by the managedFields that is stored. So the object is put together here as the server would, and
//! the server is asked in a dry run to store it; before it is written, its own dry run must give the same.
//!
//! The rules: <https://kubernetes.io/docs/reference/using-api/server-side-apply/#merge-strategy>, and `typed/merge.go` of
//! <https://github.com/kubernetes-sigs/structured-merge-diff>.

use std::collections::{HashMap, HashSet};

use serde_json::{Map, Value};
use wellhead_render::item_name;
use wellhead_spec::{FieldPath, Segment};

use crate::managed_fields::unchanged;

/// An object without what is at these places, in their order.
pub(super) fn without<'p>(
    live: &Value,
    pointers: impl DoubleEndedIterator<Item = &'p str>,
) -> Value {
    let mut object = live.clone();
    // The last first, so that the positions of those before it stay right.
    for pointer in pointers.rev() {
        let Some((parent, last)) = pointer.rsplit_once('/') else { continue };
        match object.pointer_mut(parent) {
            Some(Value::Object(fields)) => {
                fields.remove(&last.replace("~1", "/").replace("~0", "~"));
            }
            Some(Value::Array(items)) => {
                if let Some(index) = last.parse().ok().filter(|it| *it < items.len()) {
                    items.remove(index);
                }
            }
            _ => {}
        }
    }
    object
}

/// An object after an apply.
pub(super) fn applied(live: &Value, body: &Value) -> Value {
    of_value(&FieldPath::root(), "", Some(live), body)
}

fn of_value(path: &FieldPath, field: &str, live: Option<&Value>, body: &Value) -> Value {
    match (live, body) {
        (Some(Value::Object(live)), Value::Object(body)) if !unchanged::is_whole(field) => {
            let mut merged = live.clone();
            for (key, value) in body {
                let value = of_value(&path.key(key.as_str()), key, live.get(key), value);
                merged.insert(key.clone(), value);
            }
            merged.into()
        }
        (Some(Value::Array(live)), Value::Array(body)) if !unchanged::is_whole(field) => {
            of_list(path, field, live, body)
        }
        _ => body.clone(),
    }
}

/// A list with keys: the order of what is applied, with items of others behind what stood before them.
fn of_list(path: &FieldPath, field: &str, live: &[Value], body: &[Value]) -> Value {
    let names = |items: &[Value]| -> Vec<Segment> {
        items.iter().enumerate().map(|(index, item)| item_name(path, item, index)).collect()
    };
    let (old, new) = (names(live), names(body));
    if new.iter().any(|name| matches!(name, Segment::Index(_))) {
        return body.to_vec().into();
    }
    let places: HashMap<_, _> = old.iter().enumerate().map(|(place, name)| (name, place)).collect();
    let applied: HashSet<_> = new.iter().collect();
    let mut merged = Vec::with_capacity(live.len().max(body.len()));
    let mut next = 0;
    let mut others = |until: usize, merged: &mut Vec<Value>| {
        while next < until {
            if !applied.contains(&old[next]) {
                merged.push(live[next].clone());
            }
            next += 1;
        }
    };
    for (name, item) in new.iter().zip(body) {
        let place = places.get(name).copied();
        if let Some(place) = place {
            others(place, &mut merged);
        }
        let whole = unchanged::has_whole_items(field);
        let found = place.filter(|_| !whole).map(|place| &live[place]);
        merged.push(of_value(&path.with(name.clone()), "", found, item));
    }
    others(live.len(), &mut merged);
    merged.into()
}

/// The merge patch that makes one object of another: <https://www.rfc-editor.org/rfc/rfc7386>.
pub(super) fn patch(from: &Map<String, Value>, to: &Map<String, Value>) -> Map<String, Value> {
    let gone = from.keys().filter(|key| !to.contains_key(*key));
    let gone = gone.map(|key| (key.clone(), Value::Null));
    let changed = to.iter().filter_map(|(key, to)| {
        let value = match (from.get(key), to) {
            (Some(from), to) if from == to => return None,
            (Some(Value::Object(from)), Value::Object(to)) => patch(from, to).into(),
            _ => to.clone(),
        };
        Some((key.clone(), value))
    });
    gone.chain(changed).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn containers(names: &[&str]) -> Value {
        let items: Value = names.iter().map(|it| json!({"name": it, "image": "x"})).collect();
        json!({"spec": {"template": {"spec": {"containers": items}}}})
    }

    fn merged(live: &[&str], body: &[&str]) -> Vec<String> {
        let merged = applied(&containers(live), &containers(body));
        let items = merged.pointer("/spec/template/spec/containers").and_then(Value::as_array);
        items.unwrap().iter().map(|it| it["name"].as_str().unwrap().to_owned()).collect()
    }

    #[test]
    fn the_order_is_that_of_what_is_applied_and_others_keep_their_place() {
        assert_eq!(merged(&["a", "b"], &["b", "a"]), ["b", "a"]);
        assert_eq!(merged(&["other", "a"], &["a", "new"]), ["other", "a", "new"]);
        assert_eq!(merged(&["a", "other"], &["new", "a"]), ["new", "a", "other"]);
        assert_eq!(merged(&[], &["a"]), ["a"]);
    }

    #[test]
    fn fields_of_others_stay_and_wholes_are_replaced() {
        let live = json!({"spec": {"a": 1, "nodeSelector": {"x": "y"}, "args": ["1"]}});
        let body = json!({"spec": {"b": 2, "nodeSelector": {"z": "z"}, "args": []}});
        assert_eq!(
            applied(&live, &body),
            json!({"spec": {"a": 1, "b": 2, "nodeSelector": {"z": "z"}, "args": []}})
        );
    }

    #[test]
    fn items_are_taken_out_by_their_places() {
        let object = json!({"l": [{"a": 1, "b": 2}, 2, 3], "x/y": 1});
        let left = without(&object, ["/l/0/b", "/l/1", "/l/2", "/x~1y"].into_iter());
        assert_eq!(left, json!({"l": [{"a": 1}]}));
    }

    #[test]
    fn a_patch_leads_from_one_object_to_the_other() {
        let (from, to) =
            (json!({"a": {"b": 1, "c": 2}, "l": [1]}), json!({"a": {"c": 3}, "l": [1]}));
        let patch = patch(from.as_object().unwrap(), to.as_object().unwrap());
        assert_eq!(Value::from(patch), json!({"a": {"b": null, "c": 3}}));
    }
}
