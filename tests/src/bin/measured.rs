//! Runs a command and writes down how much memory it had: `measured FILE PROGRAM [ARGUMENT]...`.
//!
//! The largest resident size of a child counts that of its parent at the start, so the parent must be
//! small: this program, and not a test. A limit of processor time ends a command that hangs.

use std::process::{Command, ExitCode};

use rustix::process::{Resource, Rlimit, setrlimit};
use wait4::Wait4 as _;

/// Seconds of processor time; every command of a test needs a small part of it.
const PROCESSOR_SECONDS: u64 = 60;
/// What is said of a program that a signal ended.
const ENDED_BY_SIGNAL: u8 = 255;

fn main() -> ExitCode {
    let mut arguments = std::env::args_os().skip(1);
    let file = arguments.next().expect("the first argument is the file of the result");
    let program = arguments.next().expect("the second argument is the program");
    let limit = Rlimit { current: Some(PROCESSOR_SECONDS), maximum: Some(PROCESSOR_SECONDS) };
    setrlimit(Resource::Cpu, limit).expect("a process may lower its own limits");
    let child = Command::new(program).args(arguments).spawn();
    let ended = child.expect("the program can be started").wait4().expect("it is our child");
    std::fs::write(file, ended.rusage.maxrss.to_string()).expect("the result can be written");
    let code = ended.status.code().and_then(|code| u8::try_from(code).ok());
    ExitCode::from(code.unwrap_or(ENDED_BY_SIGNAL))
}
