//! Writing into a draft: the pipeline as one JSON object in which every field path resolves.

use serde_json::{Map, Value};
use smallvec::SmallVec;
use wellhead_spec::draft::{ListKey, get_mut, list_key, locate};
use wellhead_spec::{FieldPath, Segment};

/// Steps of most paths.
const STEPS: usize = 5;

/// How far a draft leads along a path: where each step that is there stands, as [`locate`] tells it.
pub(crate) struct Trail(SmallVec<[usize; STEPS]>);

/// Puts a value at a path, replacing what is there; maps and lists on the way are made. An item
/// that its list does not hold yet goes to the end. False, and nothing is changed, when the path
/// leads through something that holds no fields, e.g. an item that does not exist.
pub(crate) fn put(draft: &mut Value, path: &FieldPath, new: Value) -> bool {
    let (_, trail) = find(draft, path);
    put_along(draft, path, &trail, new)
}

/// The value at a path, and how far the draft leads there.
pub(crate) fn find<'v>(draft: &'v Value, path: &FieldPath) -> (Option<&'v Value>, Trail) {
    let segments = path.segments();
    let mut trail = SmallVec::new();
    let mut value = draft;
    for (depth, step) in segments.iter().enumerate() {
        match locate(value, &segments[..depth], step) {
            Some((next, position)) => {
                value = next;
                trail.push(position);
            }
            None => return (None, Trail(trail)),
        }
    }
    (Some(value), Trail(trail))
}

/// [`put`], where it is known how far the draft leads.
pub(crate) fn put_along(draft: &mut Value, path: &FieldPath, trail: &Trail, new: Value) -> bool {
    let segments = path.segments();
    let there = trail.0.len();
    if segments.is_empty() || !leads_on(segments, there) {
        return false;
    }
    let Some(end) = walk(draft, segments, trail) else { return false };
    let Some((last, missing)) = segments[there..].split_last() else {
        *end = new;
        return true;
    };
    let mut parent = end;
    for (depth, step) in (there + 1..).zip(missing) {
        let (Value::Object(fields), Segment::Key(key)) = (parent, step) else { return false };
        let empty = match list_key(&segments[..depth]) {
            ListKey::Index => Value::Object(Map::new()),
            _ => Value::Array(Vec::new()),
        };
        parent = fields.entry(key.as_str()).or_insert(empty);
    }
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

/// The last of a path's values that is there.
fn walk<'v>(draft: &'v mut Value, segments: &[Segment], trail: &Trail) -> Option<&'v mut Value> {
    segments.iter().zip(&trail.0).try_fold(draft, |value, (step, position)| match (value, step) {
        (Value::Object(fields), Segment::Key(key)) => fields.get_mut(key.as_str()),
        (Value::Array(items), _) => items.get_mut(*position),
        _ => None,
    })
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
