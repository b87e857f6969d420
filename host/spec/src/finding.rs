//! Findings: what is wrong, where, and what to write instead.

pub(crate) mod few;

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use serde::Serialize;
use wellhead_diagnostics::Code;

use crate::FieldPath;

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Nothing is done while it stands.
    Error,
    /// Is shown, and the work goes on.
    Warning,
    /// Is shown, and asks for nothing.
    Note,
}

/// One thing that is wrong with what was asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Stable code, e.g. `WH0102`; `wellhead explain CODE` tells more.
    pub code: Code,
    /// How much it matters.
    pub severity: Severity,
    /// The field; the root where it is about a whole document.
    #[serde(serialize_with = "as_text")]
    pub path: FieldPath,
    /// What is wrong, in one sentence without a full stop.
    pub message: String,
    /// What to write instead, when it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// Who set the field, in words, where no file did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub set_by: Option<String>,
    /// Where the field stands, when it stands in a file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location: Option<Location>,
}

/// A place in a file.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Location {
    /// The file as it was named by the user; `-` for standard input.
    pub file: Arc<PathBuf>,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// Bytes of the file that the finding is about, for an excerpt.
    #[serde(skip)]
    pub span: std::ops::Range<usize>,
}

impl Finding {
    /// An error about a field.
    pub fn error(code: Code, path: FieldPath, message: impl Into<String>) -> Self {
        Self {
            code,
            severity: Severity::Error,
            path,
            message: message.into(),
            hint: None,
            set_by: None,
            location: None,
        }
    }

    /// A warning about a field.
    pub fn warning(code: Code, path: FieldPath, message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(code, path, message) }
    }

    /// The same finding with what to write instead.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The same finding with who set the field.
    #[must_use]
    pub fn set_by(mut self, who: impl Into<String>) -> Self {
        self.set_by = Some(who.into());
        self
    }

    /// The same finding with its place.
    #[must_use]
    pub fn at(mut self, location: Option<Location>) -> Self {
        self.location = location;
        self
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.file.display(), self.line, self.column)
    }
}

fn as_text<S: serde::Serializer>(path: &FieldPath, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(path)
}
