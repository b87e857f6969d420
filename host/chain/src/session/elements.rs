//! Lists without keys, such as `args` and `tolerations`: whose each of their items is.
//!
//! An item has no name that stays, so what other plugins did to it is kept beside its place, and moves with it.

use std::collections::{HashMap, VecDeque};

use serde_json::Value;
use wellhead_spec::draft::{ListKey, list_key};
use wellhead_spec::{FieldPath, PathMap, Segment};

use crate::Write;

/// Whose an item is.
#[derive(Clone, Debug, Default)]
struct Item {
    /// The latest edit of another plugin that added or changed it, an index into the writes.
    theirs: Option<usize>,
    /// Whether the plugin that runs now added it.
    ours: bool,
}

/// Whose the items of each list without keys are, as far as edits of the items themselves tell.
#[derive(Clone, Debug, Default)]
pub(super) struct Elements(PathMap<Vec<Item>>);

/// A path that leads through a list without keys: the list, the index of an item, and whether it goes on from there.
pub(super) fn through(path: &FieldPath) -> Option<(FieldPath, usize, bool)> {
    let segments = path.segments();
    let (depth, index) = segments.iter().enumerate().find_map(|(depth, it)| match it {
        Segment::Index(index) => Some((depth, *index)),
        Segment::Key(_) => None,
    })?;
    let list = segments[..depth].iter().cloned().collect();
    Some((list, index, depth + 1 < segments.len()))
}

/// Whether a path is that of a list without keys, which has this value before and after.
pub(super) fn are_lists(path: &FieldPath, old: Option<&Value>, new: Option<&Value>) -> bool {
    list_key(path.segments()) == ListKey::Index
        && old.is_some_and(Value::is_array)
        && new.is_none_or(Value::is_array)
}

/// Whether a path names an item of a list that has keys.
pub(super) fn is_item(path: &FieldPath) -> bool {
    let list = path.segments().split_last().map_or(&[][..], |it| it.1);
    list_key(list) != ListKey::Index
}

