//! The host's side: starts a child, gives it the plugin, and takes its answer or ends it.

use std::io;
use std::io::{Read, Write as _};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::thread;
use std::thread::Scope;
use std::time::Duration;

use wait4::{ResUse, Wait4 as _};

use super::fault::not_compiled;
use super::limits::{Allowance, CompileLimit};
use super::protocol::{Job, MARKER, Reply, Task};
use super::{protocol, slots};
use crate::error::{Fault, Work};

/// Bytes of the child's last words that are kept.
const WORDS: u64 = 8 << 10;

/// What came of a child.
struct End {
    /// Its answer. An error: it was ended at the wall clock's limit.
    answer: Result<Option<(Reply, Vec<u8>)>, mpsc::RecvTimeoutError>,
    status: ExitStatus,
    /// The processor time that it used.
    processor: Duration,
    /// What it wrote to standard error.
    words: String,
}

/// Has a task done by a child process, which reads the given bytes in turn.
pub(super) fn run(
    program: &Path,
    task: Task,
    given: &[&[u8]],
    allowance: &Allowance,
) -> Result<(Reply, Vec<u8>), Fault> {
    let _slot = slots::take();
    let end = start(program, Job::new(allowance, task))
        .and_then(|child| converse(child, given, allowance))
        .map_err(|error| not_compiled(&format!("{}: {error}", program.display())))?;
    verdict(end, task, allowance)
}

fn start(program: &Path, job: Job) -> io::Result<Running> {
    let mut command = Command::new(program);
    command.arg(MARKER).args(job.arguments()).env_clear();
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    #[cfg(unix)]
    {
        use std::os::unix::process::CommandExt as _;
        // Signals of the terminal go to the host alone, which ends its children.
        command.process_group(0).arg0("wellhead");
    }
    command.spawn().map(|child| Running(Some(child)))
}

/// Gives the plugin to a child, waits for its answer as long as it may last, and ends it.
fn converse(mut child: Running, given: &[&[u8]], allowance: &Allowance) -> io::Result<End> {
    let (mut stdin, stdout, stderr) = child
        .0
        .as_mut()
        .and_then(|it| Some((it.stdin.take()?, it.stdout.take()?, it.stderr.take()?)))
        .ok_or_else(|| io::Error::other("a stream is missing"))?;
    let (sender, answer) = mpsc::channel();
    let most = allowance.artefact;
    thread::scope(|scope| {
        // Owned here, so that an error ends the child before the scope waits for its threads.
        let child = child;
        // A child that ends early does not read everything; its end says more than this error.
        spawn(scope, move || drop(given.iter().try_for_each(|part| stdin.write_all(part))))?;
        let words = spawn(scope, move || read_words(stderr))?;
        spawn(scope, move || drop(sender.send(protocol::read(stdout, most))))?;
        let answer = answer.recv_timeout(allowance.wall);
        let ResUse { status, rusage } = child.end()?;
        let processor = rusage.utime.saturating_add(rusage.stime);
        Ok(End { answer, status, processor, words: words.join().unwrap_or_default() })
    })
}

fn spawn<'scope, R: Send + 'scope>(
    scope: &'scope Scope<'scope, '_>,
    work: impl FnOnce() -> R + Send + 'scope,
) -> io::Result<thread::ScopedJoinHandle<'scope, R>> {
    thread::Builder::new().spawn_scoped(scope, work)
}

/// The beginning of a text; the rest is read and forgotten, so that nobody waits to write it.
fn read_words(mut from: impl Read) -> String {
    let mut words = Vec::new();
    let _ = (&mut from).take(WORDS).read_to_end(&mut words);
    let _ = io::copy(&mut from, &mut io::sink());
    String::from_utf8_lossy(&words).into_owned()
}

fn verdict(end: End, task: Task, allowance: &Allowance) -> Result<(Reply, Vec<u8>), Fault> {
    let processor = end.processor;
    let work = match task {
        Task::Compile | Task::CompileWithPlaces => Work::Compiling,
        Task::CheckConfig => Work::Checking,
        Task::FindLines => Work::Locating,
    };
    let over = |limit| {
        let value = allowance.value(limit);
        // The system counts for its limit and for what a child used in different ways.
        let least = if limit == CompileLimit::Cpu { allowance.cpu } else { 0 };
        let processor = processor.max(Duration::from_secs(least));
        Err(Fault::CompileLimit { work, limit, value, processor })
    };
    match end.answer {
        Ok(Some((Reply::TooLarge, _))) => over(CompileLimit::Artefact),
        Ok(Some((Reply::OutOfMemory, _))) => over(CompileLimit::Memory),
        Ok(Some(answer)) => Ok(answer),
        // A child that computed all the time was ended by the system before.
        Err(mpsc::RecvTimeoutError::Timeout) => {
            Err(Fault::Busy { work, processor, clock: allowance.wall })
        }
        // The standard library's last words before it aborts.
        _ if end.words.contains("memory allocation of") => over(CompileLimit::Memory),
        _ if at_cpu_limit(end.status) => over(CompileLimit::Cpu),
        _ => {
            let words = end.words.trim();
            let colon = if words.is_empty() { "" } else { ": " };
            Err(not_compiled(&format!("the compiler ended with {}{colon}{words}", end.status)))
        }
    }
}

#[cfg(unix)]
fn at_cpu_limit(status: ExitStatus) -> bool {
    use std::os::unix::process::ExitStatusExt as _;
    status.signal() == Some(rustix::process::Signal::XCPU.as_raw())
}

#[cfg(not(unix))]
fn at_cpu_limit(_: ExitStatus) -> bool {
    false
}

/// A child that has not been waited for. Dropping it ends it.
struct Running(Option<Child>);

impl Running {
    /// Ends the child, unless it ended itself, and tells how it ended and what it used. Its streams are
    /// closed after.
    fn end(mut self) -> io::Result<ResUse> {
        let mut child = self.0.take().ok_or_else(|| io::Error::other("it was ended before"))?;
        kill(&mut child);
        child.wait4()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(mut child) = self.0.take() {
            kill(&mut child);
            let _ = child.wait();
        }
    }
}

/// A child that has begun to end keeps its own reason. Its number is not given to another one before it
/// is waited for.
fn kill(child: &mut Child) {
    #[cfg(unix)]
    {
        use rustix::process::{Pid, Signal, kill_process_group};
        let group = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
        if let Some(group) = group {
            let _ = kill_process_group(group, Signal::KILL);
        }
    }
    let _ = child.kill();
}
