//! Why a command did not do what was asked: one type for all commands.

use std::io;
use std::path::Path;

use wellhead::authoring::AuthoringError;
use wellhead::{ApplyReport, ClusterError, Error, PluginError};
use wellhead_diagnostics::Code;
use wellhead_registry::RegistryError;

use super::exit::Exit;
use super::output::diagnostic::Diagnostic;
use super::output::plugins::diagnostics;
use super::output::remedies;

/// Why a command did not do what was asked.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The command line is wrong in a way that its parser cannot see.
    Usage(Box<Diagnostic>),
    /// Files or plugins are wrong.
    Run(Error),
    /// One plugin is wrong.
    Plugin(PluginError),
    /// A plugin's component is not there yet.
    NotBuilt(Box<Diagnostic>),
    /// A plugin's project cannot be made or built.
    Toolchain(Box<wellhead_toolchain::Error>),
    /// The cluster refuses, or cannot be reached.
    /// With the command that applies the same pipelines, where one does.
    Cluster(Box<ClusterError>, Option<String>),
    /// A signal ended the work.
    Stopped {
        /// Which signal, as an exit.
        exit: Exit,
        /// What was done, and how to go on.
        what: Box<Diagnostic>,
        /// What an apply had done.
        report: Option<Box<ApplyReport>>,
    },
    /// Some of several were not done.
    Several {
        /// What the process ends with.
        exit: Exit,
        /// Why, of each.
        what: Vec<Diagnostic>,
    },
    /// What was asked for is not there.
    NotFound(Box<Diagnostic>),
    /// A person must confirm, and did not.
    Unconfirmed(Box<Diagnostic>),
    /// A saved plan is not what would be done any more.
    Stale(Box<Diagnostic>),
    /// What was rendered before cannot be read.
    Unreadable(Vec<Diagnostic>),
    /// What was rendered before cannot become what is asked for.
    Refused(Vec<Diagnostic>),
    /// The result cannot be written.
    Output(io::Error),
    /// A file cannot be written.
    File(Box<Diagnostic>),
}

impl Failure {
    /// A wrong command line: what is wrong, and what to type.
    pub(crate) fn usage(what: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::Usage(Box::new(Diagnostic::error(Code::Usage, what).hint(hint)))
    }

    /// What was asked for is not there.
    pub(crate) fn not_found(what: Diagnostic) -> Self {
        Self::NotFound(Box::new(what))
    }

    /// A person must confirm, and did not.
    pub(crate) fn unconfirmed(what: Diagnostic) -> Self {
        Self::Unconfirmed(Box::new(what))
    }

    /// A file cannot be written.
    pub(crate) fn unwritable(path: &Path, error: &io::Error) -> Self {
        let what = format!("cannot write {}", path.display());
        Self::File(Box::new(Diagnostic::error(Code::OutputFailed, what).fact(error.to_string())))
    }

    /// What the process ends with.
    pub(crate) fn exit(&self) -> Exit {
        match self {
            Self::Usage(_) => Exit::Usage,
            Self::NotBuilt(_) => Exit::PluginMissing,
            Self::Run(error) => Exit::of_run(error),
            Self::Plugin(error) => Exit::of_fault(&error.fault),
            Self::Toolchain(error) => match **error {
                wellhead_toolchain::Error::Name { .. } => Exit::Usage,
                _ => Exit::Error,
            },
            Self::Cluster(error, _) => Exit::of_cluster(error),
            Self::Stopped { exit, .. } | Self::Several { exit, .. } => *exit,
            Self::Unconfirmed(_) | Self::Stale(_) | Self::Refused(_) => Exit::Refused,
            // The reader that closed the pipe has seen enough.
            Self::Output(error) if error.kind() == io::ErrorKind::BrokenPipe => Exit::Done,
            Self::NotFound(_) | Self::File(_) | Self::Unreadable(_) | Self::Output(_) => {
                Exit::Error
            }
        }
    }

