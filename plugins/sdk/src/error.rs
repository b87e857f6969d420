//! Rejections, findings and failed edits.

use std::fmt;
use std::ops::{Deref, DerefMut};

use crate::{EditError, EditFailure, Finding, RejectionRecord, Severity};

/// Why a plugin refuses a pipeline. Its fields are those of [`RejectionRecord`].
///
/// The record is behind a pointer, because every helper of a plugin that can refuse returns one: a `Result` is as small as
/// what it holds where all is well.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejection(Box<RejectionRecord>);

impl Deref for Rejection {
    type Target = RejectionRecord;

    fn deref(&self) -> &RejectionRecord {
        &self.0
    }
}

impl DerefMut for Rejection {
    fn deref_mut(&mut self) -> &mut RejectionRecord {
        &mut self.0
    }
}

impl From<RejectionRecord> for Rejection {
    fn from(record: RejectionRecord) -> Self {
        Self(Box::new(record))
    }
}

impl From<Rejection> for RejectionRecord {
    fn from(rejection: Rejection) -> Self {
        *rejection.0
    }
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Rejection {}

/// Makes the methods by which an author says more of what a plugin tells. What a code and a field mean differs.
macro_rules! told {
    ($type:ident: $(#[$of_code:meta])* code, $(#[$of_at:meta])* at) => {
        impl $type {
            $(#[$of_code])*
            #[must_use]
            pub fn code(mut self, code: impl Into<String>) -> Self {
                self.code = Some(code.into());
                self
            }

            /// Says what the sentence was filled with, so that it can be said in another language.
            #[must_use]
            pub fn argument(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
                self.arguments.push((name.into(), value.into()));
                self
            }

            /// Names a page that tells more, an `https` URL.
            #[must_use]
            pub fn link(mut self, url: impl Into<String>) -> Self {
                self.link = Some(url.into());
                self
            }

            $(#[$of_at])*
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
    };
}

impl Rejection {
    /// A refusal; says what is wrong, in one sentence, to the person who wrote the pipeline or the
    /// config.
    pub fn new(message: impl Into<String>) -> Self {
        let record = RejectionRecord {
            code: None,
            message: message.into(),
            arguments: Vec::new(),
            path: None,
            hint: None,
            link: None,
            extra: Vec::new(),
        };
        record.into()
    }
}

told! { Rejection:
    /// Gives it a name of the plugin's own, e.g. `unknown-tier`, which stays the same when the
    /// sentence changes: 1 to 64 lowercase letters, digits and single `-`, beginning with a letter.
    code,
    /// Names the field that is the reason, e.g. `claims.data` or `config.rules[0]`.
    at
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
        let mut rejection = Self::new(message).at(path);
        rejection.hint = hint;
        rejection
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
        Self {
            severity,
            code: None,
            message: message.into(),
            arguments: Vec::new(),
            path: None,
            hint: None,
            link: None,
            extra: Vec::new(),
        }
    }
}

told! { Finding:
    /// Gives it a name of the plugin's own, e.g. `tag-missing`, by which operators waive such findings
    /// and count them: 1 to 64 lowercase letters, digits and single `-`, beginning with a letter.
    code,
    /// Names the field that it is about.
    at
}
