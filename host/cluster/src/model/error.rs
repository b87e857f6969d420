//! What went wrong, in three separate parts: what failed, why, and what to type next.

use std::fmt;

use serde::Serialize;
use wellhead_diagnostics::Code;
use wellhead_spec::FieldPath;

use super::object::ObjectRef;
use super::report::{ApplyReport, DeleteReport};

/// One finding about one object.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Problem {
    /// The code, e.g. `WH0401`; [`crate::CODES`] explains it.
    pub code: Code,
    /// The object, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub object: Option<ObjectRef>,
    /// The field, e.g. `.spec.replicas`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// The other field manager of a conflict.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub manager: Option<String>,
    /// The same field as a pipeline would write it, where the object that was sent has it.
    #[serde(skip)]
    pub path: Option<FieldPath>,
    /// The field by which `--take` of an apply would take what this is about.
    #[serde(skip)]
    pub take: Option<FieldPath>,
    /// Whether `--adopt` would do that, too.
    #[serde(skip)]
    pub adopt: bool,
    /// What failed, one line.
    pub what: String,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// What to type or change next. Of several ways out, one a line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

impl Problem {
    pub(crate) fn new(code: Code, what: impl Into<String>) -> Self {
        Self {
            code,
            object: None,
            field: None,
            manager: None,
            path: None,
            take: None,
            adopt: false,
            what: what.into(),
            why: None,
            hint: None,
        }
    }

    pub(crate) fn on(mut self, object: &ObjectRef) -> Self {
        self.object = Some(object.clone());
        self
    }

    pub(crate) fn field(mut self, field: impl Into<String>) -> Self {
        self.field = Some(field.into());
        self
    }

    pub(crate) fn why(mut self, why: impl Into<String>) -> Self {
        self.why = Some(why.into());
        self
    }

    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.what)
    }
}

/// Why a call did not do what was asked. The variant says what the cluster looks like now.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ClusterError {
    /// The cluster could not be reached, or a read failed. Nothing was written.
    #[error("{0}")]
    Request(Box<Problem>),
    /// Wellhead's checks or the server's dry run said no. Nothing was written.
    #[error("{}", first(.0))]
    Refused(Vec<Problem>),
    /// A write failed after others succeeded. The same call finishes the work once the cause is gone.
    #[error("{}", first(problems))]
    Interrupted {
        /// What failed.
        problems: Vec<Problem>,
        /// What was done.
        report: Box<ApplyReport>,
    },
    /// Everything was written, but not everything became ready.
    #[error("{}", first(problems))]
    NotReady {
        /// What keeps the pipelines from being ready.
        problems: Vec<Problem>,
        /// What was done.
        report: Box<ApplyReport>,
    },
    /// Objects are still there after a deletion.
    #[error("{}", first(problems))]
    DeletionUnfinished {
        /// What holds the deletion up.
        problems: Vec<Problem>,
        /// What was done.
        report: Box<DeleteReport>,
    },
    /// [`crate::StopSignal::stop`] was called.
    #[error("stopped on request")]
    Stopped {
        /// What an apply had done by then; `None` when nothing was written.
        report: Option<Box<ApplyReport>>,
    },
}

impl ClusterError {
    /// What speaks against a call. A server that cannot be asked is no refusal.
    pub(crate) fn refused(mut problems: Vec<Problem>) -> Self {
        Self::unreachable(&mut problems).unwrap_or(Self::Refused(problems))
    }

    /// That the server cannot be asked, taken out of what speaks against a call.
    pub(crate) fn unreachable(problems: &mut Vec<Problem>) -> Option<Self> {
        let lost = |problem: &Problem| {
            matches!(
                problem.code,
                Code::ServerUnreachable
                    | Code::NoClusterConfig
                    | Code::Unauthorized
                    | Code::UnusableAnswer
            )
        };
        let at = problems.iter().position(lost)?;
        Some(Self::Request(Box::new(problems.swap_remove(at))))
    }

    /// Every finding, in order.
    pub fn problems(&self) -> &[Problem] {
        match self {
            Self::Request(problem) => std::slice::from_ref(&**problem),
            Self::Refused(problems)
            | Self::Interrupted { problems, .. }
            | Self::NotReady { problems, .. }
            | Self::DeletionUnfinished { problems, .. } => problems,
            Self::Stopped { .. } => &[],
        }
    }
}

impl ClusterError {
    /// The same, to be said in other words.
    pub fn problems_mut(&mut self) -> &mut [Problem] {
        match self {
            Self::Request(problem) => std::slice::from_mut(&mut **problem),
            Self::Refused(problems)
            | Self::Interrupted { problems, .. }
            | Self::NotReady { problems, .. }
            | Self::DeletionUnfinished { problems, .. } => problems,
            Self::Stopped { .. } => &mut [],
        }
    }
}

impl From<Problem> for ClusterError {
    fn from(problem: Problem) -> Self {
        Self::Request(Box::new(problem))
    }
}

fn first(problems: &[Problem]) -> String {
    match problems {
        [] => "nothing went wrong".to_owned(),
        [only] => only.to_string(),
        [first, rest @ ..] => format!("{first} (and {} more)", rest.len()),
    }
}
