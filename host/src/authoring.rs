//! What the author of a plugin needs beside a compiler: test cases, single runs, recordings and
//! measurements. All of it runs in the real sandbox, with the real budgets.
//!
//! - [`test`] runs the cases of a [`Project`] and compares what comes out with what should.
//! - [`run_once`] runs a plugin on one pipeline and tells everything that it did.
//! - [`Recording`] keeps such a run, and [`Recording::replay`] makes it again.
//! - [`bench()`] measures calls.
//! - [`compare()`] tells what changed between two versions, and which version must follow.

mod bench;
mod bless;
mod call;
mod case;
mod compare;
mod error;
mod expected;
mod project;
mod recording;
mod single;
mod subject;
mod suite;

pub use bench::{BenchRequest, Benchmark, bench};
pub use bless::{Blessed, Change};
pub use compare::{Comparison, Difference, Part, compare};
pub use error::AuthoringError;
pub use project::Project;
pub use recording::{RecordedCall, RecordedResult, Recording, Replay, ReplayDifference};
pub use single::{OneRun, RunRequest, run_once};
pub use subject::{Identity, Loading, Rights, Subject};
pub use suite::{CaseReport, CaseUsage, Problem, TestReport, TestRequest, test};
