//! What went wrong, in three separate parts: what failed, why, and what to type next.

use std::fmt;

use serde::{Serialize, Serializer};
use wellhead_diagnostics::Code;
use wellhead_spec::FieldPath;

use super::object::ObjectRef;
use super::remedy::Remedy;
use super::report::{ApplyReport, DeleteReport};

/// One finding about one object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The code, e.g. `WH0401`; its page explains it.
    pub code: Code,
    /// The object, where there is one.
    pub object: Option<ObjectRef>,
    /// The field, as a field path of the object, e.g. `spec.template.spec.containers.db.image`.
    pub field: Option<String>,
    /// The other field manager of a conflict.
    pub manager: Option<String>,
    /// The same field as a pipeline would write it, where the object that was sent has it.
    pub path: Option<FieldPath>,
    /// What failed, one line.
    pub what: String,
    /// Why it failed.
    pub why: Option<String>,
    /// What to do about it, as data.
    pub remedy: Option<Remedy>,
    /// What to type or change next; of several ways out, each by itself.
    pub hints: Vec<String>,
}

impl Problem {
    pub(crate) fn new(code: Code, what: impl Into<String>) -> Self {
        Self {
            code,
            object: None,
            field: None,
            manager: None,
            path: None,
            what: what.into(),
            why: None,
            remedy: None,
            hints: Vec::new(),
        }
    }

    pub(crate) fn on(mut self, object: &ObjectRef) -> Self {
        self.object = Some(object.clone());
        self
    }

    /// The field, as [`FieldPath`] writes it.
    pub(crate) fn field(mut self, field: impl Into<String>) -> Self {
        self.field = Some(field.into());
        self
    }

    pub(crate) fn why(mut self, why: impl Into<String>) -> Self {
        self.why = Some(why.into());
        self
    }

    pub(crate) fn remedy(mut self, remedy: Remedy) -> Self {
        self.remedy = Some(remedy);
        self
    }

    /// The same call, once more: see [`Remedy::Retry`].
    pub(crate) fn retry(self, note: impl Into<String>) -> Self {
        self.remedy(Remedy::Retry { note: note.into() })
    }

    /// Adds a way out, or several, one a line.
    pub(crate) fn hint(mut self, hint: impl AsRef<str>) -> Self {
        self.hints.extend(hint.as_ref().lines().map(str::to_owned));
        self
    }

    /// Every way out, in the words of the command line.
    pub fn ways_out(&self) -> Vec<String> {
        let remedy = self.remedy.as_ref().map(Remedy::to_string).unwrap_or_default();
        remedy.lines().map(str::to_owned).chain(self.hints.iter().cloned()).collect()
    }
}

/// A problem as JSON has it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Written<'p> {
    code: Code,
    #[serde(skip_serializing_if = "Option::is_none")]
    object: &'p Option<ObjectRef>,
    #[serde(skip_serializing_if = "Option::is_none")]
    field: &'p Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    manager: &'p Option<String>,
    what: &'p str,
    #[serde(skip_serializing_if = "Option::is_none")]
    why: &'p Option<String>,
    /// One way out a line.
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<String>,
}

impl Serialize for Problem {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { code, object, field, manager, what, why, .. } = self;
        let ways_out = self.ways_out();
        let hint = (!ways_out.is_empty()).then(|| ways_out.join("\n"));
        Written { code: *code, object, field, manager, what, why, hint }.serialize(serializer)
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

/// Problems after which no request of a run can succeed: the server does not answer for as long as a request is tried,
/// there are no credentials any more, or the server does not know them.
pub(crate) const ENDINGS: [Code; 3] =
    [Code::ServerUnreachable, Code::NoClusterConfig, Code::Unauthorized];

impl ClusterError {
    /// What speaks against a call. A server that cannot be asked is no refusal.
    pub(crate) fn refused(mut problems: Vec<Problem>) -> Self {
        Self::unreachable(&mut problems).unwrap_or(Self::Refused(problems))
    }

    /// That the server cannot be asked, taken out of what speaks against a call.
    pub(crate) fn unreachable(problems: &mut Vec<Problem>) -> Option<Self> {
        // An answer that cannot be used is none to this question. The next request may get another.
        let lost = |it: &Problem| ENDINGS.contains(&it.code) || it.code == Code::UnusableAnswer;
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

    /// The same error with what `change` makes of each finding.
    #[must_use]
    pub fn map_problems(mut self, mut change: impl FnMut(Problem) -> Problem) -> Self {
        match &mut self {
            Self::Request(problem) => **problem = change(Problem::clone(problem)),
            Self::Refused(problems)
            | Self::Interrupted { problems, .. }
            | Self::NotReady { problems, .. }
            | Self::DeletionUnfinished { problems, .. } => {
                *problems = std::mem::take(problems).into_iter().map(change).collect();
            }
            Self::Stopped { .. } => {}
        }
        self
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
