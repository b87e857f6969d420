//! Writing into a draft: the pipeline as one JSON object in which every field path resolves.

mod positions;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ops::Bound;

use serde_json::{Map, Value};
use smallvec::SmallVec;
use wellhead_spec::draft::{ListKey, list_key, locate};
use wellhead_spec::{FieldPath, Segment};

use crate::Write;
use positions::Positions;

/// Steps of most paths.
const STEPS: usize = 5;
/// Items of a list that are looked through rather than indexed. Tests want short lists indexed, too.
const FEW: usize = if cfg!(test) { 1 } else { 16 };

/// A draft that is edited. An item is found as fast in a list of ten thousand as in one of ten.
#[derive(Clone, Debug)]
pub(crate) struct Fields {
    draft: Value,
    /// Where the items of long lists stand, by the path of the list.
    lists: RefCell<BTreeMap<FieldPath, Positions>>,
}

/// How far a draft leads along a path: where each step that is there stands, as [`locate`] tells it.
pub(crate) struct Trail(SmallVec<[usize; STEPS]>);

impl Fields {
    pub(crate) fn new(draft: Value) -> Self {
        Self { draft, lists: RefCell::default() }
    }

    pub(crate) fn draft(&self) -> &Value {
        &self.draft
    }

    pub(crate) fn into_draft(self) -> Value {
        self.draft
    }

    /// The value at a path.
    pub(crate) fn get(&self, path: &FieldPath) -> Option<&Value> {
        self.find(path).0
    }

    /// The value at a path, and how far the draft leads there.
    pub(crate) fn find(&self, path: &FieldPath) -> (Option<&Value>, Trail) {
        let segments = path.segments();
        let mut trail = SmallVec::new();
        let mut value = &self.draft;
        for (depth, step) in segments.iter().enumerate() {
            match self.step(value, &segments[..depth], step) {
                Some((next, position)) => {
                    value = next;
                    trail.push(position);
                }
                None => return (None, Trail(trail)),
            }
        }
        (Some(value), Trail(trail))
    }

    /// [`locate`], with the index of a long list.
    fn step<'v>(
        &self,
        value: &'v Value,
        at: &[Segment],
        step: &Segment,
    ) -> Option<(&'v Value, usize)> {
        let (Value::Array(items), Segment::Key(key)) = (value, step) else {
            return locate(value, at, step);
        };
        let keys = list_key(at);
        if items.len() <= FEW || keys == ListKey::Index || !by_keys(at) {
            return locate(value, at, step);
        }
        let mut lists = self.lists.borrow_mut();
        let position = match lists.get_mut(at) {
            Some(known) => known.find(items, keys, key),
            None => lists.entry(at.iter().cloned().collect()).or_default().find(items, keys, key),
        }?;
        Some((items.get(position)?, position))
    }

    /// Puts a value at a path, replacing what is there; maps and lists on the way are made. An item
    /// that its list does not hold yet goes to the end. False, and nothing is changed, when the path
    /// leads through something that holds no fields, e.g. an item that does not exist.
    pub(crate) fn put(&mut self, path: &FieldPath, new: Value) -> bool {
        let (_, trail) = self.find(path);
        self.put_along(path, &trail, new)
    }

    /// [`Fields::put`], where it is known how far the draft leads.
    pub(crate) fn put_along(&mut self, path: &FieldPath, trail: &Trail, new: Value) -> bool {
        self.forget(path, Some(&new));
        put_along(&mut self.draft, path, trail, new)
    }

    /// Where an item stands in its list.
    pub(crate) fn position(&self, path: &FieldPath) -> Option<usize> {
        let (found, trail) = self.find(path);
        found.and(trail.0.last().copied())
    }

    /// Puts an item into a list, before the one that stands at an index; the list is made when it is not there. False,
    /// and nothing is changed, when the list cannot be made, or has fewer items.
    pub(crate) fn insert(&mut self, path: &FieldPath, index: usize, item: Value) -> bool {
        let Some(list) = path.parent() else { return false };
        let (there, trail) = self.find(&list);
        let length = match there {
            Some(Value::Array(items)) => items.len(),
            Some(_) => return false,
            None => 0,
        };
        if index > length {
            return false;
        }
        if there.is_none() {
            return self.put_along(&list, &trail, Value::Array(vec![item]));
        }
        // Only at the end do the others stay where they are.
        if index < length || !by_keys(path.segments()) {
            self.forget(&list, None);
        }
        match walk(&mut self.draft, list.segments(), &trail) {
            Some(Value::Array(items)) => {
                items.insert(index, item);
                true
            }
            _ => false,
        }
    }

    /// Takes the value at a path out, and the maps and lists that are empty then.
    pub(crate) fn take(&mut self, path: &FieldPath) -> Option<Value> {
        let (last, above) = path.segments().split_last()?;
        let trail = self.find(path).1;
        let position = *trail.0.get(above.len())?;
        self.forget(path, None);
        let parent = walk(&mut self.draft, above, &trail)?;
        let (taken, empty) = match (parent, last) {
            (Value::Object(fields), Segment::Key(key)) => {
                (fields.remove(key.as_str())?, fields.is_empty())
            }
            (Value::Array(items), _) => (items.remove(position), items.is_empty()),
            _ => return None,
        };
        if let (Some(known), Segment::Key(key)) = (self.lists.get_mut().get_mut(above), last) {
            known.removed(key);
        }
        if empty && !above.is_empty() {
            self.take(&above.iter().cloned().collect());
        }
        Some(taken)
    }

    /// Makes an edit again that was made over this draft before.
    pub(crate) fn make_again(&mut self, write: &Write) {
        match (&write.new, write.insert) {
            (Some(new), Some(index)) => drop(self.insert(&write.path, index, new.clone())),
            (Some(new), None) => drop(self.put(&write.path, new.clone())),
            (None, _) => drop(self.take(&write.path)),
        }
    }

    /// Forgets where the items of those lists stand that a write at `path` replaces, or may name anew.
    fn forget(&mut self, path: &FieldPath, new: Option<&Value>) {
        let lists = self.lists.get_mut();
        if lists.is_empty() {
            return;
        }
        let segments = path.segments();
        if !by_keys(segments) {
            return lists.clear();
        }
        let below = lists.range::<[Segment], _>((Bound::Included(segments), Bound::Unbounded));
        let below = below.map(|it| it.0).take_while(|it| path.contains(it));
        for list in below.cloned().collect::<Vec<_>>() {
            lists.remove(&list);
        }
        if let (Some((Segment::Key(key), list)), Some(new)) = (segments.split_last(), new)
            && lists.contains_key(list)
            && list_key(list).of(new).as_ref() != Some(key)
        {
            lists.remove(list);
        }
        // A field of an item, which may be its key.
        if let Some(depth) = segments.len().checked_sub(2) {
            let is_key = matches!(&segments[depth + 1], Segment::Key(field) if list_key(&segments[..depth]).is_by(field));
            if is_key {
                lists.remove(&segments[..depth]);
            }
        }
    }
}

