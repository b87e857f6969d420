//! The child: limits itself, does its task on what it is given, answers, and ends.

use std::ffi::OsString;
use std::io;
use std::io::Read as _;
use std::path::PathBuf;
use std::process;
use std::sync::atomic::{AtomicBool, Ordering};

use super::fault::not_compiled;
use super::protocol::{Job, MARKER, Reply, Task};
use super::stack::on_large_stack;
use super::{config, lines, panics, protocol};
use crate::engine::settings;
use crate::error::Fault;
use crate::precheck;

/// Whether `main` of this program began with [`serve_compilation`]. A program that does not would, as
/// a child, do its own work instead.
static SERVES: AtomicBool = AtomicBool::new(false);

/// Lets this program be the child that compiles plugins ([`Compiler::this_program`]). Call it first in
/// `main`, before a thread starts and before arguments are parsed: in a child it does not return.
///
/// [`Compiler::this_program`]: crate::Compiler::this_program
pub fn serve_compilation() {
    let mut arguments = std::env::args_os().skip(1);
    if arguments.next().is_some_and(|first| first == MARKER) {
        process::exit(serve(arguments));
    }
    SERVES.store(true, Ordering::Relaxed);
}

/// The program that runs now, as one that can be started again.
pub(super) fn this_program() -> Result<PathBuf, Fault> {
    if !SERVES.load(Ordering::Relaxed) {
        return Err(not_compiled(
            "this program does not call `wellhead::serve_compilation` first in its `main`",
        ));
    }
    // Unlike a path, this stays the program that runs when an update replaces its file.
    if cfg!(target_os = "linux") {
        return Ok(PathBuf::from("/proc/self/exe"));
    }
    std::env::current_exe().map_err(|error| not_compiled(&error.to_string()))
}

/// Does the job, and tells what the process ends with: 0 when there was an answer.
fn serve(arguments: impl Iterator<Item = OsString>) -> i32 {
    let Some(job) = Job::parse(arguments) else {
        say("this command is for Wellhead itself");
        return 2;
    };
    panics::note_places();
    let answered = limits::set(&job).and_then(|()| match answer(&job) {
        Err(error) if is_out_of_memory(&error) => Ok((Reply::OutOfMemory, Vec::new())),
        answered => answered,
    });
    match answered.and_then(|(reply, code)| protocol::write(io::stdout().lock(), &reply, &code)) {
        Ok(()) => 0,
        Err(error) => {
            say(&error.to_string());
            1
        }
    }
}

/// Memory runs out for the plugin's bytes, or for a thread's stack, which the system calls otherwise.
fn is_out_of_memory(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::OutOfMemory | io::ErrorKind::WouldBlock)
}

/// The host reads standard error when there is no answer.
fn say(text: &str) {
    use io::Write as _;
    let _ = writeln!(io::stderr(), "{text}");
}

fn answer(job: &Job) -> io::Result<(Reply, Vec<u8>)> {
    let mut given = Vec::new();
    io::stdin().lock().read_to_end(&mut given)?;
    or_panicked(|| match job.task {
        Task::Compile => compile(job, &given, false),
        Task::CompileWithPlaces => compile(job, &given, true),
        Task::CheckConfig => Ok((config::answer(&given)?, Vec::new())),
        Task::FindLines => Ok((lines::answer(&given)?, Vec::new())),
    })
}

/// What some work answers, which says where it panicked if it did.
fn or_panicked(
    work: impl FnOnce() -> io::Result<(Reply, Vec<u8>)> + Send,
) -> io::Result<(Reply, Vec<u8>)> {
    let answered = on_large_stack(work)?;
    answered.unwrap_or_else(|_| Ok((Reply::Panicked(panics::last()), Vec::new())))
}

fn compile(job: &Job, plugin: &[u8], places: bool) -> io::Result<(Reply, Vec<u8>)> {
    if let Err(fault) = precheck::validate(plugin) {
        return Ok((refusal(fault), Vec::new()));
    }
    let engine = settings::for_compiling(places).map_err(io::Error::other)?;
    Ok(match engine.precompile_component(plugin) {
        Ok(code) if code.len() as u64 > job.artefact => (Reply::TooLarge, Vec::new()),
        Ok(code) => (Reply::Compiled(code.len() as u64), code),
        Err(error) if error.is::<wasmtime::OutOfMemory>() => (Reply::OutOfMemory, Vec::new()),
        Err(error) => (Reply::Malformed(format!("{error:#}")), Vec::new()),
    })
}

/// What the validator says of a component that it does not accept.
fn refusal(fault: Fault) -> Reply {
    match fault {
        Fault::Unsupported { feature, cause } => Reply::Unsupported(feature.to_owned(), cause),
        Fault::Malformed { cause } => Reply::Malformed(cause),
        other => Reply::Malformed(other.code().to_string()),
    }
}

#[cfg(unix)]
mod limits {
    //! What the child may use. It raises none of its own limits again: they are hard ones.

    use std::io;

    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

    use super::Job;

    /// Open files: the three streams, and what the allocator and the standard library look into.
    const FILES: u64 = 16;

    pub(super) fn set(job: &Job) -> io::Result<()> {
        for (resource, most) in [
            (Resource::As, job.memory),
            // It writes to a pipe, and no file.
            (Resource::Fsize, 0),
            (Resource::Core, 0),
            (Resource::Nofile, FILES),
        ] {
            lower(resource, most, most)?;
        }
        // At the first, the system ends the child in a way that tells why; at the second, in any case.
        lower(Resource::Cpu, job.cpu, job.cpu.saturating_add(1))?;
        end_with_parent(job)
    }

    fn lower(resource: Resource, soft: u64, hard: u64) -> io::Result<()> {
        let within = |value: u64| getrlimit(resource).maximum.map_or(value, |most| value.min(most));
        let limit = Rlimit { current: Some(within(soft)), maximum: Some(within(hard)) };
        Ok(setrlimit(resource, limit)?)
    }

    #[cfg(any(target_os = "linux", target_os = "android"))]
    fn end_with_parent(job: &Job) -> io::Result<()> {
        use rustix::process::{Signal, getppid, set_parent_process_death_signal};

        set_parent_process_death_signal(Some(Signal::KILL))?;
        // It may have ended before that call.
        let parent = getppid().map(|it| i64::from(it.as_raw_nonzero().get()));
        if parent.and_then(|it| u64::try_from(it).ok()) == Some(job.parent) {
            Ok(())
        } else {
            Err(io::Error::other("the host has ended"))
        }
    }

    /// Elsewhere the limits end it, or the answer that nobody reads.
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    fn end_with_parent(_: &Job) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(not(unix))]
mod limits {
    use std::io;

    use super::Job;

    /// The system has no such limits: the host's clock is the only one.
    pub(super) fn set(_: &Job) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::panic;

    use super::{Reply, or_panicked, panics};

    #[test]
    fn work_that_panics_answers_with_its_place_and_without_its_words() {
        let hook = panic::take_hook();
        panics::note_places();
        let line = line!() + 1;
        let answer = or_panicked(|| panic!("the words of a panic"));
        panic::set_hook(hook);
        let (reply, code) = answer.expect("there is an answer");
        // The file is named from the folder in which its package, or the workspace, is built.
        let Reply::Panicked(place) = reply else { panic!("{reply:?}") };
        assert!(place.ends_with(&format!("compile/child.rs:{line}")), "{place}");
        assert!(code.is_empty());
    }
}
