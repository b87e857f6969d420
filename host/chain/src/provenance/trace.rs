//! What a plugin did, call by call, for who writes it. Off, it costs one comparison.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use wellhead_spec::FieldPath;

use crate::LogLine;
use crate::bindings::types::{EditError, EditFailure};
use crate::session::fault::PROTECTED;
use crate::session::size;

/// Steps of one call that are kept.
const KEPT: usize = 10_000;
/// Bytes of their values that are kept.
const KEPT_BYTES: usize = 16 << 20;

/// What a plugin did in one call, in order. Values are those of the pipeline, secrets included:
/// [`mask`](crate::mask()) them before they are shown.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Trace {
    /// The steps.
    pub steps: Vec<TraceStep>,
    /// Steps after them, which were not kept.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub dropped: usize,
}

/// A trace that is being written.
#[derive(Debug, Default)]
pub(crate) struct Tracer {
    trace: Trace,
    bytes: usize,
}

/// One thing that a plugin did.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "call", rename_all = "camelCase")]
pub enum TraceStep {
    /// It read a field. Of a list whose items have names, it may have read the names alone.
    Read {
        /// The field.
        path: FieldPath,
        /// The value in the pipeline; `None` where the field is not set.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        value: Option<Value>,
    },
    /// It set, inserted or removed a field, or tried to.
    Edit {
        /// The field.
        path: FieldPath,
        /// The place in its list at which it comes in as a new item.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        insert: Option<usize>,
        /// The value before.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        old: Option<Value>,
        /// The value that it asked for; `None` to remove the field, and for a value that has not
        /// the form of the field.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        new: Option<Value>,
        /// Its reason.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<Arc<str>>,
        /// What became of it.
        #[serde(flatten)]
        outcome: EditOutcome,
    },
    /// It logged a message.
    Log(LogLine),
}

/// What became of an edit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "camelCase")]
pub enum EditOutcome {
    /// The field has the value now.
    Made,
    /// The field had the value already, so that nothing is recorded.
    Unchanged,
    /// The edit was refused. The plugin heard of it as an error.
    Refused {
        /// Why, in a word.
        why: Refusal,
        /// Why, in a sentence.
        message: String,
    },
}

/// Why an edit is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Refusal {
    /// No grant covers the field.
    Denied,
    /// The field is protected, and the entry does not open it.
    Protected,
    /// The value has not the form of the field.
    Invalid,
    /// What the field belongs to is not there.
    NotFound,
    /// An earlier plugin set the field to something else.
    Conflict,
    /// A validator cannot write.
    ReadOnly,
    /// A budget is used up.
    OverLimit,
}

impl Refusal {
    /// The reason as a word for people.
    pub fn word(self) -> &'static str {
        match self {
            Self::Denied => "not granted",
            Self::Protected => "protected",
            Self::Invalid => "invalid",
            Self::NotFound => "not found",
            Self::Conflict => "conflict",
            Self::ReadOnly => "read-only",
            Self::OverLimit => "over a budget",
        }
    }

    /// The reason and the words of what a plugin hears.
    pub(crate) fn of(error: &EditError) -> (Self, &EditFailure) {
        match error {
            EditError::Denied(it) if it.message.starts_with(PROTECTED) => (Self::Protected, it),
            EditError::Denied(it) => (Self::Denied, it),
            EditError::Invalid(it) => (Self::Invalid, it),
            EditError::NotFound(it) => (Self::NotFound, it),
            EditError::Conflict(it) => (Self::Conflict, it),
            EditError::ReadOnly(it) => (Self::ReadOnly, it),
            EditError::OverLimit(it) => (Self::OverLimit, it),
        }
    }
}

impl EditOutcome {
    /// What a plugin heard of an edit that was refused.
    pub(crate) fn refused(error: &EditError) -> Self {
        let (why, failure) = Refusal::of(error);
        Self::Refused { why, message: failure.message.clone() }
    }
}

impl Tracer {
    pub(crate) fn finish(self) -> Trace {
        self.trace
    }

    /// The field of the last step that has one.
    pub(crate) fn last_field(&self) -> Option<&FieldPath> {
        self.trace.steps.iter().rev().find_map(TraceStep::path)
    }

    pub(crate) fn push(&mut self, step: TraceStep) {
        let bytes = self.bytes.saturating_add(step.bytes());
        if self.trace.steps.len() >= KEPT || bytes > KEPT_BYTES {
            self.trace.dropped += 1;
            return;
        }
        self.bytes = bytes;
        self.trace.steps.push(step);
    }
}

impl TraceStep {
    /// The field of a read or edit.
    pub fn path(&self) -> Option<&FieldPath> {
        match self {
            Self::Read { path, .. } | Self::Edit { path, .. } => Some(path),
            Self::Log(_) => None,
        }
    }

    fn bytes(&self) -> usize {
        let of = |value: &Option<Value>| value.as_ref().map_or(0, size::size_of_value);
        match self {
            Self::Read { value, .. } => of(value),
            Self::Edit { old, new, .. } => of(old) + of(new),
            Self::Log(line) => line.message.len(),
        }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_zero(number: &usize) -> bool {
    *number == 0
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(value: Value) -> TraceStep {
        TraceStep::Read { path: FieldPath::of(["replicas"]), value: Some(value) }
    }

    #[test]
    fn a_trace_ends_at_a_number_of_steps_and_at_a_number_of_bytes() {
        let mut tracer = Tracer::default();
        (0..KEPT + 5).for_each(|_| tracer.push(read(json!(1))));
        let trace = tracer.finish();
        assert_eq!((trace.steps.len(), trace.dropped), (KEPT, 5));
        let mut tracer = Tracer::default();
        (0..20).for_each(|_| tracer.push(read("x".repeat(1 << 20).into())));
        let trace = tracer.finish();
        assert_eq!((trace.steps.len(), trace.dropped), (16, 4));
    }

    #[test]
    fn a_trace_reads_back_from_json() {
        let path = FieldPath::of(["replicas"]);
        let refused =
            EditOutcome::Refused { why: Refusal::Denied, message: "the reason".to_owned() };
        let edit = |outcome| TraceStep::Edit {
            path: path.clone(),
            insert: Some(2),
            old: Some(json!(1)),
            new: None,
            reason: Some("why".into()),
            outcome,
        };
        let line = LogLine {
            level: crate::Level::Warn,
            message: "m".to_owned(),
            field: Some("replicas".to_owned()),
        };
        let steps =
            vec![read(json!(3)), edit(EditOutcome::Made), edit(refused), TraceStep::Log(line)];
        let trace = Trace { steps, ..Trace::default() };
        let text = serde_json::to_string(&trace).unwrap();
        assert_eq!(serde_json::from_str::<Trace>(&text).unwrap(), trace, "{text}");
    }
}
