//! Rejections, findings and failed edits.

use crate::{EditError, EditFailure, Finding, Rejection, Severity};

impl Rejection {
    /// A refusal; says what is wrong, in one sentence, to the person who wrote the pipeline or the
    /// config.
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), path: None, hint: None }
    }

    /// Names the field that is the reason, e.g. `claims.data` or `config.rules[0]`.
    #[must_use]
    pub fn at(mut self, path: impl Into<String>) -> Self {
        self.path = Some(path.into());
        self
    }

    /// Says what to change.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl EditError {
    /// The field, what is wrong, and what to do about it.
    pub fn failure(&self) -> &EditFailure {
        match self {
            Self::Denied(failure)
            | Self::Conflict(failure)
            | Self::Invalid(failure)
            | Self::NotFound(failure)
            | Self::ReadOnly(failure)
            | Self::OverLimit(failure) => failure,
        }
    }

    fn into_failure(self) -> EditFailure {
        match self {
            Self::Denied(failure)
            | Self::Conflict(failure)
            | Self::Invalid(failure)
            | Self::NotFound(failure)
            | Self::ReadOnly(failure)
            | Self::OverLimit(failure) => failure,
        }
    }
}

/// Lets `?` end the plugin with the edit's own words.
impl From<EditError> for Rejection {
    fn from(error: EditError) -> Self {
        let EditFailure { path, message, hint } = error.into_failure();
        Self { message, path: Some(path), hint }
    }
}

impl Finding {
    /// Something that stops everything.
    pub fn error(message: impl Into<String>) -> Self {
        Self::new(Severity::Error, message)
    }

    /// Something that is shown.
    pub fn warning(message: impl Into<String>) -> Self {
        Self::new(Severity::Warning, message)
    }

    fn new(severity: Severity, message: impl Into<String>) -> Self {
        Self { severity, path: None, message: message.into(), hint: None }
    }

    /// Names the field that it is about.
    #[must_use]
    pub fn at(mut self, path: impl Into<String>) -> Self {
        self.path = Some(path.into());
        self
    }

    /// Says what to change.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}
