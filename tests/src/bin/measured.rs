//! Runs a command and writes down what it cost: `measured FILE PROGRAM [ARGUMENT]...`. The answer is a line of JSON: the
//! memory that it and its children had, and the memory and processor time that it had itself.
//!
//! The largest resident size of a child counts that of its parent at the start, so the parent must be
//! small: this program, and not a test. A limit of processor time ends a command that hangs.

use std::process::{Child, Command, ExitCode};
use std::thread;
use std::time::Duration;

use rustix::process::{Pid, Resource, Rlimit, WaitId, WaitIdOptions, setrlimit, waitid};
use serde_json::json;
use wait4::Wait4 as _;

/// Seconds of processor time; every command of a test needs a small part of it.
const PROCESSOR_SECONDS: u64 = 60;
/// What is said of a program that a signal ended.
const ENDED_BY_SIGNAL: u8 = 255;
/// Time between two looks at how much memory a command has. The system keeps the most that it ever had.
const LOOKS: Duration = Duration::from_millis(1);
/// Milliseconds of the unit in which Linux tells the time of a process.
/// <https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html>
const TICK: u64 = 10;

fn main() -> ExitCode {
    let mut arguments = std::env::args_os().skip(1);
    let file = arguments.next().expect("the first argument is the file of the result");
    let program = arguments.next().expect("the second argument is the program");
    let limit = Rlimit { current: Some(PROCESSOR_SECONDS), maximum: Some(PROCESSOR_SECONDS) };
    setrlimit(Resource::Cpu, limit).expect("a process may lower its own limits");
    let child = Command::new(program).args(arguments).spawn();
    let child = child.expect("the program can be started");
    let (bytes, milliseconds) = own(&child);
    let ended = child.wait4().expect("it is our child");
    let cost =
        json!({"resident": ended.rusage.maxrss, "bytes": bytes, "milliseconds": milliseconds});
    std::fs::write(file, cost.to_string()).expect("the result can be written");
    let code = ended.status.code().and_then(|code| u8::try_from(code).ok());
    ExitCode::from(code.unwrap_or(ENDED_BY_SIGNAL))
}

/// Bytes and milliseconds of a child without its own children, when it has ended and was not waited for.
fn own(child: &Child) -> (u64, u64) {
    let id = child.id();
    let process = i32::try_from(id).ok().and_then(Pid::from_raw).expect("it has a number");
    let looking = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT | WaitIdOptions::NOHANG;
    let mut most = 0;
    while waitid(WaitId::Pid(process), looking).expect("it is our child").is_none() {
        most = most_resident(id).unwrap_or(most);
        thread::sleep(LOOKS);
    }
    let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).expect("it is not gone yet");
    // After the name: its state, 10 others, then the times in the program and in the system.
    let numbers = stat.rsplit_once(')').expect("the name is in parentheses").1;
    let times = numbers.split_whitespace().skip(11).take(2).map(str::parse::<u64>);
    (most, TICK * times.map(|it| it.expect("times are numbers")).sum::<u64>())
}

/// Most bytes that a process had so far. `None` once it has ended.
fn most_resident(id: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{id}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().strip_suffix(" kB")?.parse::<u64>().ok()? << 10)
}
