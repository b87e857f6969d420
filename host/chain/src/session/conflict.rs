//! What an earlier plugin decided, and a later one may not undo: fields, parts of maps, and items of lists.

use std::cell::RefCell;

use serde_json::Value;
use wellhead_spec::draft::child;
use wellhead_spec::mount_path::overlap;
use wellhead_spec::{FieldPath, PathMap, Segment};

use super::changes::{Changes, ListChange, through};
use super::elements::Elements;
use super::rights::reaches;
use super::violation::Violation;
use super::whole::names;
use super::{Session, shown};
use crate::provenance::Write;

/// Where an edit mounts something: the list of mounts of a container, none for the claims, which the main container
/// mounts; and the place.
fn mounted<'w>(
    path: &'w FieldPath,
    new: Option<&'w Value>,
) -> Option<(Option<FieldPath>, &'w str)> {
    let new = new?;
    match path.segments() {
        [_, _, Segment::Key(field), Segment::Key(place)] if field == "volumeMounts" => {
            Some((Some(path.segments()[..3].iter().cloned().collect()), place))
        }
        [Segment::Key(list), _, Segment::Key(field)]
            if list == "claims" && field == "mountPath" =>
        {
            Some((None, new.as_str()?))
        }
        [Segment::Key(list), _] if list == "claims" => {
            Some((None, new.get("mountPath")?.as_str()?))
        }
        _ => None,
    }
}

impl Session {
    /// The edits of earlier plugins that this one would undo, and may not.
    pub(super) fn conflicts(
        &self,
        path: &FieldPath,
        (old, new): (Option<&Value>, Option<&Value>),
        insert: Option<usize>,
        changes: Option<&Changes>,
    ) -> Vec<Violation> {
        if self.provenance.writers.len() < 2 || reaches(&self.rights.overrides, path, path) {
            return Vec::new();
        }
        if let Some((list, index, goes_on)) = through(path) {
            let found = self.conflict_inside(path, (&list, index, goes_on), new, insert);
            return found.into_iter().collect();
        }
        let Some(Changes { parts, lists }) = changes else {
            return self.conflict_of_part(path, path, old, new).into_iter().collect();
        };
        let inside = |value: Option<&'_ Value>, at: &FieldPath| inside(value?, path, at).cloned();
        let parts = parts.iter().filter_map(|part| {
            let (old, new) = (inside(old, part), inside(new, part));
            self.conflict_of_part(path, part, old.as_ref(), new.as_ref())
        });
        parts.chain(lists.iter().flat_map(|it| self.conflicts_of_list(path, it))).collect()
    }

    /// The conflict about a part of the field that is edited.
    fn conflict_of_part(
        &self,
        edited: &FieldPath,
        part: &FieldPath,
        old: Option<&Value>,
        new: Option<&Value>,
    ) -> Option<Violation> {
        let writes = &self.provenance.writes;
        let earlier = self.edits_of_others();
        let (mut theirs, mut completed) = (None, None);
        for at in earlier.at_or_below(part).flat_map(|it| it.1) {
            // What the host completed, no plugin decided.
            let latest = if writes[*at].completes { &mut completed } else { &mut theirs };
            *latest = (*latest).max(Some(*at));
        }
        let (whole, decided): (Vec<usize>, Vec<_>) =
            earlier.above(part).flatten().partition(|at| writes[**at].completes);
        let completed = completed.max(whole.into_iter().max());
        // An item that another plugin added may get fields that it does not have yet.
        let above = decided.into_iter().max().filter(|at| old.is_some() && Some(*at) > completed);
        let covered = mounted(part, new).and_then(|it| self.covered(earlier, it));
        let theirs = theirs.max(above).max(covered)?;
        let overridden = reaches(&self.rights.overrides, edited, part);
        (!overridden).then(|| self.told_conflict(part, theirs, [old, new]))
    }

    /// The conflict with an edit about a field that has these values, before and after.
    fn told_conflict(
        &self,
        path: &FieldPath,
        earlier: usize,
        values: [Option<&Value>; 2],
    ) -> Violation {
        let earlier = self.provenance.writer(&self.provenance.writes[earlier]).name.clone();
        let [theirs, ours] = shown(path, values, "(removed)");
        Violation::Conflict { path: path.clone(), earlier, theirs, ours }
    }

