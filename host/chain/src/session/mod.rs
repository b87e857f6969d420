//! One plugin's edits of one pipeline: the only way in which a plugin changes anything.
//!
//! Every setter of the contract ends in [`Session::edit`]. It asks, in this order: may this plugin
//! write at all, is the field granted, is nothing protected changed, did an earlier plugin decide
//! this field, is the budget left.
//! Then it writes, and records who wrote what and why.
//!
//! When the edits end, what is protected is decided once more, of all of them together
//! ([`Session::finish`]).

pub(crate) mod elements;
mod traced;
mod whole;

use std::cell::{Cell, OnceCell, RefCell};
use std::sync::Arc;

use serde_json::Value;
use wellhead_spec::protected::Touched;
use wellhead_spec::{FieldPath, PathMap, PathPattern, protected};

use crate::bindings::types::{EditError, EditFailure};
use crate::limits::CALL_BYTES;
use crate::limits::budget::UsedUp;
use crate::provenance::trace::Tracer;
use crate::provenance::{Provenance, Write};
use crate::{Budget, Limits, mask, text};
use draft::Fields;
use elements::{Elements, are_lists, changes, is_item, items_of};
use fault::{EditFault, PROTECTED, not_found};
use size::{size_of_key, size_of_segment, size_of_value};
use violation::Violation;

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

/// One plugin's edits of one pipeline.
pub(crate) struct Session {
    draft: Fields,
    provenance: Provenance,
    /// The edits of earlier plugins, of which a conflict is one.
    earlier: OnceCell<PathMap<Vec<usize>>>,
    /// Whose the items of lists without keys are, as the edits so far left them.
    elements: OnceCell<RefCell<Elements>>,
    rights: Arc<Rights>,
    limits: Limits,
    reason: Option<Arc<str>>,
    edits: usize,
    edited_bytes: usize,
    /// Bytes that the plugin and the host's functions exchanged.
    traffic: Cell<usize>,
    /// Whether anything was removed.
    removed: bool,
    /// The draft before the first edit of those that only their sum can judge.
    before: Option<Value>,
    violations: Vec<Violation>,
    /// The last field of which an edit was refused, and the number of edits before it.
    refused: Option<(usize, String)>,
    trace: Option<Box<RefCell<Tracer>>>,
    /// The pipeline before any plugin ran, where the plugin can ask for it.
    base: Option<Arc<Value>>,
}

/// Most violations that one run reports.
const REPORTED_VIOLATIONS: usize = 20;

impl Session {
    /// Starts the edits of the last writer of `provenance`.
    pub(crate) fn new(
        draft: Value,
        provenance: Provenance,
        rights: Arc<Rights>,
        limits: Limits,
    ) -> Self {
        Self {
            draft: Fields::new(draft),
            provenance,
            earlier: OnceCell::new(),
            elements: OnceCell::new(),
            rights,
            limits,
            reason: None,
            edits: 0,
            edited_bytes: 0,
            traffic: Cell::new(0),
            removed: false,
            before: None,
            violations: Vec::new(),
            refused: None,
            trace: None,
            base: None,
        }
    }

    /// The same session, which knows the pipeline before any plugin ran.
    pub(crate) fn on(self, base: Option<Arc<Value>>) -> Self {
        Self { base, ..self }
    }

    /// The value that a field had before any plugin ran.
    pub(crate) fn base(&self, path: &FieldPath) -> Option<&Value> {
        wellhead_spec::draft::get(self.base.as_ref()?, path)
    }

    /// The plugin that set a field last.
    pub(crate) fn set_by(&self, path: &FieldPath) -> Option<&str> {
        let write = self.provenance.history(path).last()?;
        Some(&self.provenance.writer(write).name)
    }

    /// Refuses a fact that the entry does not grant.
    pub(crate) fn deny_fact(&mut self, name: String) -> EditFault {
        let path = FieldPath::of([name.as_str()]);
        self.violate(&path, Violation::UngrantedFact { name })
    }

    /// Ends the edits: judges what they come to, and completes the containers that they added.
    pub(crate) fn finish(mut self) -> (Value, Provenance, Vec<Violation>) {
        if let Some(before) = self.before.take() {
            self.judge_whole(&before);
            self.complete_added(&before);
        }
        (self.draft.into_draft(), self.provenance, self.violations)
    }

