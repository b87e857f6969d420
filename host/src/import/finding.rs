//! What there is to say about an import.

use wellhead_diagnostics::Code;
use wellhead_spec::{FieldPath, Location, Severity};

/// One thing about an object that its pipeline does not say, or not in the same way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportFinding {
    /// The code, e.g. `WH0731`; [`codes`](super::codes) explains those of this module.
    pub code: Code,
    /// An error says that the object is not imported.
    pub severity: Severity,
    /// The object, e.g. `statefulset/db`.
    pub object: String,
    /// The field of the object, where it is about one.
    pub field: Option<FieldPath>,
    /// What it is, in one sentence without a full stop. Values of fields are not shown.
    pub message: String,
    /// Why, or what comes of it.
    pub reason: Option<String>,
    /// What to do.
    pub hint: Option<String>,
    /// Where the field is, or the document of the object; none for an object of a cluster.
    pub location: Option<Location>,
    /// The position of its pipeline in [`Import::pipelines`](super::Import::pipelines); none where it is about none.
    pub pipeline: Option<usize>,
}

impl ImportFinding {
    pub(super) fn error(code: Code, object: &str, message: impl Into<String>) -> Self {
        Self {
            code,
            severity: Severity::Error,
            object: object.to_owned(),
            field: None,
            message: message.into(),
            reason: None,
            hint: None,
            location: None,
            pipeline: None,
        }
    }

    pub(super) fn warning(code: Code, object: &str, message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(code, object, message) }
    }

    pub(super) fn field(mut self, field: FieldPath) -> Self {
        self.field = Some(field);
        self
    }

    pub(super) fn reason(mut self, reason: impl Into<String>) -> Self {
        self.reason = Some(reason.into());
        self
    }

    pub(super) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}
