//! What the host must do with an attack.

use wellhead_chain::{Budget, CompileLimit, Fault, Outcome, PluginError, Violation, Work};

use super::common::{ATTACKER, POLICY};

/// What the host must do with an attack.
#[derive(Clone, Copy)]
pub(crate) enum Expect {
    /// It is stopped at a budget.
    Over(Budget),
    /// It ends in a trap, whose cause has these words.
    Trap(&'static str),
    /// The file is refused before it is compiled or run; the cause has these words.
    Malformed(&'static str),
    /// It is over a structural budget, which is named, and is not compiled.
    Refused(&'static str),
    /// Its compilation is ended at a limit.
    Killed(CompileLimit),
    /// Checking a config against its schema is ended at a limit of time or memory.
    ConfigStopped,
    /// It uses a feature that the engine does not have; words of the feature.
    Unsupported(&'static str),
    /// The file is told to be something else.
    NotWebAssembly(&'static str),
    /// The file is told to be a core module.
    CoreModule,
    /// It does not fit the contract; each of these is told.
    WrongWorld(&'static [&'static str]),
    /// Its description is not usable; the reason has these words.
    BadDescription(&'static str),
    /// It writes a field that its entry does not grant.
    Denied(&'static str),
    /// It writes a field that is protected.
    Protected(&'static str),
    /// It writes each of these fields, which are protected.
    EachProtected(&'static [&'static str]),
    /// Its value is refused at the edit, which the plugin tells: the path, and words of the reason.
    Invalid(&'static str, &'static str),
    /// What it leaves breaks a rule for every pipeline: the path, and words of the rule.
    BadResult(&'static str, &'static str),
    /// It refuses the pipeline by itself; words of its message, as they are shown.
    Rejected(&'static str),
    /// A plugin of the operator, behind it in the chain, refuses what it left; words of the reason.
    Policy(&'static str),
    /// It gets to its end, and the pipeline is as it would be without it.
    Unchanged,
    /// It gets to its end within the budgets; what it did is looked at.
    Ends(fn(&Outcome)),
}

impl Expect {
    /// What the command exits with.
    pub(super) fn exit(self) -> i32 {
        match self {
            Self::Ends(_) | Self::Unchanged => 0,
            Self::Denied(_)
            | Self::Protected(_)
            | Self::EachProtected(_)
            | Self::Invalid(..)
            | Self::BadResult(..)
            | Self::Rejected(_)
            | Self::Policy(_) => 4,
            Self::Malformed(_) | Self::Unsupported(_) | Self::NotWebAssembly(_) => 11,
            Self::CoreModule => 12,
            Self::WrongWorld(_) | Self::BadDescription(_) => 13,
            Self::Trap(_) => 14,
            Self::Over(_) | Self::Refused(_) | Self::Killed(_) | Self::ConfigStopped => 15,
        }
    }

    /// Whether the plugin gets to its end.
    pub(super) fn ends(self) -> bool {
        matches!(self, Self::Ends(_) | Self::Unchanged)
    }

    /// The plugin that is blamed.
    pub(super) fn blamed(self) -> &'static str {
        if matches!(self, Self::Policy(_)) { POLICY } else { ATTACKER }
    }

    /// Compares with what became of it.
    pub(super) fn check(self, label: &str, end: &Result<Outcome, PluginError>) {
        match (self, end) {
            (Self::Ends(check), Ok(outcome)) => check(outcome),
            (Self::Unchanged, Ok(_)) => {}
            (Self::Ends(_) | Self::Unchanged, Err(error)) => {
                panic!("{label}: it must get to its end: {error:?}")
            }
            (_, Ok(outcome)) => panic!("{label}: it got to its end: {outcome:?}"),
            (_, Err(error)) => {
                assert!(self.is(&error.fault), "{label}: another fault: {:?}", error.fault);
            }
        }
    }

    fn is(self, fault: &Fault) -> bool {
        match (self, fault) {
            (Self::Over(expected), Fault::OverBudget { budget, .. }) => *budget == expected,
            (Self::Over(expected), Fault::Forbidden { violations }) => violations
                .iter()
                .any(|it| matches!(it, Violation::OverLimit { budget, .. } if *budget == expected)),
            (Self::Trap(words), Fault::Trap { cause, .. })
            | (Self::Malformed(words), Fault::Malformed { cause }) => cause.contains(words),
            (Self::Refused(expected), Fault::Refused { excesses }) => {
                excesses.iter().any(|it| it.budget == expected)
            }
            (Self::Killed(expected), Fault::CompileLimit { limit, .. }) => *limit == expected,
            (Self::ConfigStopped, Fault::CompileLimit { work, .. }) => *work == Work::Checking,
            (Self::Unsupported(words), Fault::Unsupported { feature, .. }) => {
                feature.contains(words)
            }
            (Self::NotWebAssembly(kind), Fault::NotWebAssembly { seems, .. }) => *seems == kind,
            (Self::CoreModule, Fault::CoreModule { .. }) => true,
            (Self::WrongWorld(expected), Fault::WrongWorld { mismatches }) => expected
                .iter()
                .all(|words| mismatches.iter().any(|mismatch| mismatch.contains(words))),
            (Self::BadDescription(words), Fault::BadDescription { reason }) => {
                reason.contains(words)
            }
            (Self::Denied(expected), Fault::Forbidden { violations }) => violations.iter().any(
                |it| matches!(it, Violation::Denied { path, .. } if path.to_string() == expected),
            ),
            (Self::Protected(expected), Fault::Forbidden { violations }) => {
                is_protected(violations, expected)
            }
            (Self::EachProtected(expected), Fault::Forbidden { violations }) => {
                expected.iter().all(|it| is_protected(violations, it))
            }
            (Self::Invalid(expected, words), Fault::Rejected { message, path, .. }) => {
                path.as_deref() == Some(expected) && message.contains(words)
            }
            (Self::BadResult(expected, words), Fault::BadResult { findings }) => findings
                .iter()
                .any(|it| it.path.to_string() == expected && it.message.contains(words)),
            (Self::Policy(words) | Self::Rejected(words), Fault::Rejected { message, .. }) => {
                message.contains(words)
            }
            _ => false,
        }
    }
}

fn is_protected(violations: &[Violation], expected: &str) -> bool {
    let is = |it: &Violation| matches!(it, Violation::Protected { path, .. } if path.to_string() == expected);
    violations.iter().any(is)
}