    /// The conflict of an edit of an item of a list without keys, or of what stands in it.
    fn conflict_inside(
        &self,
        path: &FieldPath,
        (list, index, goes_on): (&FieldPath, usize, bool),
        new: Option<&Value>,
        insert: Option<usize>,
    ) -> Option<Violation> {
        let whole = self.whole_edit(list);
        let item = list.index(index);
        if let (Some(new), false) = (new, goes_on)
            && let Some(conflict) = self.brings_back(list, list, (index, new))
        {
            return Some(conflict);
        }
        if insert.is_some() && !goes_on {
            // A list that another plugin removed stays removed; in one that is there, a new item is in nobody's way.
            let removed = whole.filter(|at| self.provenance.writes[*at].new.is_none());
            let removed = removed.filter(|_| self.draft.get(list).is_none())?;
            let overridden = self.overrides_added(list, &item);
            return (!overridden).then(|| self.told_conflict(list, removed, [None, new]));
        }
        // An item that another plugin added may get fields that it does not have yet.
        let old = self.draft.get(path)?;
        let owner = self.elements().borrow().owner(list, index, whole)?;
        let overridden = reaches(&self.rights.overrides, list, &item);
        (!overridden).then(|| self.told_conflict(path, owner, [Some(old), new]))
    }

    /// The conflicts of an edit that sets a list without keys: with who added or changed an item that goes, and with who
    /// removed one that comes back.
    fn conflicts_of_list(&self, edited: &FieldPath, change: &ListChange) -> Vec<Violation> {
        let list = &change.list;
        let whole = self.whole_edit(list);
        let gone = change.gone.iter().filter_map(|index| {
            let owner = self.elements().borrow().owner(list, *index, whole)?;
            let item = list.index(*index);
            let overridden = reaches(&self.rights.overrides, edited, &item);
            (!overridden).then(|| self.told_conflict(&item, owner, [self.draft.get(&item), None]))
        });
        let back = change.added.iter();
        let back = back.filter_map(|(at, item)| self.brings_back(edited, list, (*at, item)));
        gone.chain(back).collect()
    }

    /// The conflict with who removed an item that comes in.
    fn brings_back(
        &self,
        edited: &FieldPath,
        list: &FieldPath,
        (index, item): (usize, &Value),
    ) -> Option<Violation> {
        let removed = self.elements().borrow().removal(list, item)?;
        let at = list.index(index);
        let overridden =
            reaches(&self.rights.overrides, edited, &at) || self.overrides_added(list, &at);
        (!overridden).then(|| self.told_conflict(&at, removed, [None, Some(item)]))
    }

    /// Whether an override covers an item that comes in.
    fn overrides_added(&self, list: &FieldPath, item: &FieldPath) -> bool {
        let overrides = &self.rights.overrides;
        overrides.iter().any(|it| it.matches(list) || it.matches_added(item))
    }

    /// The latest edit of another plugin of a field, or of what it stands in, that no plugin's host completed since.
    fn whole_edit(&self, path: &FieldPath) -> Option<usize> {
        let (completed, decided): (Vec<usize>, Vec<usize>) = self
            .edits_of_others()
            .at_or_above(path)
            .flatten()
            .partition(|at| self.provenance.writes[**at].completes);
        decided.into_iter().max().filter(|at| Some(*at) > completed.into_iter().max())
    }

    /// The plugin that set a field last.
    pub(crate) fn set_by(&self, path: &FieldPath) -> Option<&str> {
        let write = if let Some((list, index, _)) = through(path) {
            self.elements().borrow().owner(&list, index, self.whole_edit(&list))
        } else {
            let earlier = self.edits_of_others();
            let above = earlier.above(path).flatten();
            let above = above.filter(|at| self.provenance.writes[**at].sets(path));
            above.chain(earlier.at_or_below(path).flat_map(|it| it.1)).copied().max()
        };
        Some(&self.provenance.writer(&self.provenance.writes[write?]).name)
    }

    /// Whose the items of lists without keys are.
    fn elements(&self) -> &RefCell<Elements> {
        self.elements.get_or_init(|| {
            let mut elements = Elements::default();
            for (at, write) in self.provenance.writes.iter().enumerate() {
                let theirs = !self.made(write) && !write.completes;
                elements.follow(write, theirs.then_some(at));
            }
            RefCell::new(elements)
        })
    }

    /// Whether the plugin that runs now made an edit. Who only judges made none, also where its other half did.
    fn made(&self, write: &Write) -> bool {
        !self.rights.read_only && write.writer + 1 == self.provenance.writers.len()
    }

