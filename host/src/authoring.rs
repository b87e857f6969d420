//! What the author of a plugin needs beside a compiler: test cases, single runs, recordings and
//! measurements. All of it runs in the real sandbox, with the real budgets.
//!
//! - [`test`] runs the cases of a [`Project`] and compares what comes out with what should.
//! - [`run_once`] runs a plugin on one pipeline and tells everything that it did.
//! - [`Recording`] keeps such a run, and [`Recording::replay`] makes it again.
//! - [`bench()`] measures calls.

mod bench;
mod bless;
mod case;
mod error;
mod expected;
mod project;
mod recording;
mod single;
mod subject;
mod suite;

pub use bench::{BenchRequest, Benchmark, bench};
pub use bless::{Blessed, Change};
pub use error::AuthoringError;
pub use project::Project;
pub use recording::{Recording, Replay, ReplayDifference};
pub use single::{OneRun, RunRequest, run_once};
pub use subject::{Identity, Loading, Rights, Subject};
pub use suite::{CaseReport, CaseUsage, Problem, TestReport, TestRequest, test};

/// The codes of this module's findings.
pub mod codes {
    /// A test case lacks a file, or has one too many.
    pub const CASE_FILES: &str = "WH0541";
    /// There is no test case to run.
    pub const NO_CASES: &str = "WH0542";
    /// A test case ends otherwise than it says.
    pub const DIFFERENT: &str = "WH0543";
    /// A plugin needs more than its author promises.
    pub const PROMISE: &str = "WH0544";
    /// Something else is wrong than what `--bless` can write.
    pub const NOT_BLESSED: &str = "WH0545";
    /// A file is no recording.
    pub const RECORDING: &str = "WH0546";
    /// A plugin does something else than it did when it was recorded.
    pub const REPLAY: &str = "WH0547";
}