    /// The budgets of the call.
    pub(crate) fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Number of edits so far.
    pub(crate) fn edits(&self) -> usize {
        self.edits
    }

    /// Counts a call of one of the host's functions.
    pub(crate) fn called(&mut self) {
        *self.traffic.get_mut() += CALL_BYTES;
    }

    /// Counts bytes that a function of the host takes or gives. It is an error, and ends the plugin, when
    /// they or the calls before are over the budget.
    pub(crate) fn exchange(&self, bytes: usize) -> Result<(), UsedUp> {
        let used = self.traffic.get().saturating_add(bytes);
        self.traffic.set(used);
        let limit = self.limits.traffic;
        if used > limit { Err(UsedUp::new(Budget::Traffic, limit, used)) } else { Ok(()) }
    }

    /// The value of a field, as the edits so far left it.
    pub(crate) fn value(&self, path: &FieldPath) -> Option<&Value> {
        self.draft.get(path)
    }

    /// Whether something that was there when this plugin began, or that it added, is not any more.
    pub(crate) fn lacks(&self, path: &FieldPath) -> bool {
        self.removed && self.value(path).is_none()
    }

    /// Sets the reason of the edits that follow.
    pub(crate) fn because(&mut self, reason: &str) -> Result<(), UsedUp> {
        self.exchange(reason.len())?;
        self.reason = Some(text::sanitize(reason, text::SHOWN_CHARACTERS).into());
        Ok(())
    }

    /// Where an item stands in its list.
    pub(crate) fn position(&self, path: &FieldPath) -> Option<usize> {
        self.draft.position(path)
    }

    /// Sets a field, or removes it.
    pub(crate) fn edit(&mut self, path: FieldPath, new: Option<Value>) -> Result<(), EditFault> {
        self.change(path, new, None)
    }

    /// Puts an item into a list, before the one that stands at this index.
    pub(crate) fn insert(
        &mut self,
        path: FieldPath,
        index: usize,
        new: Value,
    ) -> Result<(), EditFault> {
        self.change(path, Some(new), Some(index))
    }

    fn change(
        &mut self,
        path: FieldPath,
        new: Option<Value>,
        insert: Option<usize>,
    ) -> Result<(), EditFault> {
        self.exchange(size_of_key(&path))?;
        if self.trace.is_none() {
            self.decide(path, new, insert)
        } else {
            self.decide_traced(path, new, insert)
        }
    }

    fn decide(
        &mut self,
        path: FieldPath,
        new: Option<Value>,
        insert: Option<usize>,
    ) -> Result<(), EditFault> {
        if self.rights.read_only {
            return Err(self.violate(&path, Violation::ReadOnly { path: path.clone() }));
        }
        let (old, trail) = self.draft.find(&path);
        // What stands where an item comes in is not what it replaces.
        let old = old.filter(|_| insert.is_none());
        let same = old == new.as_ref();
        let forbidden = self.forbidden(&path, old, new.as_ref(), insert.is_some());
        if !forbidden.is_empty() {
            let faults = forbidden.into_iter().map(|it| match it {
                Violation::Protected { path: ref inside, .. } => self.violate(&inside.clone(), it),
                other => self.violate(&path, other),
            });
            // The plugin hears of the first; all are noted.
            return faults.reduce(|first, _| first).map_or(Ok(()), Err);
        }
        if same {
            return Ok(());
        }
        if let Some(conflict) = self.conflict(&path, old, new.as_ref(), insert) {
            return Err(self.violate(&path, conflict));
        }
        if let Some(over) = self.count(&path, new.as_ref()) {
            return Err(self.violate(&path, over));
        }
        let old = self.draft.get(&path).filter(|_| insert.is_none());
        let list = self.before_items_move(&path, old, new.as_ref());
        if self.before.is_none() && whole::decides(&path, new.as_ref()) {
            self.before = Some(self.draft.draft().clone());
        }
        let written = if let (Some(value), Some(index)) = (&new, insert) {
            self.draft.insert(&path, index, value.clone())
        } else if let Some(value) = &new {
            self.draft.put_along(&path, &trail, value.clone())
        } else {
            self.removed = true;
            self.draft.take(&path).is_some()
        };
        if !written {
            return Err(not_found(&path, "what the field belongs to does not exist"));
        }
        let writer = self.provenance.writers.len() - 1;
        let reason = self.reason.clone();
        let write = Write { path, writer, new, insert, reason, completes: false };
        self.follow(&write, list.as_ref());
        self.provenance.writes.push(write);
        Ok(())
    }