    /// Follows an edit of this plugin, so that items that move keep whose they are.
    pub(super) fn follow(&self, write: &Write) {
        if let Some(elements) = self.elements.get() {
            elements.borrow_mut().follow(write, None);
        }
    }

    /// The latest edit of another plugin that mounts something in the same container, at, above or below this place.
    fn covered(
        &self,
        earlier: &PathMap<Vec<usize>>,
        (list, place): (Option<FieldPath>, &str),
    ) -> Option<usize> {
        let main = names(self.draft.draft(), "containers").next();
        let main = main.map(|name| FieldPath::of(["containers", name, "volumeMounts"]));
        let list = list.or_else(|| main.clone())?;
        let claims = (Some(&list) == main.as_ref()).then(|| FieldPath::of(["claims"]));
        let beside: Vec<_> = std::iter::once(list).chain(claims).collect();
        let beside = beside.iter().flat_map(|at| earlier.at_or_below(at)).flat_map(|it| it.1);
        let covers = |at: &usize| {
            let Write { path, new, completes, .. } = &self.provenance.writes[*at];
            let theirs = mounted(path, new.as_ref());
            !completes && theirs.is_some_and(|(_, theirs)| overlap(place, theirs))
        };
        beside.copied().filter(covers).max()
    }

    /// The edits of the plugins before this one, by the fields that they decide.
    fn edits_of_others(&self) -> &PathMap<Vec<usize>> {
        self.earlier.get_or_init(|| {
            let mut edits = PathMap::<Vec<usize>>::default();
            for (at, write) in self.provenance.writes.iter().enumerate() {
                for part in write.parts().iter().filter(|_| !self.made(write)) {
                    edits.entry(part.clone()).push(at);
                }
            }
            edits
        })
    }
}

