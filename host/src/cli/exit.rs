//! Exit codes. They are a contract: a code keeps its number and meaning.

use std::process::ExitCode;

use wellhead::{ClusterError, Error, Fault, Severity};
use wellhead_diagnostics::Code;

/// The table as `--help` prints it.
pub(crate) const TABLE: &str = "\
Exit codes:
    0  done, or nothing to do
    1  error; not everything was done
    2  usage error; with `--exit-code`: there are changes
    3  applied, but not ready in time
    4  refused: policy, conflict or unconfirmed data loss; nothing was written
   10  a plugin's file is missing or cannot be read
   11  a plugin's file is not a WebAssembly component
   12  a plugin's file is a core module
   13  a plugin targets another world
   14  a plugin crashed
   15  a plugin exceeds a limit (endless loop, memory, size)
  130  interrupted by Ctrl-C
  143  interrupted by SIGTERM

`wellhead explain CODE` describes the code of an error or warning.";

/// What the process ends with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Done, or nothing to do.
    Done,
    /// An error.
    Error,
    /// The command line is wrong.
    Usage,
    /// There are changes, where `--exit-code` asks.
    Changes,
    /// Applied, but not ready in time.
    NotReady,
    /// Refused, and nothing was written.
    Refused,
    /// A plugin's file is missing or cannot be read.
    PluginMissing,
    /// A plugin's file is no WebAssembly component.
    NotAComponent,
    /// A plugin's file is a core module.
    CoreModule,
    /// A plugin is made for another world.
    WrongWorld,
    /// A plugin crashed.
    Trap,
    /// A plugin is over a budget.
    OverBudget,
    /// Ctrl-C.
    Interrupted,
    /// SIGTERM.
    Terminated,
}

impl Exit {
    /// Every one; of those with one number, the first is meant by it.
    const ALL: [Self; 14] = [
        Self::Done,
        Self::Error,
        Self::Usage,
        Self::Changes,
        Self::NotReady,
        Self::Refused,
        Self::PluginMissing,
        Self::NotAComponent,
        Self::CoreModule,
        Self::WrongWorld,
        Self::Trap,
        Self::OverBudget,
        Self::Interrupted,
        Self::Terminated,
    ];

    /// The number.
    pub(crate) fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Error => 1,
            Self::Usage | Self::Changes => 2,
            Self::NotReady => 3,
            Self::Refused => 4,
            Self::PluginMissing => 10,
            Self::NotAComponent => 11,
            Self::CoreModule => 12,
            Self::WrongWorld => 13,
            Self::Trap => 14,
            Self::OverBudget => 15,
            Self::Interrupted => 130,
            Self::Terminated => 143,
        }
    }

    /// What an error of the flow ends with; with several failures, the first decides.
    pub(crate) fn of_run(error: &Error) -> Self {
        match error {
            Error::Plugins(failures) => {
                failures.first().map_or(Self::Error, |it| Self::of_fault(&it.error.fault))
            }
            Error::Input(input) => {
                let mut errors = input.findings.iter().filter(|it| it.severity == Severity::Error);
                errors.next().map_or(Self::Error, |it| Self::of_code(it.code))
            }
            _ => Self::Error,
        }
    }

    /// What a plugin's fault ends with: its code says it.
    pub(crate) fn of_fault(fault: &Fault) -> Self {
        Self::of_code(fault.code())
    }

    /// What a failure ends with whose code decides that.
    pub(crate) fn of_code(code: Code) -> Self {
        let number = code.exit_code();
        Self::ALL.into_iter().find(|it| Some(it.code()) == number).unwrap_or(Self::Error)
    }

    /// What an error of the cluster ends with.
    pub(crate) fn of_cluster(error: &ClusterError) -> Self {
        match error {
            ClusterError::Refused(_) => Self::Refused,
            ClusterError::NotReady { .. } | ClusterError::DeletionUnfinished { .. } => {
                Self::NotReady
            }
            ClusterError::Stopped { .. } => Self::Interrupted,
            _ => Self::Error,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}
