//! What host and child say to each other.
//!
//! The host passes a [`Job`] as arguments and the plugin, or a part of it, on standard input. The child
//! answers on standard output: a [`Reply`] as one line of JSON, and after one that says so machine code.

use std::ffi::OsString;
use std::io;
use std::io::{BufRead as _, BufReader, Read, Write};

use serde::{Deserialize, Serialize};

use super::limits::Allowance;

/// The first argument of a child. No command has this name, and the help does not show it.
pub(super) const MARKER: &str = "__compile-plugin";

/// Bytes of the longest reply, its machine code aside: a hundred violations of the longest text.
const LINE: u64 = 1 << 20;

/// What a child does with what it reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Task {
    /// Validates and compiles a component.
    Compile,
    /// The same for an engine that tells where in the component code comes from.
    CompileWithPlaces,
    /// Checks a config against a schema: both in a [`Question`](super::config::Question).
    CheckConfig,
    /// Finds source lines: a line of JSON with the places, and the component.
    FindLines,
}

impl Task {
    const ALL: [Self; 4] =
        [Self::Compile, Self::CompileWithPlaces, Self::CheckConfig, Self::FindLines];
}

/// What a child is told before it reads anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Job {
    /// Whole seconds of a processor.
    pub(super) cpu: u64,
    /// Bytes of address space.
    pub(super) memory: u64,
    /// Bytes of machine code.
    pub(super) artefact: u64,
    /// The process that waits for the answer.
    pub(super) parent: u64,
    /// What is to be done.
    pub(super) task: Task,
}

impl Job {
    pub(super) fn new(allowance: &Allowance, task: Task) -> Self {
        let Allowance { cpu, memory, artefact, .. } = *allowance;
        Self { cpu, memory, artefact, parent: std::process::id().into(), task }
    }

    pub(super) fn arguments(self) -> [String; 5] {
        let Self { cpu, memory, artefact, parent, task } = self;
        [cpu, memory, artefact, parent, task as u64].map(|number| number.to_string())
    }

    pub(super) fn parse(arguments: impl Iterator<Item = OsString>) -> Option<Self> {
        let numbers: Option<Vec<u64>> =
            arguments.map(|argument| argument.to_str()?.parse().ok()).collect();
        let [cpu, memory, artefact, parent, task] = *numbers?.as_slice() else {
            return None;
        };
        let task = *Task::ALL.get(usize::try_from(task).ok()?)?;
        Some(Self { cpu, memory, artefact, parent, task })
    }
}

/// The child's answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Reply {
    /// So many bytes of machine code follow.
    Compiled(u64),
    /// The machine code has more bytes than it may have.
    TooLarge,
    /// There was not enough memory.
    OutOfMemory,
    /// The engine does not accept the component, for this reason.
    Malformed(String),
    /// The component uses a feature that the engine does not have: its words, and the reason.
    Unsupported(String, String),
    /// The code of the host or of one of its libraries failed here.
    Panicked(String),
    /// The violations of a config: where, and what.
    Violations(Vec<(String, String)>),
    /// A schema against which no config can be checked, for this reason.
    BadSchema(String),
    /// The calls at each place, the innermost first.
    Lines(Vec<Vec<Call>>),
}

/// Writes an answer and its machine code.
pub(super) fn write(mut to: impl Write, reply: &Reply, code: &[u8]) -> io::Result<()> {
    serde_json::to_writer(&mut to, reply)?;
    to.write_all(b"\n")?;
    to.write_all(code)?;
    to.flush()
}

/// Reads an answer and its machine code, of which there may be `most` bytes. `None` when it is not
/// whole, or no answer at all.
pub(super) fn read(from: impl Read, most: u64) -> Option<(Reply, Vec<u8>)> {
    let mut from = BufReader::new(from);
    let mut line = Vec::new();
    (&mut from).take(LINE).read_until(b'\n', &mut line).ok()?;
    let reply = serde_json::from_slice(&line).ok()?;
    let bytes = match reply {
        Reply::Compiled(bytes) if bytes <= most => usize::try_from(bytes).ok()?,
        Reply::Compiled(_) => return None,
        _ => 0,
    };
    let mut code = vec![0; bytes];
    from.read_exact(&mut code).ok()?;
    Some((reply, code))
}

/// One call at a place.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Call {
    /// The function's name in the machine's form.
    pub(crate) function: Option<String>,
    /// Its file.
    pub(crate) file: Option<String>,
    /// The line there.
    pub(crate) line: Option<u32>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_survives_its_journey() {
        for task in Task::ALL {
            let job = Job { cpu: 30, memory: 2 << 30, artefact: 1, parent: 4, task };
            assert_eq!(Job::parse(job.arguments().into_iter().map(OsString::from)), Some(job));
        }
    }

    #[test]
    fn what_is_no_job_is_refused() {
        for arguments in [
            &["1", "2", "3", "4"][..],
            &["1", "2", "3", "4", "1", "6"],
            &["1", "2", "3", "x", "0"],
            &["1", "2", "3", "4", "4"],
        ] {
            assert_eq!(Job::parse(arguments.iter().map(OsString::from)), None);
        }
    }

    #[test]
    fn an_answer_survives_its_journey() {
        for (reply, code) in [
            (Reply::Compiled(3), &b"abc"[..]),
            (Reply::Malformed("a \"quoted\"\nline".to_owned()), b""),
            (Reply::Unsupported("a".to_owned(), "b".to_owned()), b""),
            (Reply::Violations(vec![("config".to_owned(), "c".to_owned())]), b""),
            (Reply::OutOfMemory, b""),
            (Reply::TooLarge, b""),
        ] {
            let mut sent = Vec::new();
            write(&mut sent, &reply, code).unwrap();
            assert_eq!(read(sent.as_slice(), 3), Some((reply, code.to_vec())));
        }
    }

    #[test]
    fn an_answer_that_is_cut_is_none() {
        let mut sent = Vec::new();
        write(&mut sent, &Reply::Compiled(3), b"abc").unwrap();
        for length in 0..sent.len() {
            assert_eq!(read(&sent[..length], 3), None);
        }
    }

    #[test]
    fn an_answer_that_announces_too_much_is_none() {
        let mut sent = Vec::new();
        write(&mut sent, &Reply::Compiled(u64::MAX), b"abc").unwrap();
        assert_eq!(read(sent.as_slice(), 3), None);
    }
}
