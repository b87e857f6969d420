//! The code of each fault.

use wellhead_diagnostics::Code;

use super::{Fault, Work};
use crate::session::violation::Violation;

impl Fault {
    /// Stable code; `wellhead explain CODE` tells more.
    pub fn code(&self) -> Code {
        match self {
            Self::Missing { .. } | Self::Unreadable { .. } => Code::PluginFileMissing,
            Self::WrongDigest { .. } => Code::WrongDigest,
            Self::NotWebAssembly { .. } => Code::NotWebAssembly,
            Self::CoreModule { .. } => Code::CoreModule,
            Self::Malformed { .. } | Self::Unsupported { .. } => Code::InvalidComponent,
            Self::WrongWorld { .. } => Code::WrongWorld,
            Self::BadDescription { .. } => Code::InvalidDescription,
            Self::OldHost { .. } => Code::OldHost,
            Self::BadConfig { .. } => Code::InvalidConfig,
            Self::Refused { .. } => Code::PluginOverStructureLimit,
            Self::OverPool { .. } => Code::BudgetOverPool,
            Self::CompileLimit { work: Work::Checking, .. } => Code::SchemaOverLimit,
            Self::CompileLimit { .. } => Code::PluginOverCompileLimit,
            Self::NotCompiled { .. } | Self::CompilerFailed { .. } => Code::CompilationFailed,
            Self::Busy { .. } => Code::MachineBusy,
            Self::Trap { .. } => Code::PluginCrashed,
            Self::OverBudget { .. } => Code::PluginOverBudget,
            Self::Nondeterministic { .. } => Code::NondeterministicPlugin,
            Self::Rejected { .. } => Code::PluginRejected,
            Self::BadResult { .. } => Code::InvalidResult,
            Self::Judged { .. } => Code::ValidatorFinding,
            Self::Forbidden { violations } => match violations.first() {
                Some(Violation::Conflict { .. }) => Code::PluginConflict,
                Some(Violation::OverLimit { .. }) => Code::PluginOverBudget,
                Some(Violation::Protected { .. }) => Code::ProtectedField,
                Some(Violation::UngrantedFact { .. }) => Code::FactNotGranted,
                _ => Code::FieldNotGranted,
            },
        }
    }
}
