//! Writing into a draft: the pipeline as one JSON object in which every field path resolves.

use serde_json::{Map, Value};
use wellhead_spec::draft::{ListKey, child, child_mut, get_mut, list_key};
use wellhead_spec::{FieldPath, Segment};

/// Puts a value at a path, replacing what is there; maps and lists on the way are made. An item
/// that its list does not hold yet goes to the end. False, and nothing is changed, when the path
/// leads through something that holds no fields, e.g. an item that does not exist.
pub(crate) fn put(draft: &mut Value, path: &FieldPath, new: Value) -> bool {
    let (_, there) = find(draft, path);
    put_below(draft, path, there, new)
}

/// The value at a path, and how many of the path's steps there are.
pub(crate) fn find<'v>(draft: &'v Value, path: &FieldPath) -> (Option<&'v Value>, usize) {
    let segments = path.segments();
    let mut value = draft;
    for (depth, step) in segments.iter().enumerate() {
        match child(value, &segments[..depth], step) {
            Some(next) => value = next,
            None => return (None, depth),
        }
    }
    (Some(value), segments.len())
}

/// [`put`], where it is known how many of the path's steps there are.
pub(crate) fn put_below(draft: &mut Value, path: &FieldPath, there: usize, new: Value) -> bool {
    let segments = path.segments();
    let Some((last, parents)) = segments.split_last() else { return false };
    if there == segments.len() {
        return get_mut(draft, path).map(|old| *old = new).is_some();
    }
    if !leads_on(segments, there) {
        return false;
    }
    let Some(parent) = reach(draft, parents, there) else { return false };
    match (parent, last) {
        (Value::Object(fields), Segment::Key(key)) => {
            fields.insert(key.as_str().to_owned(), new);
            true
        }
        (Value::Array(items), _) => {
            items.push(new);
            true
        }
        _ => false,
    }
}

/// Whether what is missing on the way can be made: maps hold keys, and a new list holds no item
/// whose fields could be set.
fn leads_on(segments: &[Segment], there: usize) -> bool {
    // The first map or list that must be made has one step more than what is there.
    (there + 1..segments.len()).all(|depth| match list_key(&segments[..depth]) {
        ListKey::Index => matches!(segments[depth], Segment::Key(_)),
        _ => depth + 1 == segments.len(),
    })
}

/// Walks to a map or list, making those that are missing. Of its path, so many steps are there.
fn reach<'v>(draft: &'v mut Value, parents: &[Segment], there: usize) -> Option<&'v mut Value> {
    let (present, missing) = parents.split_at(there);
    let mut value = draft;
    for (depth, segment) in present.iter().enumerate() {
        value = child_mut(value, &parents[..depth], segment)?;
    }
    for (depth, segment) in (there + 1..).zip(missing) {
        let (Value::Object(fields), Segment::Key(key)) = (value, segment) else { return None };
        let empty = match list_key(&parents[..depth]) {
            ListKey::Index => Value::Object(Map::new()),
            _ => Value::Array(Vec::new()),
        };
        value = fields.entry(key.as_str()).or_insert(empty);
    }
    Some(value)
}

/// Takes the value at a path out, and the maps and lists that are empty then.
pub(crate) fn take(draft: &mut Value, path: &FieldPath) -> Option<Value> {
    let last = path.segments().last()?;
    let parent_path = path.parent()?;
    let parent = get_mut(draft, &parent_path)?;
    let taken = match (&mut *parent, last) {
        (Value::Object(fields), Segment::Key(key)) => fields.remove(key.as_str())?,
        (Value::Array(items), _) => {
            items.remove(list_key(parent_path.segments()).position(items, last)?)
        }
        _ => return None,
    };
    let empty = match parent {
        Value::Object(fields) => fields.is_empty(),
        Value::Array(items) => items.is_empty(),
        _ => false,
    };
    if empty && !parent_path.segments().is_empty() {
        take(draft, &parent_path);
    }
    Some(taken)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn path(text: &str) -> FieldPath {
        text.parse().unwrap()
    }

    #[test]
    fn missing_maps_and_lists_are_made() {
        let mut draft = json!({"containers": [{"name": "a"}]});
        assert!(put(&mut draft, &path("containers.a.resources.limits.cpu"), json!("1")));
        assert!(put(&mut draft, &path("containers.a.env.X"), json!({"name": "X", "value": "1"})));
        assert!(put(&mut draft, &path("labels.team"), json!("ml")));
        assert_eq!(
            draft,
            json!({
                "containers": [{
                    "name": "a",
                    "resources": {"limits": {"cpu": "1"}},
                    "env": [{"name": "X", "value": "1"}],
                }],
                "labels": {"team": "ml"},
            })
        );
    }

    #[test]
    fn an_item_is_replaced_where_it_stands() {
        let mut draft = json!({"claims": [{"name": "a", "size": "1"}, {"name": "b"}]});
        assert!(put(&mut draft, &path("claims.a"), json!({"name": "a", "size": "2"})));
        assert_eq!(draft, json!({"claims": [{"name": "a", "size": "2"}, {"name": "b"}]}));
    }

    #[test]
    fn nothing_is_put_below_an_item_that_is_missing() {
        let mut draft = json!({"containers": [{"name": "a"}]});
        assert!(!put(&mut draft, &path("containers.b.image"), json!("x")));
        assert_eq!(draft, json!({"containers": [{"name": "a"}]}));
    }

    #[test]
    fn what_cannot_be_put_leaves_nothing_behind() {
        for text in ["tolerations[0].key", "tolerations[0]", "claims.data.size", "affinity.a[1]"] {
            let mut draft = json!({});
            assert!(!put(&mut draft, &path(text), json!("x")), "{text}");
            assert_eq!(draft, json!({}), "{text}");
        }
    }

    #[test]
    fn what_becomes_empty_is_taken_along() {
        let mut draft =
            json!({"containers": [{"name": "a", "resources": {"limits": {"cpu": "1"}}}]});
        assert_eq!(take(&mut draft, &path("containers.a.resources.limits.cpu")), Some(json!("1")));
        assert_eq!(draft, json!({"containers": [{"name": "a"}]}));
        assert_eq!(take(&mut draft, &path("containers.b")), None);
    }
}
