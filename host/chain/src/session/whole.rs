//! What only the sum of a plugin's edits can tell: an item that went and came back, a volume and who
//! mounts it, a container that was not there before.

use std::cell::RefCell;
use std::collections::HashSet;

use serde_json::{Value, json};
use wellhead_spec::draft::{ListKey, list_key};
use wellhead_spec::mount_path::overlap;
use wellhead_spec::protected::Touched;
use wellhead_spec::{FieldPath, PathMap, Segment, protected};

use super::draft::Fields;
use super::elements::{Elements, are_lists, changes, items_of, through};
use super::violation::Violation;
use super::{REPORTED_VIOLATIONS, Session, matches_any, shown};
use crate::provenance::Write;

/// Why the host gives fields to a container that a plugin added.
pub(crate) const COMPLETES: &str =
    "Wellhead: an added container gets the restricted Pod Security profile";

/// Whether an edit by itself does not tell what it comes to. Most edits do, and cost no copy of the draft.
pub(super) fn decides(path: &FieldPath, new: Option<&Value>) -> bool {
    let mut names = [""; 3];
    for (name, segment) in names.iter_mut().zip(path.segments()) {
        if let Segment::Key(key) = segment {
            *name = key;
        }
    }
    let [list, _, field] = names;
    match (list, path.segments().len()) {
        (_, 0) | ("volumes", _) | ("containers" | "initContainers" | "claims", 1 | 2) => true,
        ("containers" | "initContainers", _)
            if matches!(field, "volumeMounts" | "volumeDevices") =>
        {
            true
        }
        ("claims", _) if field == "mountPath" => true,
        _ => {
            let segments = path.segments();
            let above = segments.len().saturating_sub(1);
            let is_item = || list_key(&segments[..above]) != ListKey::Index;
            // A whole list that has keys may lack items that it had.
            list_key(segments) != ListKey::Index || (new.is_none() && is_item())
        }
    }
}

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
    /// The earlier plugin's edit that this one would undo, if it may not.
    pub(super) fn conflict(
        &self,
        path: &FieldPath,
        old: Option<&Value>,
        new: Option<&Value>,
        insert: Option<usize>,
    ) -> Option<Violation> {
        if matches_any(&self.rights.overrides, path) || self.provenance.writers.len() < 2 {
            return None;
        }
        if let Some((list, index, goes_on)) = through(path) {
            return self.conflict_inside(path, (&list, index, goes_on), new, insert);
        }
        if are_lists(path, old, new) {
            return self.conflict_of_list(path, old, new);
        }
        let exists = old.is_some();
        let writes = &self.provenance.writes;
        let earlier = self.earlier.get_or_init(|| self.edits_of_others());
        let (mut theirs, mut completed) = (None, None);
        for at in earlier.at_or_below(path).flat_map(|it| it.1) {
            // What the host completed, no plugin decided.
            let latest = if writes[*at].completes { &mut completed } else { &mut theirs };
            *latest = (*latest).max(Some(*at));
        }
        let (whole, decided): (Vec<usize>, Vec<_>) =
            earlier.above(path).flatten().partition(|at| writes[**at].completes);
        let completed = completed.max(whole.into_iter().max());
        // An item that another plugin added may get fields that it does not have yet.
        let above = decided.into_iter().max().filter(|at| exists && Some(*at) > completed);
        let covered = mounted(path, new).and_then(|it| self.covered(earlier, it));
        Some(self.told_conflict(path, theirs.max(above).max(covered)?, new))
    }

    /// The conflict with an edit.
    fn told_conflict(&self, path: &FieldPath, earlier: usize, new: Option<&Value>) -> Violation {
        let earlier = self.provenance.writer(&self.provenance.writes[earlier]).name.clone();
        let [theirs, ours] = shown(path, [self.draft.get(path), new], "(removed)");
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
        if insert.is_some() && !goes_on {
            // A list that another plugin removed stays removed; in one that is there, a new item is in nobody's way.
            let removed = whole.filter(|at| self.provenance.writes[*at].new.is_none());
            let removed = removed.filter(|_| self.draft.get(list).is_none())?;
            let overridden = matches_any(&self.rights.overrides, list);
            return (!overridden).then(|| self.told_conflict(list, removed, new));
        }
        // An item that another plugin added may get fields that it does not have yet.
        self.draft.get(path)?;
        let owner = self.elements().borrow().owner(list, index, whole)?;
        let overridden = matches_any(&self.rights.overrides, &list.index(index));
        (!overridden).then(|| self.told_conflict(path, owner, new))
    }

    /// The conflict of an edit of a list without keys as a whole: with who added or changed an item that goes.
    fn conflict_of_list(
        &self,
        list: &FieldPath,
        old: Option<&Value>,
        new: Option<&Value>,
    ) -> Option<Violation> {
        let (gone, _) = changes(items_of(old), items_of(new));
        let whole = self.whole_edit(list);
        let elements = self.elements().borrow();
        gone.into_iter().find_map(|index| {
            let owner = elements.owner(list, index, whole)?;
            let item = list.index(index);
            let overridden = matches_any(&self.rights.overrides, &item);
            (!overridden).then(|| self.told_conflict(&item, owner, None))
        })
    }

    /// The latest edit of another plugin of a field, or of what it stands in, that no plugin's host completed since.
    fn whole_edit(&self, path: &FieldPath) -> Option<usize> {
        let earlier = self.earlier.get_or_init(|| self.edits_of_others());
        let (completed, decided): (Vec<usize>, Vec<usize>) = earlier
            .at_or_above(path)
            .flatten()
            .partition(|at| self.provenance.writes[**at].completes);
        decided.into_iter().max().filter(|at| Some(*at) > completed.into_iter().max())
    }

    /// Whose the items of lists without keys are.
    fn elements(&self) -> &RefCell<Elements> {
        self.elements.get_or_init(|| {
            let this = self.provenance.writers.len() - 1;
            let mut elements = Elements::default();
            for (at, write) in self.provenance.writes.iter().enumerate() {
                let theirs = write.writer != this && !write.completes;
                elements.follow(write, theirs.then_some(at), None);
            }
            RefCell::new(elements)
        })
    }

    /// Follows an edit of this plugin, so that items that move keep whose they are. `old` is the value before.
    pub(super) fn follow(&self, write: &Write, old: Option<&Value>) {
        if let Some(elements) = self.elements.get() {
            elements.borrow_mut().follow(write, None, old);
        }
    }

    /// Gets ready to follow an edit that moves items, and gives the list before it where it is set as a whole.
    pub(super) fn before_items_move(
        &self,
        path: &FieldPath,
        old: Option<&Value>,
        new: Option<&Value>,
    ) -> Option<Value> {
        let is_list = are_lists(path, old, new);
        if self.provenance.writers.len() > 1 && (is_list || through(path).is_some()) {
            self.elements();
        }
        old.filter(|_| is_list).cloned()
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

    /// The edits of the plugins before this one, by their fields.
    fn edits_of_others(&self) -> PathMap<Vec<usize>> {
        let this = self.provenance.writers.len() - 1;
        let mut edits = PathMap::<Vec<usize>>::default();
        for (at, write) in self.provenance.writes.iter().enumerate() {
            if write.writer != this {
                edits.entry(write.path.clone()).push(at);
            }
        }
        edits
    }

    /// Notes the protected fields that the edits changed in sum.
    pub(super) fn judge_whole(&mut self, before: &Value) {
        for Touched { path, why } in protected::changed(before, self.draft.draft()) {
            if self.opened(&path) || self.told(&path) {
                continue;
            }
            if self.violations.len() < REPORTED_VIOLATIONS {
                self.violations.push(Violation::Protected { path, why });
            }
        }
    }

    /// Whether an edit of this field was refused already.
    fn told(&self, path: &FieldPath) -> bool {
        self.violations
            .iter()
            .any(|it| matches!(it, Violation::Protected { path: at, .. } if at == path))
    }

    /// Gives what the restricted profile asks for to the containers that were not there before, but for
    /// what the entry opens and what the pod has for all of them.
    /// <https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted>
    pub(super) fn complete_added(&mut self, before: &Value) {
        for list in ["containers", "initContainers"] {
            let had: HashSet<&str> = names(before, list).collect();
            let added: Vec<_> = names(self.draft.draft(), list)
                .filter(|name| !had.contains(name))
                .map(|name| FieldPath::of([list, name]))
                .collect();
            for container in added {
                for (path, value) in missing(&self.draft, &container) {
                    if !self.opened(&path) {
                        self.complete(path, value);
                    }
                }
            }
        }
    }

    fn complete(&mut self, path: FieldPath, value: Value) {
        let writer = self.provenance.writers.len() - 1;
        if self.draft.put(&path, value.clone()) {
            let reason = Some(COMPLETES.into());
            let new = Some(value);
            let write = Write { path, writer, new, insert: None, reason, completes: true };
            self.provenance.writes.push(write);
        }
    }
}