/// The value of a part of a field that has this value.
fn inside<'v>(value: &'v Value, field: &FieldPath, part: &FieldPath) -> Option<&'v Value> {
    let (steps, from) = (part.segments(), field.segments().len());
    (from..steps.len()).try_fold(value, |value, at| child(value, &steps[..at], &steps[at]))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::session::Rights;
    use crate::session::tests::{rights, session};
    use crate::{Limits, Provenance, Writer};

    fn path() -> impl Strategy<Value = FieldPath> {
        let paths = [
            "containers",
            "containers.a",
            "containers.b",
            "containers.a.image",
            "containers.a.securityContext.runAsNonRoot",
            "containers.a.volumeMounts",
            "containers.a.volumeMounts./data",
            "containers.a.volumeMounts./data/x",
            "containers.a.volumeMounts./database",
            "containers.b.volumeMounts./data",
        ];
        prop::sample::select(Vec::from(paths)).prop_map(|text| text.parse().unwrap())
    }

    /// An edit of one of three plugins, the last of which is the one that runs.
    fn write() -> impl Strategy<Value = Write> {
        (path(), 0..3_usize, any::<bool>(), any::<bool>()).prop_map(
            |(path, writer, set, completes)| Write {
                completes,
                ..Write::of(writer, path, set.then(|| json!(1)))
            },
        )
    }

    /// The latest edit of another plugin that a new one would undo, by a look at each.
    fn by_each<'w>(
        writes: &'w [Write],
        path: &FieldPath,
        exists: bool,
        sets: bool,
    ) -> Option<&'w Write> {
        let mut completed = false;
        writes.iter().rev().filter(|it| it.writer != 2).find(|write| {
            if write.completes {
                completed |= path.contains(&write.path) || write.path.contains(path);
                return false;
            }
            let value = json!(1);
            let covered = mounted(path, Some(&value)).is_some_and(|(list, place)| {
                let theirs = mounted(&write.path, write.new.as_ref());
                theirs.is_some_and(|(at, theirs)| at == list && overlap(place, theirs))
            });
            path.contains(&write.path)
                || (exists && !completed && write.path.contains(path))
                || (sets && covered)
        })
    }

    proptest! {
        #[test]
        fn a_conflict_is_with_the_edit_that_a_look_at_each_finds(
            mut writes in prop::collection::vec(write(), 0..12),
            path in path(), exists in any::<bool>(), sets in any::<bool>(),
        ) {
            writes.sort_by_key(|it| it.writer);
            let writers = ["one", "two", "three"].map(|name| {
                let name = name.to_owned();
                let [version, digest, customization] = [String::new(), String::new(), String::new()];
                Arc::new(Writer { name, version, digest, customization, facts_digest: None })
            });
            let expected = by_each(&writes, &path, exists, sets);
            let expected = expected.map(|it| writers[it.writer].name.clone());
            let provenance = Provenance { writers: writers.to_vec(), writes };
            let session =
                Session::new(json!({}), provenance, Rights::default().into(), Limits::default());
            let old = exists.then(|| json!(3));
            let new = sets.then(|| json!(2));
            let found = session.conflicts(&path, (old.as_ref(), new.as_ref()), None, None);
            let found = found.into_iter().next().map(|it| match it {
                Violation::Conflict { earlier, .. } => earlier,
                other => panic!("{other:?}"),
            });
            prop_assert_eq!(found, expected);
        }
    }

    type Edit<'e> = (&'e str, Option<Value>);

    /// What a plugin is refused that makes this edit after others made theirs.
    fn refused(base: &Value, others: &[Edit], edit: Edit, rights: Arc<Rights>) -> Vec<String> {
        let (mut draft, mut provenance) = (base.clone(), Provenance::default());
        let mut all = Vec::new();
        for ((path, new), rights) in others
            .iter()
            .map(|it| (it.clone(), self::rights(&["**"], &["**"])))
            .chain([(edit, rights)])
        {
            let mut session = session(draft, provenance, rights);
            let path: FieldPath = path.parse().unwrap();
            match (path.segments().last(), &new) {
                (Some(Segment::Index(at)), Some(new)) if session.value(&path).is_none() => {
                    drop(session.insert(path.clone(), *at, new.clone()));
                }
                _ => drop(session.edit(path, new)),
            }
            (draft, provenance, all) = session.finish();
        }
        let path = |it: Violation| match it {
            Violation::Conflict { path, earlier, .. } => format!("{path} of {earlier}"),
            Violation::Denied { path, .. } => format!("{path} is not granted"),
            other => panic!("{other:?}"),
        };
        all.into_iter().map(path).collect()
    }

    #[test]
    fn two_plugins_that_set_different_parts_of_a_map_are_no_conflict() {
        let base = json!({"affinity": {"nodeAffinity": {"a": 1}}});
        let pod = json!({"terms": ["x"]});
        let first = ("affinity", Some(json!({"nodeAffinity": {"a": 1}, "podAffinity": pod})));
        let all = || rights(&["**"], &[]);
        let second = |value: Value, rights| {
            refused(&base, std::slice::from_ref(&first), ("affinity", Some(value)), rights)
        };
        let both = json!({"nodeAffinity": {"a": 2}, "podAffinity": pod, "podAntiAffinity": {}});
        assert_eq!(second(both, all()), [""; 0], "the base is nobody's");
        let without = || json!({"nodeAffinity": {"a": 2}});
        assert_eq!(second(without(), all()), ["affinity.podAffinity of 0"]);
        for covers in ["affinity", "affinity.podAffinity", "affinity.*"] {
            assert_eq!(second(without(), rights(&["**"], &[covers])), [""; 0], "{covers}");
        }
        let more = json!({"nodeAffinity": {"a": 1}, "podAffinity": {"terms": ["x", "y"]}});
        assert_eq!(second(more, all()), [""; 0]);
        let other = json!({"nodeAffinity": {"a": 1}, "podAffinity": {"terms": ["y"]}});
        assert_eq!(second(other, all()), ["affinity.podAffinity.terms[0] of 0"]);
    }

    #[test]
    fn a_part_that_another_plugin_removed_stays_removed() {
        let base = json!({"affinity": {"nodeAffinity": {"a": 1}, "podAffinity": {"b": 1}}});
        let removed = ("affinity", Some(json!({"podAffinity": {"b": 1}})));
        let all = || rights(&["**"], &[]);
        let back = ("affinity", Some(base["affinity"].clone()));
        assert_eq!(refused(&base, &[removed], back.clone(), all()), ["affinity.nodeAffinity of 0"]);
        let whole = ("affinity", None);
        assert_eq!(refused(&base, &[whole], back, all()), ["affinity of 0"]);
    }

    #[test]
    fn an_item_that_another_plugin_removed_stays_removed() {
        let base = json!({"args": ["-a", "-b", "-c"]});
        let list = |items: &[&str]| ("args", Some(json!(items)));
        let all = || rights(&["**"], &[]);
        for removed in [("args[1]", None), list(&["-a", "-c"])] {
            let others = [removed];
            let set = list(&["-a", "-b", "-c"]);
            assert_eq!(refused(&base, &others, set.clone(), all()), ["args[1] of 0"]);
            let append = ("args[2]", Some(json!("-b")));
            assert_eq!(refused(&base, &others, append.clone(), all()), ["args[2] of 0"]);
            for covers in ["args", "args[*]", "args[+]"] {
                let rights = || rights(&["**"], &[covers]);
                assert_eq!(refused(&base, &others, append.clone(), rights()), [""; 0], "{covers}");
                assert_eq!(refused(&base, &others, set.clone(), rights()), [""; 0], "{covers}");
            }
            assert_eq!(refused(&base, &others, ("args[2]", Some(json!("-d"))), all()), [""; 0]);
            // Who may do so decides anew.
            let again = [others[0].clone(), append];
            assert_eq!(refused(&base, &again, ("args[3]", Some(json!("-b"))), all()), [""; 0]);
        }
        let moved = [list(&["-b", "-a", "-c"])];
        assert_eq!(refused(&base, &moved, ("args[3]", Some(json!("-a"))), all()), [""; 0]);
    }

    #[test]
    fn who_sets_a_list_with_one_more_item_owns_this_item_alone() {
        let base = json!({"args": ["-a", "-b"]});
        let list = |items: &[&str]| ("args", Some(json!(items)));
        let all = || rights(&["**"], &[]);
        let more = [list(&["-a", "-b", "-c"])];
        assert_eq!(refused(&base, &more, list(&["-a", "-c"]), all()), [""; 0]);
        assert_eq!(refused(&base, &more, list(&["-a"]), all()), ["args[2] of 0"]);
    }

    #[test]
    fn a_grant_of_all_parts_that_change_is_enough() {
        let base = json!({"affinity": {"nodeAffinity": {"a": 1}}});
        let edit = |value: Value| ("affinity", Some(value));
        let grant = |grants: &[&str], edit: Edit| refused(&base, &[], edit, rights(grants, &[]));
        let adds = || edit(json!({"nodeAffinity": {"a": 1}, "podAffinity": {"b": 1}}));
        for grants in ["affinity.podAffinity", "affinity.*", "affinity.podAffinity.**"] {
            assert_eq!(grant(&[grants], adds()), [""; 0], "{grants}");
        }
        assert_eq!(grant(&["affinity.nodeAffinity"], adds()), ["affinity is not granted"]);
        let both = edit(json!({"nodeAffinity": {"a": 2}, "podAffinity": {"b": 1}}));
        assert_eq!(grant(&["affinity.podAffinity"], both.clone()), ["affinity is not granted"]);
        assert_eq!(grant(&["affinity.podAffinity", "affinity.nodeAffinity.a"], both), [""; 0]);
        let none = ("affinity", None);
        assert_eq!(grant(&["affinity.podAffinity"], none.clone()), ["affinity is not granted"]);
        assert_eq!(grant(&["affinity.nodeAffinity"], none), [""; 0]);
        let new = ("dnsConfig", Some(json!({"nameservers": ["10.0.0.10"]})));
        assert_eq!(grant(&["dnsConfig.nameservers"], new.clone()), [""; 0]);
        assert_eq!(grant(&["dnsConfig.searches"], new), ["dnsConfig is not granted"]);
    }

    #[test]
    fn a_field_has_the_plugin_that_set_it_last_wherever_its_item_went() {
        let base = json!({"args": ["-a"], "affinity": {"nodeAffinity": {"a": 1}}});
        let mut one = session(base, Provenance::default(), rights(&["**"], &[]));
        let path = |text: &str| text.parse::<FieldPath>().unwrap();
        assert!(one.insert(path("args[1]"), 1, json!("-b")).is_ok());
        let (draft, provenance, _) = one.finish();
        let mut two = session(draft, provenance, rights(&["**"], &[]));
        assert!(two.insert(path("args[0]"), 0, json!("-c")).is_ok());
        let affinity = json!({"nodeAffinity": {"a": 1}, "podAffinity": {}});
        assert!(two.edit(path("affinity"), Some(affinity)).is_ok());
        let (draft, provenance, _) = two.finish();
        let validator = session(draft, provenance, Rights::read_only().into());
        for (field, by) in [
            ("args[0]", Some("1")),
            ("args[1]", None),
            ("args[2]", Some("0")),
            ("affinity.podAffinity", Some("1")),
            ("affinity.nodeAffinity.a", None),
            ("replicas", None),
        ] {
            assert_eq!(validator.set_by(&path(field)), by, "{field}");
        }
    }
}