    /// Everything that there is to say. `verbose` adds what helps a plugin's author.
    pub(crate) fn diagnostics(&self, verbose: bool) -> Vec<Diagnostic> {
        match self {
            Self::Usage(one)
            | Self::NotBuilt(one)
            | Self::Stopped { what: one, .. }
            | Self::NotFound(one)
            | Self::Unconfirmed(one)
            | Self::Stale(one)
            | Self::File(one) => vec![Diagnostic::clone(one)],
            Self::Unreadable(all) | Self::Refused(all) | Self::Several { what: all, .. } => {
                all.clone()
            }
            Self::Run(Error::Input(input)) => {
                let texts = |file: &Path| input.texts.get(file);
                Diagnostic::of_findings(&input.findings, texts)
            }
            Self::Run(Error::Plugins(failures)) => diagnostics::of_failures(failures, verbose),
            Self::Run(error) => vec![Diagnostic::error(Code::EngineFailed, error.to_string())],
            Self::Plugin(error) => vec![Diagnostic::of_plugin(error, verbose)],
            Self::Toolchain(error) => vec![Diagnostic::of_toolchain(error)],
            Self::Cluster(error, Some(apply)) => remedies::diagnostics(error.problems(), apply),
            Self::Cluster(error, None) => {
                error.problems().iter().map(Diagnostic::of_problem).collect()
            }
            Self::Output(error) if error.kind() == io::ErrorKind::BrokenPipe => Vec::new(),
            Self::Output(error) => {
                let what = "the result cannot be written";
                vec![Diagnostic::error(Code::OutputFailed, what).fact(error.to_string())]
            }
        }
    }

    /// That of a command which applies pipelines, and takes fields over when it is asked to.
    pub(crate) fn of_apply(self, command: String) -> Self {
        match self {
            Self::Cluster(error, _) => Self::Cluster(error, Some(command)),
            other => other,
        }
    }

    /// What an apply had done when it failed.
    pub(crate) fn apply_report(&self) -> Option<&ApplyReport> {
        match self {
            Self::Cluster(error, _) => match &**error {
                ClusterError::Interrupted { report, .. }
                | ClusterError::NotReady { report, .. } => Some(report),
                _ => None,
            },
            Self::Stopped { report, .. } => report.as_deref(),
            _ => None,
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Run(error)
    }
}

impl From<AuthoringError> for Failure {
    fn from(error: AuthoringError) -> Self {
        match error {
            AuthoringError::Input(input) => Self::Run(Error::Input(input)),
            AuthoringError::Engine(error) => Self::Run(Error::Engine(error)),
            AuthoringError::Plugin(error) => Self::Plugin(*error),
            AuthoringError::Unwritable { path, cause } => Self::unwritable(&path, &cause),
            AuthoringError::NotBuilt { .. } => {
                let one = Diagnostic::error(Code::ComponentNotBuilt, error.to_string());
                let hint = "`wellhead plugin build` makes it from a project; `component` in \
                            plugin.yaml says where it is";
                Self::NotBuilt(Box::new(one.hint(hint)))
            }
            other => {
                Self::Usage(Box::new(Diagnostic::error(Code::InvalidTestCase, other.to_string())))
            }
        }
    }
}

impl From<RegistryError> for Failure {
    fn from(error: RegistryError) -> Self {
        vec![error].into()
    }
}

/// What ends the process is the first of them.
impl From<Vec<RegistryError>> for Failure {
    fn from(errors: Vec<RegistryError>) -> Self {
        let exit = errors.first().map_or(Exit::Error, |it| Exit::of_code(it.code));
        let what = errors.into_iter().map(|error| {
            let wrong = Diagnostic::error(error.code, error.message);
            error.hint.into_iter().fold(wrong, Diagnostic::hint)
        });
        Self::Several { exit, what: what.collect() }
    }
}

impl From<ClusterError> for Failure {
    fn from(error: ClusterError) -> Self {
        Self::Cluster(Box::new(error), None)
    }
}

impl From<wellhead_toolchain::Error> for Failure {
    fn from(error: wellhead_toolchain::Error) -> Self {
        Self::Toolchain(Box::new(error))
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Output(error)
    }
}
