//! What a plugin reads, edits and says, noted where that was asked for.

use serde_json::Value;
use wellhead_spec::FieldPath;

use super::Session;
use super::fault::EditFault;
use crate::LogLine;
use crate::bindings::types::EditError;
use crate::limits::budget::UsedUp;
use crate::provenance::trace::{EditOutcome, Refusal, Trace, TraceStep};

impl Session {
    /// The same session, which notes what the plugin does.
    pub(crate) fn traced(mut self) -> Self {
        self.trace = Some(Box::default());
        self
    }

    /// What the plugin did, where that was asked for.
    pub(crate) fn take_trace(&mut self) -> Option<Trace> {
        self.trace.take().map(|trace| trace.into_inner().finish())
    }

    /// The value of a field for the plugin, which a trace notes.
    pub(crate) fn read(&self, path: &FieldPath) -> Result<Option<&Value>, UsedUp> {
        self.exchange(super::size_of_key(path))?;
        let value = self.value(path);
        self.saw(path, || value.cloned());
        Ok(value)
    }

    /// Notes what the plugin saw of a field.
    pub(crate) fn saw(&self, path: &FieldPath, value: impl FnOnce() -> Option<Value>) {
        if let Some(trace) = &self.trace {
            trace.borrow_mut().push(TraceStep::Read { path: path.clone(), value: value() });
        }
    }

    /// Notes a message.
    pub(crate) fn said(&self, line: &LogLine) {
        if let Some(trace) = &self.trace {
            trace.borrow_mut().push(TraceStep::Log(line.clone()));
        }
    }

    /// Notes an edit that failed, wherever it was refused. The plugin hears of it now.
    pub(crate) fn heard(&mut self, error: &EditError) -> Result<(), UsedUp> {
        let (why, failure) = Refusal::of(error);
        self.exchange(failure.path.len() + failure.message.len())?;
        self.refused = Some((self.provenance.writes.len(), failure.path.clone()));
        // The others were noted with their value.
        let form = matches!(why, Refusal::Invalid | Refusal::NotFound);
        if let (Some(trace), true, Ok(path)) = (&self.trace, form, failure.path.parse()) {
            let old = self.value(&path).cloned();
            let (outcome, reason) = (EditOutcome::refused(error), self.reason.clone());
            trace.borrow_mut().push(TraceStep::Edit {
                path,
                insert: None,
                old,
                new: None,
                reason,
                outcome,
            });
        }
        Ok(())
    }

    /// The field that the plugin edited last, or tried to; in a trace also one that it read.
    pub(crate) fn current_field(&self) -> Option<String> {
        if let Some(trace) = &self.trace {
            return trace.borrow().last_field().map(ToString::to_string);
        }
        let writes = &self.provenance.writes;
        let refused = self.refused.as_ref().filter(|it| it.0 == writes.len());
        let this = self.provenance.writers.len().checked_sub(1);
        let made = || writes.last().filter(|it| Some(it.writer) == this);
        refused.map(|it| it.1.clone()).or_else(|| made().map(|it| it.path.to_string()))
    }

    /// Sets a field, or removes it, and notes what became of it.
    pub(super) fn decide_traced(
        &mut self,
        path: FieldPath,
        new: Option<Value>,
        insert: Option<usize>,
    ) -> Result<(), EditFault> {
        let old = if insert.is_none() { self.value(&path).cloned() } else { None };
        let writes = self.provenance.writes.len();
        let result = self.decide(path.clone(), new.clone(), insert);
        let outcome = match &result {
            Ok(()) if self.provenance.writes.len() > writes => EditOutcome::Made,
            Ok(()) => EditOutcome::Unchanged,
            // It is noted when the plugin hears of it.
            Err(EditFault::Edit(EditError::NotFound(_)) | EditFault::Trap(_)) => return result,
            Err(EditFault::Edit(error)) => EditOutcome::refused(error),
        };
        if let Some(trace) = &self.trace {
            let reason = self.reason.clone();
            trace.borrow_mut().push(TraceStep::Edit { path, insert, old, new, reason, outcome });
        }
        result
    }
}
