//! One plugin's edits of one pipeline: the only way in which a plugin changes anything.
//!
//! Every setter of the contract ends in [`Session::edit`]. It asks, in this order: may this plugin
//! write at all, is the field granted, is nothing protected changed, did an earlier plugin decide
//! this field, is the budget left.
//! Then it writes, and records who wrote what and why.
//!
//! When the edits end, what is protected is decided once more, of all of them together
//! ([`Session::finish`]).

pub(crate) mod changes;
mod conflict;
mod elements;
mod rights;
mod surroundings;
mod traced;
mod whole;

use std::cell::{Cell, OnceCell, RefCell};
use std::sync::Arc;

use serde_json::Value;
use wellhead_spec::{FieldPath, PathMap};

use crate::bindings::types::{EditError, EditFailure};
use crate::facts::Granted;
use crate::limits::CALL_BYTES;
use crate::limits::budget::UsedUp;
use crate::provenance::trace::Tracer;
use crate::provenance::{Provenance, Write};
use crate::{Budget, Limits, mask, text};
use changes::{Changes, through};
use draft::Fields;
use elements::Elements;
use fault::{EditFault, PROTECTED, not_found};
pub(crate) use rights::Rights;
use size::{size_of_key, size_of_segment, size_of_value};
use violation::Violation;

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
    /// Facts that the entry grants.
    facts: Arc<Granted>,
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
            facts: Arc::default(),
        }
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
        if let Some(fault) = self.violate_all(&path, forbidden) {
            return Err(fault);
        }
        if same {
            return Ok(());
        }
        let old = self.draft.get(&path).filter(|_| insert.is_none());
        // An item of a list without keys is its own part.
        let is_item = through(&path).is_some();
        let changes = match (old, &new) {
            (Some(old @ (Value::Object(_) | Value::Array(_))), Some(new)) if !is_item => {
                Some(Changes::of(&path, Some(old), Some(new)))
            }
            _ => None,
        };
        let conflicts = self.conflicts(&path, (old, new.as_ref()), insert, changes.as_ref());
        if let Some(fault) = self.violate_all(&path, conflicts) {
            return Err(fault);
        }
        if let Some(over) = self.count(&path, new.as_ref()) {
            return Err(self.violate(&path, over));
        }
        if self.before.is_none() && whole::decides(&path, new.as_ref()) {
            self.before = Some(self.draft.draft().clone());
        }
        let mut removed = None;
        let written = if let (Some(value), Some(index)) = (&new, insert) {
            self.draft.insert(&path, index, value.clone())
        } else if let Some(value) = &new {
            self.draft.put_along(&path, &trail, value.clone())
        } else {
            self.removed = true;
            removed = self.draft.take(&path);
            removed.is_some()
        };
        if !written {
            return Err(not_found(&path, "what the field belongs to does not exist"));
        }
        let writer = self.provenance.writers.len() - 1;
        let reason = self.reason.clone();
        let (changes, removed) = (changes.map(Box::new), removed.filter(|_| is_item));
        let write = Write { insert, reason, changes, removed, ..Write::of(writer, path, new) };
        self.follow(&write);
        self.provenance.writes.push(write);
        Ok(())
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

    /// Notes all violations of an edit, and tells the plugin the first.
    fn violate_all(&mut self, path: &FieldPath, all: Vec<Violation>) -> Option<EditFault> {
        let faults = all.into_iter().map(|it| match it {
            Violation::Protected { path: ref inside, .. }
            | Violation::Conflict { path: ref inside, .. } => self.violate(&inside.clone(), it),
            other => self.violate(path, other),
        });
        faults.reduce(|first, _| first)
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
