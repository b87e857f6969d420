//! What a chain entry may write: grants and openings, by field, by part and by item.

use serde_json::{Map, Value};
use wellhead_spec::draft::{ListKey, list_key};
use wellhead_spec::protected::Touched;
use wellhead_spec::{FieldPath, PathPattern, protected};

use super::Session;
use super::changes::{Changes, ListChange};
use super::violation::Violation;

/// What a chain entry may do.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rights {
    /// Fields that it may write.
    pub(crate) grants: Vec<PathPattern>,
    /// Protected fields that it may write.
    pub(crate) opens: Vec<PathPattern>,
    /// Fields that it may write although an earlier plugin wrote them.
    pub(crate) overrides: Vec<PathPattern>,
    /// Whether it may only read, as validators do.
    pub(crate) read_only: bool,
}

impl Rights {
    /// The right to read, as validators have it.
    pub(crate) fn read_only() -> Self {
        Self { read_only: true, ..Self::default() }
    }
}

impl Session {
    /// Why the rights do not cover an edit: no grant covers the field, or something protected would
    /// change that is not opened.
    pub(super) fn forbidden(
        &self,
        path: &FieldPath,
        old: Option<&Value>,
        new: Option<&Value>,
        comes_in: bool,
    ) -> Vec<Violation> {
        let opened = |path: &FieldPath| self.opened(path);
        let mut touched = protected::touched(self.draft.draft(), path, old, new);
        touched.retain(|it| !opened(&it.path));
        let granted = self.granted(path, (old, new), comes_in);
        if granted && touched.is_empty() {
            return Vec::new();
        }
        // An opening is a grant, so a protected field needs one line and not two.
        let denied = !granted && !touched.iter().any(|it| it.path == *path);
        let denied = denied.then(|| Violation::Denied { path: path.clone(), adds: comes_in });
        let protected =
            touched.into_iter().map(|Touched { path, why }| Violation::Protected { path, why });
        denied.into_iter().chain(protected).collect()
    }

    /// Whether a grant covers an edit: its field, or all that it changes of it.
    fn granted(
        &self,
        path: &FieldPath,
        (old, new): (Option<&Value>, Option<&Value>),
        comes_in: bool,
    ) -> bool {
        let Rights { grants, .. } = &*self.rights;
        let added = |path: &FieldPath| grants.iter().any(|it| it.matches_added(path));
        let comes_in = comes_in || (old.is_none() && new.is_some() && is_item(path));
        if matches_any(grants, path) || self.opened(path) || (comes_in && added(path)) {
            return true;
        }
        if comes_in {
            // Who may set a list may add to it.
            return path.parent().is_some_and(|list| matches_any(grants, &list));
        }
        // A map or list that is not there is one without parts.
        let empty = match new.or(old) {
            Some(Value::Object(_)) => Value::Object(Map::new()),
            Some(Value::Array(_)) => Value::Array(Vec::new()),
            _ => return false,
        };
        let changes = Changes::of(path, old.or(Some(&empty)), new.or(Some(&empty)));
        let part = |part: &FieldPath| {
            let is_new = || is_item(part) && self.draft.get(part).is_none();
            reaches(grants, path, part) || self.opened(part) || (is_new() && added(part))
        };
        let item = |item: &FieldPath| reaches(grants, path, item);
        !changes.is_empty()
            && changes.parts.iter().all(part)
            && changes.lists.iter().all(|ListChange { list, gone, added: new, .. }| {
                gone.iter().all(|at| item(&list.index(*at)))
                    && new.iter().map(|it| list.index(it.0)).all(|at| item(&at) || added(&at))
            })
    }

    /// Whether the entry opens a protected field.
    pub(super) fn opened(&self, path: &FieldPath) -> bool {
        self.rights.opens.iter().any(|it| it.covers(path))
    }
}

/// Whether a path names an item of a list that has keys.
fn is_item(path: &FieldPath) -> bool {
    let list = path.segments().split_last().map_or(&[][..], |it| it.1);
    list_key(list) != ListKey::Index
}

fn matches_any(patterns: &[PathPattern], path: &FieldPath) -> bool {
    patterns.iter().any(|pattern| pattern.matches(path))
}

/// Whether a pattern names a part of the field that is edited, or what the part stands in.
pub(super) fn reaches(patterns: &[PathPattern], edited: &FieldPath, part: &FieldPath) -> bool {
    if patterns.is_empty() {
        return false;
    }
    let steps = part.segments();
    (edited.segments().len()..=steps.len()).any(|depth| {
        let path: FieldPath = steps[..depth].iter().cloned().collect();
        patterns.iter().any(|it| it.matches(&path))
    })
}
