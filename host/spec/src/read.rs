//! Reads a document's value into its type, and finds everything that is in the way.
//!
//! Two ways. The fast one deserializes and is all that a document without a mistake needs: about
//! 30 µs. Only when it stumbles, the value is checked against the JSON Schema of the kind, which
//! names every violation and not the first one only.

mod typed;
mod violation;

use serde_json::Value;

use crate::schema::{self, Checker};
use crate::{Customization, Finding, Pipeline, Segment, codes, draft};

/// A kind of document.
pub(crate) trait Kind: serde::de::DeserializeOwned + serde::Serialize {
    /// What checks values of the kind.
    fn checker() -> &'static Checker;
}

impl Kind for Pipeline {
    fn checker() -> &'static Checker {
        schema::pipeline_checker()
    }
}

impl Kind for Customization {
    fn checker() -> &'static Checker {
        schema::customization_checker()
    }
}

/// What became of a document's value.
pub(crate) struct Read<T> {
    /// The typed value. With findings beside it, it lacks the fields that the findings name: good
    /// for looking for more findings, and for nothing else.
    pub(crate) value: Option<T>,
    pub(crate) findings: Vec<Finding>,
}

/// Reads a value, `metadata` and `spec` alone.
pub(crate) fn read<T: Kind>(document: &Value) -> Read<T> {
    let typed = typed::read::<T>(document);
    if typed.error.is_none() && typed.ignored.is_empty() && !typed.defaulted {
        return Read { value: typed.value, findings: Vec::new() };
    }
    let mut violations = violation::all(T::checker(), document);
    // The schema is the more talkative of the two; that it is as strict, a test shows. Should it
    // ever not be, the deserializer's finding stands.
    for path in typed.ignored {
        if !violations.iter().any(|it| it.path == path) {
            violations.push(violation::unknown_field(path, &[]));
        }
    }
    if let Some((path, message)) = &typed.error
        && violations.is_empty()
    {
        violations.push(violation::Violation::new(
            codes::WRONG_TYPE,
            path.clone(),
            message.clone(),
        ));
    }
    if violations.is_empty() {
        return Read { value: typed.value, findings: Vec::new() };
    }
    let mut rest = document.clone();
    for violation in &violations {
        remove(&mut rest, &violation.path);
    }
    let value = typed::read::<T>(&rest).value;
    let findings = violations.into_iter().map(|it| it.finding(document)).collect();
    Read { value, findings }
}

/// Removes a field; an item of a list stays, for others are named by their position.
fn remove(document: &mut Value, path: &[Segment]) {
    let Some((last, above)) = path.split_last() else { return };
    let parent = above.iter().try_fold(document, |value, segment| match segment {
        Segment::Key(key) => value.get_mut(key),
        Segment::Index(index) => value.get_mut(index),
    });
    if let (Some(Value::Object(fields)), Segment::Key(key)) = (parent, last) {
        fields.remove(key);
    }
}

/// The path of a field as findings name it.
fn canonical(document: &Value, raw: &[Segment]) -> crate::FieldPath {
    draft::field_path(document, raw)
}
