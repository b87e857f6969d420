//! What failed of a plugin, in one line.

use std::fmt;

use super::{Fault, PluginError, Work};
use crate::limits::budget::in_all;
use crate::plugin::foreign;
use crate::session::violation::Violation;

impl fmt::Display for PluginError {
    /// What failed, in one line; [`Fault::causes`] and [`Fault::hints`] tell the rest.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plugin = &self.plugin;
        match &self.fault {
            Fault::Missing { path } => {
                write!(f, "plugin `{plugin}`: there is no file {}", path.display())
            }
            Fault::Unreadable { path, .. } => {
                write!(f, "plugin `{plugin}`: cannot read {}", path.display())
            }
            Fault::WrongDigest { .. } => {
                write!(f, "plugin `{plugin}` is not the file whose digest its entry has")
            }
            Fault::NotWebAssembly { seems, .. } => {
                write!(f, "plugin `{plugin}` is not WebAssembly: the file is {seems}")
            }
            Fault::CoreModule { host } => {
                write!(f, "plugin `{plugin}` is a core module{}", foreign::made_for(*host))
            }
            Fault::Malformed { .. } => write!(f, "plugin `{plugin}` is not a valid component"),
            Fault::OverPool { budget, limit, slot } => write!(
                f,
                "plugin `{plugin}` may have {limit} by `limits.{budget}`, and a slot of the host's \
                 pool has {slot}"
            ),
            Fault::Refused { .. } => {
                write!(f, "plugin `{plugin}` is refused: it would cost too much to compile")
            }
            Fault::Unsupported { feature, .. } => {
                write!(f, "plugin `{plugin}` uses what no plugin may: {feature}")
            }
            Fault::CompileLimit { work, limit, value, processor } => {
                let over = limit.describe(*value, *processor);
                write!(f, "{work} plugin `{plugin}` was stopped: {over}")
            }
            Fault::Busy { work, processor, clock } => {
                let times = in_all(*processor, *clock);
                write!(f, "{work} plugin `{plugin}` was given up: the machine was busy: {times}")
            }
            Fault::CompilerFailed { .. } => {
                write!(f, "plugin `{plugin}` could not be compiled: the compiler failed")
            }
            Fault::NotCompiled { .. } => write!(f, "plugin `{plugin}` could not be compiled"),
            Fault::WrongWorld { .. } => write!(f, "plugin `{plugin}` is made for another host"),
            Fault::BadDescription { .. } => {
                write!(f, "plugin `{plugin}` describes itself in an unusable way")
            }
            Fault::OldHost { .. } => write!(f, "plugin `{plugin}` needs a newer Wellhead"),
            Fault::BadConfig { .. } => {
                write!(f, "the config of plugin `{plugin}` does not fit its schema")
            }
            Fault::Trap { .. } => write!(f, "plugin `{plugin}` crashed"),
            Fault::OverBudget { budget, limit, used, .. } => {
                write!(f, "plugin `{plugin}` was stopped: {}", budget.describe(*limit, *used))
            }
            Fault::Nondeterministic { .. } => {
                write!(f, "plugin `{plugin}` does not do the same twice")
            }
            Fault::Judged { .. } => write!(f, "plugin `{plugin}` objects to the pipeline"),
            Fault::Rejected { .. } => write!(f, "plugin `{plugin}` refuses the pipeline"),
            Fault::Forbidden { violations } => match violations.first() {
                Some(Violation::Conflict { earlier, .. }) => {
                    write!(f, "plugins `{earlier}` and `{plugin}` set the same field differently")
                }
                Some(Violation::OverLimit { budget, limit, used }) => {
                    write!(f, "plugin `{plugin}` was stopped: {}", budget.describe(*limit, *used))
                }
                Some(Violation::Protected { .. }) => {
                    write!(f, "plugin `{plugin}` writes a protected field")
                }
                Some(Violation::UngrantedFact { .. }) => {
                    write!(f, "plugin `{plugin}` reads a fact that it is not granted")
                }
                _ => write!(f, "plugin `{plugin}` writes what it is not granted"),
            },
            Fault::BadResult { .. } => {
                write!(f, "plugin `{plugin}` leaves a pipeline that is not valid")
            }
        }
    }
}

impl fmt::Display for Work {
    /// As the beginning of a sentence that goes on with the plugin.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Compiling => "compiling",
            Self::Checking => "checking a config against the schema of",
            Self::Locating => "finding the source lines of",
            Self::Calling => "calling",
        })
    }
}
