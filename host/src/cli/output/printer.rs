//! What goes where. Standard output has the result and nothing else; everything that is said on the
//! way goes to standard error.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::io::{self, BufWriter, IsTerminal as _, StdoutLock, Write as _};
use std::sync::{Arc, Mutex};

use anstream::{AutoStream, ColorChoice};
use serde::Serialize;
use wellhead::Severity;
use wellhead_chain::sanitize;
use wellhead_diagnostics::Code;

use super::diagnostic::{Diagnostic, SHOWN, drawing};
use super::json;
use crate::cli::args::global::{Color, Global};

/// Most characters of a line about what happens.
const LINE: usize = 4_000;
/// Bytes that are written at once; a pipe of Linux holds as many.
const BUFFER: usize = 64 << 10;

/// Writes results, progress and messages.
#[derive(Clone, Debug)]
pub(crate) struct Printer {
    color: ColorChoice,
    result_color: ColorChoice,
    quiet: bool,
    verbose: u8,
    warned: Arc<Mutex<HashSet<String>>>,
}

impl Printer {
    /// The printer that the options ask for.
    pub(crate) fn new(global: &Global) -> Self {
        let (color, result_color) = match global.color {
            Color::Always => (ColorChoice::Always, ColorChoice::Always),
            Color::Never => (ColorChoice::Never, ColorChoice::Never),
            Color::Auto => (AutoStream::choice(&io::stderr()), AutoStream::choice(&io::stdout())),
        };
        let (quiet, verbose, warned) = (global.quiet, global.verbose, Arc::default());
        Self { color, result_color, quiet, verbose, warned }
    }

    /// Where the result goes. It must be flushed.
    #[expect(clippy::unused_self, reason = "only a printer hands out standard output")]
    pub(crate) fn result(&self) -> BufWriter<StdoutLock<'static>> {
        BufWriter::with_capacity(BUFFER, io::stdout().lock())
    }

    /// Prints a text as the result.
    pub(crate) fn text(&self, text: &str) -> io::Result<()> {
        let mut out = self.result();
        out.write_all(text.as_bytes())?;
        out.flush()
    }

    /// Prints a text with styles as the result; they are left out where they mean nothing.
    pub(crate) fn styled(&self, text: &str) -> io::Result<()> {
        let mut out = AutoStream::new(io::stdout().lock(), self.result_color);
        out.write_all(text.as_bytes())?;
        out.flush()
    }

    /// Prints a text with styles to those who are asked about it.
    pub(crate) fn shown(&self, text: &str) {
        let mut stream = AutoStream::new(io::stderr().lock(), self.color);
        let _ = write!(stream, "{text}");
    }

    /// Whether `-q` was given.
    pub(crate) fn is_quiet(&self) -> bool {
        self.quiet
    }

    /// Whether `-v` was given.
    pub(crate) fn is_verbose(&self) -> bool {
        self.verbose > 0
    }

    /// Prints a document as the result.
    pub(crate) fn json(&self, document: &impl Serialize) -> io::Result<()> {
        let mut out = self.result();
        json::write(&mut out, document).map_err(io::Error::from)?;
        out.write_all(b"\n")?;
        out.flush()
    }

    /// Prints a line about what happens.
    pub(crate) fn line(&self, line: &str) {
        if !self.quiet {
            self.say(&sanitize(line, LINE));
        }
    }

    /// Prints a line that was asked for by an option of its own, so that `-q` does not withhold it.
    pub(crate) fn asked(&self, line: &str) {
        self.say(&sanitize(line, LINE));
    }

    /// Prints a line that only `-v` asks for.
    pub(crate) fn detail(&self, line: &str) {
        if self.verbose > 0 {
            self.say(&sanitize(line, LINE));
        }
    }

    /// Asks a question; the answer is typed in the same line.
    pub(crate) fn prompt(&self, question: &str) {
        let mut stream = AutoStream::new(io::stderr().lock(), self.color);
        let _ = write!(stream, "{question}");
        let _ = stream.flush();
    }

    /// Whether a person sees standard error as it is written: progress may redraw.
    pub(crate) fn is_interactive(&self) -> bool {
        let ci = std::env::var_os("CI").is_some_and(|it| !it.is_empty());
        !self.quiet && !ci && io::stderr().is_terminal()
    }

    /// Prints warnings, each once in a run.
    pub(crate) fn warnings(&self, warnings: &[Diagnostic]) {
        if !self.quiet {
            let new = |it: &&Diagnostic| {
                let mut warned =
                    self.warned.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                // The server may warn of several things about one object.
                let facts = it.object.as_ref().map(|_| &it.facts);
                warned.insert(format!("{} {} {facts:?} {:?}", it.code, it.message, it.location))
            };
            let new: Vec<_> = warnings.iter().filter(new).cloned().collect();
            self.print(&new);
        }
    }

    /// Prints diagnostics, of each kind the first few.
    pub(crate) fn print(&self, diagnostics: &[Diagnostic]) {
        let mut counts: BTreeMap<(Severity, Code), usize> = BTreeMap::new();
        for diagnostic in &alike(diagnostics) {
            let count = counts.entry((diagnostic.severity, diagnostic.code)).or_default();
            *count += 1;
            if *count <= SHOWN {
                self.say(&drawing::draw(diagnostic));
            }
        }
        for ((_, code), count) in counts.iter().filter(|it| *it.1 > SHOWN) {
            self.say(&format!("... and {} more {code} ({})", count - SHOWN, code.title()));
        }
    }

    /// Writes to standard error. Who closed it does not want to know.
    fn say(&self, text: &str) {
        let mut stream = AutoStream::new(io::stderr().lock(), self.color);
        let _ = writeln!(stream, "{text}");
    }
}

/// Diagnostics about several objects that say the same are shown as one: `-o json` has them all.
fn alike(diagnostics: &[Diagnostic]) -> Vec<Diagnostic> {
    let mut shown: Vec<Diagnostic> = Vec::new();
    let mut first = HashMap::new();
    for one in diagnostics {
        let about_objects = one.object.is_some() && one.field.is_none();
        let says = !one.hints.is_empty() || !one.facts.is_empty();
        let facts = if one.hints.is_empty() { &one.facts[..] } else { &[] };
        let same = (about_objects && says).then_some((one.code, &one.hints, facts));
        let known = same.and_then(|it| first.get(&it).copied());
        if let (Some(at), Some(object)) = (known, &one.object) {
            let alike: &mut Diagnostic = &mut shown[at];
            alike.also.push(object.clone());
        } else {
            first.extend(same.map(|it| (it, shown.len())));
            shown.push(one.clone());
        }
    }
    shown
}
