//! What users meet, scenario by scenario: how a command ends, and that standard error names the cause, the object and
//! the command to type next.
//!
//! A cause that cannot heal alone ends a command of itself, so none of these runs into its timeout of five minutes,
//! and none is silent for so long that a heartbeat is printed (30 s).

mod change;
mod delete;
mod ending;
mod install;
mod lock;
mod refuse;
mod rollback;
mod rollout;
mod shared;
mod stop;
mod waits;
mod warned;

use std::process::Output;

use crate::plan_cli::Cli;

/// How a command ended.
pub(crate) struct Said {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Said {
    pub(crate) fn of(output: &Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Self { code: output.status.code(), out: text(&output.stdout), err: text(&output.stderr) }
    }

    /// The exit code, and parts of standard error in this order.
    #[track_caller]
    pub(crate) fn ends(&self, code: i32, parts: &[&str]) -> &Self {
        assert_eq!(self.code, Some(code), "{}\n{}", self.out, self.err);
        let mut rest = self.err.as_str();
        for part in parts {
            let at = rest.find(part);
            let at =
                at.unwrap_or_else(|| panic!("{part:?} is missing or out of order: {}", self.err));
            rest = &rest[at + part.len()..];
        }
        assert!(!self.err.contains("still waiting"), "the cause comes first: {}", self.err);
        self
    }

    /// Parts of standard output.
    #[track_caller]
    pub(crate) fn prints(&self, parts: &[&str]) -> &Self {
        for part in parts {
            assert!(self.out.contains(part), "{part:?} is missing: {}", self.out);
        }
        self
    }
}

/// Runs a command on the pipeline of a test.
pub(crate) fn run(cli: &Cli, arguments: &[&str]) -> Said {
    Said::of(&cli.output(arguments))
}

/// Applies the pipeline as it is now.
pub(crate) fn apply(cli: &Cli) -> Said {
    run(cli, APPLY)
}

pub(crate) const APPLY: &[&str] = &["apply", "--yes"];

/// Applies what is refused, and makes sure that nothing is written and that a plan says the same.
pub(crate) async fn refused(cli: &Cli, parts: &[&str]) -> Said {
    let before = cli.env.versions().await;
    let said = apply(cli);
    said.ends(4, parts);
    let planned = run(cli, &["plan"]);
    planned.ends(4, parts);
    assert_eq!(cli.env.versions().await, before, "nothing is written");
    said
}