/// The items of a list.
pub(super) fn items_of(list: Option<&Value>) -> &[Value] {
    list.and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

impl Elements {
    /// Follows an edit, which was made over the value that `old` is. `at` is its index when another plugin made it.
    pub(super) fn follow(&mut self, write: &Write, at: Option<usize>, old: Option<&Value>) {
        let Some((list, index, goes_on)) = through(&write.path) else {
            self.follow_whole(write, at, old);
            return;
        };
        let items = self.0.entry(list);
        if items.len() <= index && (goes_on || write.insert.is_none()) {
            items.resize_with(index + 1, Item::default);
        }
        let new = Item { theirs: at, ours: at.is_none() };
        match (goes_on, write.insert, &write.new) {
            (false, Some(_), _) => {
                items.resize_with(items.len().max(index), Item::default);
                items.insert(index, new);
            }
            (false, None, None) => drop(items.remove(index)),
            _ if at.is_some() => items[index].theirs = at,
            _ => {}
        }
    }

    /// Follows an edit of a list as a whole, or of what it stands in.
    fn follow_whole(&mut self, write: &Write, at: Option<usize>, old: Option<&Value>) {
        let kept = match (old, &write.new) {
            (Some(Value::Array(old)), Some(Value::Array(new)))
                if at.is_none() && list_key(write.path.segments()) == ListKey::Index =>
            {
                Some(aligned(old, new))
            }
            _ => None,
        };
        if let Some(kept) = kept {
            let was = std::mem::take(self.0.entry(write.path.clone()));
            let item = |from: &Option<usize>| match from {
                Some(from) => was.get(*from).cloned().unwrap_or_default(),
                None => Item { theirs: None, ours: true },
            };
            *self.0.entry(write.path.clone()) = kept.iter().map(item).collect();
            return;
        }
        let below: Vec<_> = self.0.at_or_below(&write.path).map(|it| it.0.clone()).collect();
        for list in below {
            self.0.entry(list).clear();
        }
    }

    /// The latest edit of another plugin of an item, or of its list as a whole.
    pub(super) fn owner(
        &self,
        list: &FieldPath,
        index: usize,
        whole: Option<usize>,
    ) -> Option<usize> {
        match self.0.get(list).and_then(|items| items.get(index)) {
            Some(item) if item.ours => item.theirs,
            Some(item) => item.theirs.max(whole),
            None => whole,
        }
    }
}

/// Where each item of a list after an edit stood before it, if it did: in their order, each at most once.
pub(super) fn aligned(old: &[Value], new: &[Value]) -> Vec<Option<usize>> {
    let same = |(one, other): &(&Value, &Value)| one == other;
    let start = old.iter().zip(new).take_while(same).count();
    let most = old.len().min(new.len()) - start;
    let end = old.iter().rev().zip(new.iter().rev()).take(most).take_while(same).count();
    let mut places: HashMap<String, VecDeque<usize>> = HashMap::new();
    for (at, item) in old.iter().enumerate().take(old.len() - end).skip(start) {
        places.entry(item.to_string()).or_default().push_back(at);
    }
    let mut next = start;
    let mut kept = Vec::with_capacity(new.len());
    for (at, item) in new.iter().enumerate() {
        if at < start {
            kept.push(Some(at));
        } else if at >= new.len() - end {
            kept.push(Some(old.len() - (new.len() - at)));
        } else {
            let places = places.get_mut(&item.to_string());
            let found = places.and_then(|places| {
                while places.front().is_some_and(|it| *it < next) {
                    places.pop_front();
                }
                places.pop_front()
            });
            next = found.map_or(next, |it| it + 1);
            kept.push(found);
        }
    }
    kept
}

/// The list without keys whose items an edit moves, and where each of them stood before it. `value` gives what the draft
/// has before the edit.
pub(crate) fn kept<'v>(
    write: &Write,
    value: impl FnOnce(&FieldPath) -> Option<&'v Value>,
) -> Option<(FieldPath, Vec<Option<usize>>)> {
    if let Some((list, index, goes_on)) = through(&write.path) {
        let length = items_of(value(&list)).len();
        let mut kept: Vec<_> = (0..length).map(Some).collect();
        match (goes_on, write.insert, &write.new) {
            (false, Some(_), _) if index <= length => kept.insert(index, None),
            (false, None, None) if index < length => drop(kept.remove(index)),
            _ => return None,
        }
        return Some((list, kept));
    }
    let old = value(&write.path);
    if !are_lists(&write.path, old, write.new.as_ref()) {
        return None;
    }
    let new = items_of(write.new.as_ref());
    (!new.is_empty()).then(|| (write.path.clone(), aligned(items_of(old), new)))
}