/// Whether a path names every item by its key, so that it is the only path of its field.
fn by_keys(path: &[Segment]) -> bool {
    path.iter().all(|it| matches!(it, Segment::Key(_)))
}

fn put_along(draft: &mut Value, path: &FieldPath, trail: &Trail, new: Value) -> bool {
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
        // An index that is not there is that of no item.
        (Value::Array(items), Segment::Key(_)) => {
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;
    use wellhead_spec::draft::get;

    use super::*;

    fn path(text: &str) -> FieldPath {
        text.parse().unwrap()
    }

    fn put(draft: &mut Value, path: &FieldPath, new: Value) -> bool {
        let mut fields = Fields::new(draft.take());
        let done = fields.put(path, new);
        *draft = fields.into_draft();
        done
    }

    fn take(draft: &mut Value, path: &FieldPath) -> Option<Value> {
        let mut fields = Fields::new(draft.take());
        let taken = fields.take(path);
        *draft = fields.into_draft();
        taken
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

    /// Paths and values that add, replace, remove and rename items of a list, and lists as a whole.
    fn edit() -> impl Strategy<Value = (FieldPath, Option<Value>)> {
        let name = || prop::sample::select(vec!["A", "B", "C", "D"]);
        let item = |name: &str, value: u8| json!({"name": name, "value": value.to_string()});
        let list = prop::collection::vec(name(), 0..4)
            .prop_map(move |names| names.iter().map(|it| item(it, 0)).collect::<Value>());
        let env = || path("containers.a.env");
        prop_oneof![
            4 => (name(), any::<u8>()).prop_map(move |(it, value)| (env().key(it), Some(item(it, value)))),
            4 => name().prop_map(move |it| (env().key(it), None)),
            1 => (name(), name()).prop_map(move |(at, it)| (env().key(at), Some(item(it, 1)))),
            1 => (name(), name()).prop_map(move |(at, to)| (env().key(at).key("name"), Some(to.into()))),
            1 => (0..4_usize, name()).prop_map(move |(at, to)| (env().index(at).key("name"), Some(to.into()))),
            1 => list.prop_map(move |list| (env(), Some(list))),
            1 => Just((path("containers.a"), None)),
            1 => Just((path("containers.a"), Some(json!({"name": "a", "env": [{"name": "D"}]})))),
        ]
    }

    proptest! {
        #[test]
        fn what_an_index_finds_is_what_a_look_at_every_item_finds(
            edits in prop::collection::vec(edit(), 0..30)
        ) {
            let base = json!({"containers": [{"name": "a", "env": [{"name": "A"}, {"name": "B"}]}]});
            let mut fields = Fields::new(base);
            for (at, new) in edits {
                // One that knows nothing of the edits before.
                let mut fresh = Fields::new(fields.draft().clone());
                let edit = |fields: &mut Fields| match new.clone() {
                    Some(new) => fields.put(&at, new),
                    None => fields.take(&at).is_some(),
                };
                prop_assert_eq!(edit(&mut fields), edit(&mut fresh), "{}", at);
                prop_assert_eq!(fields.draft(), fresh.draft(), "{}", at);
                for name in ["A", "B", "C", "D"] {
                    let item = path("containers.a.env").key(name);
                    prop_assert_eq!(fields.get(&item), get(fields.draft(), &item), "{}", item);
                }
            }
        }
    }

    #[test]
    fn items_are_found_after_many_were_removed() {
        let name = |at: usize| format!("V{at}");
        let items: Vec<_> = (0..500).map(|at| json!({"name": name(at)})).collect();
        let mut fields = Fields::new(json!({"volumes": items}));
        let volume = |at: usize| FieldPath::of(["volumes"]).key(name(at));
        for at in (0..500).step_by(2) {
            assert!(fields.take(&volume(at)).is_some(), "{at}");
            assert!(fields.get(&volume(at)).is_none(), "{at}");
            assert!(fields.get(&volume(499)).is_some(), "{at}");
            assert!(fields.put(&volume(1_000 + at), json!({"name": name(1_000 + at)})));
        }
        for at in (0..500).step_by(2) {
            assert_eq!(fields.get(&volume(at + 1)), Some(&json!({"name": name(at + 1)})));
            assert_eq!(fields.get(&volume(1_000 + at)), Some(&json!({"name": name(1_000 + at)})));
        }
    }
}