    /// Why the rights do not cover an edit: no grant covers the field, or something protected would
    /// change that is not opened.
    fn forbidden(
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

    /// Whether a grant covers an edit: its field, or every item of a list without keys that it changes.
    fn granted(
        &self,
        path: &FieldPath,
        (old, new): (Option<&Value>, Option<&Value>),
        comes_in: bool,
    ) -> bool {
        let granted =
            |path: &FieldPath| matches_any(&self.rights.grants, path) || self.opened(path);
        let added = |path: &FieldPath| self.rights.grants.iter().any(|it| it.matches_added(path));
        if granted(path) {
            return true;
        }
        let is_new = comes_in || (old.is_none() && new.is_some() && is_item(path));
        if is_new {
            // Who may set a list may add to it.
            return added(path) || (comes_in && path.parent().is_some_and(|list| granted(&list)));
        }
        if !are_lists(path, old, new) {
            return false;
        }
        let (gone, new) = changes(items_of(old), items_of(new));
        let changed = !gone.is_empty() || !new.is_empty();
        changed
            && gone.iter().all(|at| granted(&path.index(*at)))
            && new.iter().all(|at| added(&path.index(*at)))
    }

    /// Whether the entry opens a protected field.
    fn opened(&self, path: &FieldPath) -> bool {
        self.rights.opens.iter().any(|it| it.covers(path))
    }

    /// Counts the edit; says which budget it exceeds.
    fn count(&mut self, path: &FieldPath, new: Option<&Value>) -> Option<Violation> {
        self.edits += 1;
        let keys: usize = path.segments().iter().map(size_of_segment).sum();
        self.edited_bytes = self.edited_bytes.saturating_add(keys + new.map_or(0, size_of_value));
        let over = |budget, limit: usize, used: usize| {
            let (limit, used) = (limit as u64, used as u64);
            (used > limit).then_some(Violation::OverLimit { budget, limit, used })
        };
        over(Budget::Edits, self.limits.edits, self.edits)
            .or_else(|| over(Budget::EditedBytes, self.limits.edited_bytes, self.edited_bytes))
    }

    /// Notes a violation, and tells the plugin.
    fn violate(&mut self, path: &FieldPath, violation: Violation) -> EditFault {
        let (case, message): (fn(EditFailure) -> EditError, _) = match &violation {
            Violation::Denied { .. } => {
                (EditError::Denied, "the chain entry grants no write to this field".to_owned())
            }
            Violation::Protected { why, .. } => (EditError::Denied, format!("{PROTECTED}: {why}")),
            Violation::Conflict { earlier, .. } => {
                (EditError::Conflict, format!("plugin `{earlier}` set this field before"))
            }
            Violation::UngrantedFact { .. } => {
                (EditError::Denied, "the chain entry does not grant this fact".to_owned())
            }
            Violation::ReadOnly { .. } => {
                (EditError::ReadOnly, "a validator cannot write".to_owned())
            }
            Violation::OverLimit { budget, limit, used } => (
                EditError::OverLimit,
                format!("the plugin is over a budget: {}", budget.describe(*limit, *used)),
            ),
        };
        if self.violations.len() < REPORTED_VIOLATIONS && !self.violations.contains(&violation) {
            self.violations.push(violation);
        }
        EditFault::Edit(case(EditFailure { path: path.to_string(), message, hint: None }))
    }
}

fn matches_any(patterns: &[PathPattern], path: &FieldPath) -> bool {
    patterns.iter().any(|pattern| pattern.matches(path))
}

/// The values of a field before and after an edit, for a message.
pub(crate) fn shown(path: &FieldPath, values: [Option<&Value>; 2], absent: &str) -> [String; 2] {
    /// Most characters of one.
    const VALUE: usize = 120;
    mask::unasked(path, values, [absent, "(removed)"], VALUE)
}

pub(crate) mod draft;
pub(crate) mod fault;
pub(crate) mod size;
#[cfg(test)]
mod tests;
pub(crate) mod violation;