/// The items of a list before an edit that are not in it after, and those after that were not in it before.
pub(super) fn changes(old: &[Value], new: &[Value]) -> (Vec<usize>, Vec<usize>) {
    let kept = aligned(old, new);
    let mut stays = vec![false; old.len()];
    for at in kept.iter().flatten() {
        stays[*at] = true;
    }
    let gone = stays.iter().enumerate().filter(|it| !it.1).map(|it| it.0).collect();
    let added = kept.iter().enumerate().filter(|it| it.1.is_none()).map(|it| it.0).collect();
    (gone, added)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::session::{Rights, Session, Violation};
    use crate::{Limits, Provenance, Writer};

    fn items() -> impl Strategy<Value = Vec<Value>> {
        prop::collection::vec((0..4_u8).prop_map(Value::from), 0..8)
    }

    proptest! {
        #[test]
        fn items_are_aligned_in_their_order_and_each_once(old in items(), new in items()) {
            let kept = aligned(&old, &new);
            prop_assert_eq!(kept.len(), new.len());
            for (at, from) in kept.iter().enumerate() {
                if let Some(from) = from {
                    prop_assert_eq!(&old[*from], &new[at]);
                }
            }
            let from: Vec<_> = kept.iter().flatten().collect();
            prop_assert!(from.windows(2).all(|it| it[0] < it[1]), "{:?}", kept);
        }

        #[test]
        fn what_is_only_inserted_or_removed_is_all_that_changes(
            old in items(), at in any::<prop::sample::Index>()
        ) {
            let place = at.index(old.len() + 1);
            let mut new = old.clone();
            new.insert(place, Value::from("new"));
            prop_assert_eq!(changes(&old, &new), (Vec::new(), vec![place]));
            prop_assert_eq!(changes(&new, &old), (vec![place], Vec::new()));
        }
    }
    /// What a plugin does to the list.
    #[derive(Clone, Debug)]
    enum Edit {
        Insert(prop::sample::Index),
        Remove(prop::sample::Index),
        /// The whole list, with an item less and one more, as a plugin that knows no inserts does it.
        Set(prop::sample::Index),
    }

    fn edit() -> impl Strategy<Value = Edit> {
        let at = any::<prop::sample::Index>;
        prop_oneof![
            3 => at().prop_map(Edit::Insert),
            2 => at().prop_map(Edit::Remove),
            1 => at().prop_map(Edit::Set),
        ]
    }

    fn tolerations(items: &[(u64, Option<usize>)]) -> Value {
        items.iter().map(|it| json!({"key": it.0.to_string()})).collect()
    }

    fn rights(grants: &[&str], overrides: &[&str]) -> Arc<Rights> {
        let patterns = |it: &[&str]| it.iter().map(|it| it.parse().unwrap()).collect();
        let (grants, overrides) = (patterns(grants), patterns(overrides));
        Rights { grants, overrides, ..Rights::default() }.into()
    }

    fn session(draft: Value, mut provenance: Provenance, rights: Arc<Rights>) -> Session {
        let name = provenance.writers.len().to_string();
        let [version, digest, customization] = [const { String::new() }; 3];
        provenance.writers.push(Writer { name, version, digest, customization }.into());
        Session::new(draft, provenance, rights, Limits::default())
    }

    /// A model: each item has an identity, and an owner.
    fn model(items: &[(u64, Option<usize>)], edit: &Edit, next: u64) -> (usize, Vec<(u64, bool)>) {
        let mut new: Vec<_> = items.iter().map(|it| (it.0, false)).collect();
        match edit {
            Edit::Insert(at) => {
                let at = at.index(items.len() + 1);
                new.insert(at, (next, true));
                (at, new)
            }
            Edit::Remove(at) => {
                let at = at.index(items.len());
                new.remove(at);
                (at, new)
            }
            Edit::Set(at) => {
                let at = at.index(items.len());
                new.remove(at);
                new.push((next, true));
                (at, new)
            }
        }
    }

    proptest! {
        #[test]
        fn owners_move_with_their_items(
            turns in prop::collection::vec(prop::collection::vec(edit(), 0..6), 1..4)
        ) {
            let list: FieldPath = "tolerations".parse().unwrap();
            let mut items: Vec<(u64, Option<usize>)> = (0..3).map(|it| (it, None)).collect();
            let mut next = 3;
            let mut state = (json!({"tolerations": tolerations(&items)}), Provenance::default());
            for (plugin, edits) in turns.iter().enumerate() {
                let mut session = session(state.0, state.1, rights(&["**"], &[]));
                let mut set = false;
                for edit in edits {
                    if items.len() < 2 {
                        break;
                    }
                    let (at, new) = model(&items, edit, next);
                    let foreign = items.get(at).is_some_and(|it| it.1.is_some_and(|it| it != plugin));
                    let expected = matches!(edit, Edit::Insert(_)) || !foreign;
                    let value = json!({"key": next.to_string()});
                    let whole: Vec<_> = new.iter().map(|it| (it.0, None)).collect();
                    let result = match edit {
                        Edit::Insert(_) => session.insert(list.index(at), at, value),
                        Edit::Remove(_) => session.edit(list.index(at), None),
                        Edit::Set(_) => session.edit(list.clone(), Some(tolerations(&whole))),
                    };
                    prop_assert_eq!(result.is_ok(), expected, "{:?} {:?}", edit, items);
                    if expected {
                        set |= matches!(edit, Edit::Set(_));
                        let owner = |id| items.iter().find(|it| it.0 == id).and_then(|it| it.1);
                        let with_owner =
                            |(id, ours): &(u64, bool)| (*id, if *ours { Some(plugin) } else { owner(*id) });
                        items = new.iter().map(with_owner).collect();
                        next += 1;
                    }
                }
                let (draft, provenance, _) = session.finish();
                prop_assert_eq!(&draft["tolerations"], &tolerations(&items));
                // Who sets a list as a whole stands for all that is in it.
                if set {
                    for item in &mut items {
                        item.1 = Some(plugin);
                    }
                }
                state = (draft, provenance);
            }
        }
    }

    fn two(
        first: impl FnOnce(&mut Session),
        second: Arc<Rights>,
        edits: impl FnOnce(&mut Session),
    ) -> Vec<Violation> {
        let draft = json!({"tolerations": [{"key": "base"}]});
        let mut one = session(draft, Provenance::default(), rights(&["**"], &[]));
        first(&mut one);
        let (draft, provenance, _) = one.finish();
        let mut other = session(draft, provenance, second);
        edits(&mut other);
        other.finish().2
    }

    #[test]
    fn a_conflict_is_about_the_item_that_goes() {
        let list: FieldPath = "tolerations".parse().unwrap();
        let append = |session: &mut Session| {
            assert!(session.insert(list.index(1), 1, json!({"key": "gpu"})).is_ok());
        };
        let set = |keys: &'static [&'static str]| {
            let list = list.clone();
            move |session: &mut Session| {
                let items = keys.iter().map(|it| json!({"key": it})).collect();
                drop(session.edit(list, Some(items)));
            }
        };
        let all = || rights(&["**"], &[]);
        assert!(two(append, all(), set(&["base", "gpu", "spot"])).is_empty());
        assert!(two(append, all(), set(&["spot", "gpu"])).is_empty(), "the base is nobody's");
        let [Violation::Conflict { path, earlier, .. }] = &two(append, all(), set(&["base"]))[..]
        else {
            panic!("no conflict")
        };
        assert_eq!((path.to_string().as_str(), earlier.as_str()), ("tolerations[1]", "0"));
        for overrides in ["tolerations", "tolerations[1]", "tolerations[*]"] {
            let rights = rights(&["**"], &[overrides]);
            assert!(two(append, rights, set(&["base"])).is_empty(), "{overrides}");
        }
        let remove = |session: &mut Session| drop(session.edit(list.clone(), None));
        let violations = two(remove, all(), |session| {
            drop(session.insert(list.index(0), 0, json!({"key": "spot"})));
        });
        assert!(matches!(violations[..], [Violation::Conflict { .. }]), "{violations:?}");
    }

    #[test]
    fn a_grant_of_added_items_is_one_of_no_other_edit() {
        let list: FieldPath = "tolerations".parse().unwrap();
        let keys = |keys: &[&str]| keys.iter().map(|it| json!({"key": it})).collect::<Value>();
        let attempt = |grant: &str, edit: &dyn Fn(&mut Session)| {
            two(|_| {}, rights(&[grant], &[]), |session| edit(session))
        };
        let insert = |session: &mut Session| {
            drop(session.insert(list.index(0), 0, json!({"key": "x"})));
        };
        let more =
            |session: &mut Session| drop(session.edit(list.clone(), Some(keys(&["base", "x"]))));
        let other = |session: &mut Session| drop(session.edit(list.clone(), Some(keys(&["x"]))));
        let none = |session: &mut Session| drop(session.edit(list.clone(), None));
        for grant in ["tolerations[+]", "tolerations", "tolerations[*]", "tolerations.**"] {
            assert!(attempt(grant, &insert).is_empty(), "{grant}");
            assert!(attempt(grant, &more).is_empty(), "{grant}");
            let allowed = grant != "tolerations[+]";
            assert_eq!(attempt(grant, &other).is_empty(), allowed, "{grant}");
            assert_eq!(attempt(grant, &none).is_empty(), allowed, "{grant}");
        }
        let hint = attempt("replicas", &insert)[0].hint().unwrap();
        assert!(hint.ends_with("tolerations[+]") || hint.contains("tolerations[+]"), "{hint}");
    }
}
