//! Turning a plugin into machine code, in a process of its own.
//!
//! Compiling is the one thing that a plugin makes the host do before any budget of the engine is in
//! force, and what it costs is not linear in the plugin's size: 600 KB took a minute, 240 KB took
//! 7.8 GiB. The check of the plugin's form refuses what is known to be so. What it lets through is
//! compiled by a child process, which sets itself limits that no code in it can lift ([`child`]), and
//! which the host ends when it lasts too long ([`parent`]). A crash of the compiler ends the child.

mod child;
mod limits;
mod parent;
mod protocol;
mod slots;

use std::path::PathBuf;
use std::thread;

pub use child::serve_compilation;
pub use limits::{CompileLimit, CompileLimits};

use crate::error::Fault;
use crate::text::{SHOWN_CHARACTERS, sanitize};

/// Stack on which components are compiled, in bytes. Types nest deeply and are visited recursively
/// (<https://github.com/bytecodealliance/wasmtime/issues/14354>): twice what a main thread has.
const STACK: usize = 16 << 20;

/// Where plugins are compiled, and what that may cost.
///
/// The default is [`Compiler::this_program`].
#[derive(Clone, Debug, Default)]
pub struct Compiler {
    place: Place,
    limits: CompileLimits,
    lines: bool,
}

#[derive(Clone, Debug, Default)]
enum Place {
    #[default]
    ThisProgram,
    Program(PathBuf),
    InProcess,
}

impl Compiler {
    /// A child process that runs this same program. Its `main` must begin with
    /// [`serve_compilation`]; without it, no plugin that is not in the cache can be loaded.
    pub fn this_program() -> Self {
        Self::default()
    }

    /// A child process that runs another program, of the same build of this crate, whose `main`
    /// begins with [`serve_compilation`]. The `wellhead` command is one. What it answers is run as
    /// machine code: name only a program that is trusted like this one.
    pub fn program(path: impl Into<PathBuf>) -> Self {
        Self { place: Place::Program(path.into()), ..Self::default() }
    }

    /// This process. Only for plugins that are trusted not to be made against the compiler: none
    /// of the [`CompileLimits`] holds.
    pub fn in_process() -> Self {
        Self { place: Place::InProcess, ..Self::default() }
    }

    /// The same with other limits.
    #[must_use]
    pub fn with_limits(self, limits: CompileLimits) -> Self {
        Self { limits, ..self }
    }

    /// The same for an engine whose crashes are told with source lines.
    pub(crate) fn with_source_lines(self) -> Self {
        Self { lines: true, ..self }
    }

    /// Compiles a component for an engine.
    pub(crate) fn compile(
        &self,
        engine: &wasmtime::Engine,
        bytes: &[u8],
    ) -> Result<Vec<u8>, Fault> {
        let program = match &self.place {
            Place::InProcess => return in_process(engine, bytes),
            Place::Program(path) => path.clone(),
            Place::ThisProgram => child::this_program()?,
        };
        let _slot = slots::take();
        parent::compile(&program, bytes, &self.limits.of(bytes.len()), self.lines)
    }
}

fn in_process(engine: &wasmtime::Engine, bytes: &[u8]) -> Result<Vec<u8>, Fault> {
    let compiled = on_large_stack(|| engine.precompile_component(bytes));
    match compiled {
        Ok(Ok(code)) => Ok(code),
        Ok(Err(error)) => Err(malformed(&format!("{error:#}"))),
        Err(cause) => Err(not_compiled(&cause.to_string())),
    }
}

/// Runs on a thread whose stack is large enough to compile on. Fails when there is no thread.
fn on_large_stack<R: Send>(work: impl FnOnce() -> R + Send) -> std::io::Result<R> {
    thread::scope(|scope| {
        let name = "compile".to_owned();
        let thread =
            thread::Builder::new().name(name).stack_size(STACK).spawn_scoped(scope, work)?;
        thread.join().map_or_else(|panic| std::panic::resume_unwind(panic), Ok)
    })
}

fn malformed(cause: &str) -> Fault {
    Fault::Malformed { cause: sanitize(cause, SHOWN_CHARACTERS) }
}

pub(crate) fn not_compiled(cause: &str) -> Fault {
    Fault::NotCompiled { cause: sanitize(cause, SHOWN_CHARACTERS) }
}