fn names<'v>(draft: &'v Value, list: &str) -> impl Iterator<Item = &'v str> {
    let items = draft.get(list).and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    items.iter().filter_map(|it| it.get("name")?.as_str())
}

/// The fields that a container lacks for the restricted profile, with their values.
fn missing(fields: &Fields, container: &FieldPath) -> Vec<(FieldPath, Value)> {
    let at = container.key("securityContext");
    let draft = fields.draft();
    let own = |pointer: &str| fields.get(&at).and_then(|it| it.pointer(pointer));
    let pod = |pointer: &str| draft.get("securityContext").and_then(|it| it.pointer(pointer));
    let is = |value: Option<&Value>, other: Value| value == Some(&other);
    let mut missing = Vec::new();
    // A container that is made root on purpose, which is protected, could not start otherwise.
    let root = is(own("/runAsUser").or_else(|| pod("/runAsUser")), json!(0));
    if !root && own("/runAsNonRoot").is_none() && !is(pod("/runAsNonRoot"), json!(true)) {
        missing.push((at.key("runAsNonRoot"), json!(true)));
    }
    // Windows has none of the others.
    if is(draft.pointer("/os/name"), json!("windows")) {
        return missing;
    }
    let adds = |name: &str| {
        let added = own("/capabilities/add").and_then(Value::as_array);
        added.is_some_and(|it| it.iter().any(|it| it == name))
    };
    // Kubernetes takes `false` beside neither of these, which are protected.
    let all_rights =
        is(own("/privileged"), json!(true)) || adds("SYS_ADMIN") || adds("CAP_SYS_ADMIN");
    if !all_rights && own("/allowPrivilegeEscalation").is_none() {
        missing.push((at.key("allowPrivilegeEscalation"), json!(false)));
    }
    let dropped = own("/capabilities/drop").and_then(Value::as_array);
    if !dropped.is_some_and(|it| it.iter().any(|it| it == "ALL")) {
        missing.push((at.key("capabilities").then("drop"), json!(["ALL"])));
    }
    let confined =
        |value: Option<&Value>| value.is_some_and(|it| it == "RuntimeDefault" || it == "Localhost");
    if own("/seccompProfile/type").is_none() && !confined(pod("/seccompProfile/type")) {
        missing.push((at.key("seccompProfile").then("type"), json!("RuntimeDefault")));
    }
    missing
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use proptest::prelude::*;

    use super::*;
    use crate::session::Rights;
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
                path,
                writer,
                new: set.then(|| json!(1)),
                insert: None,
                reason: None,
                completes,
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
                Arc::new(Writer { name, version, digest, customization })
            });
            let expected = by_each(&writes, &path, exists, sets);
            let expected = expected.map(|it| writers[it.writer].name.clone());
            let provenance = Provenance { writers: writers.to_vec(), writes };
            let session =
                Session::new(json!({}), provenance, Rights::default().into(), Limits::default());
            let old = exists.then(|| json!(3));
            let new = sets.then(|| json!(2));
            let found = session.conflict(&path, old.as_ref(), new.as_ref(), None);
            let found = found.map(|it| match it {
                Violation::Conflict { earlier, .. } => earlier,
                other => panic!("{other:?}"),
            });
            prop_assert_eq!(found, expected);
        }
    }
}
