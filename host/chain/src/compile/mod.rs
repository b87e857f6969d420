//! Work on what a plugin brings that no budget of the engine is in force for, in a process of its own.
//!
//! What validating and compiling a component costs is not linear in its size: 600 KB took a minute,
//! 240 KB took 7.8 GiB. So it is with a config schema, of which 5 KB take forever, and with debug
//! information. The check of the plugin's form refuses what is known to be so. What it lets through is the
//! task of a child process, which sets itself limits that no code in it can lift ([`child`]), and which
//! the host ends when it lasts too long ([`parent`]). A crash ends the child.

mod child;
mod config;
pub(crate) mod fault;
mod limits;
mod lines;
mod panics;
mod parent;
mod protocol;
mod slots;
pub(crate) mod stack;

use std::path::PathBuf;

use serde_json::Value;

use crate::error::Fault;
use crate::precheck;
use crate::text::{SHOWN_CHARACTERS, sanitize};
use fault::{malformed, not_compiled};
use protocol::{Reply, Task};
use stack::on_large_stack;

pub use child::serve_compilation;
pub use limits::{CompileLimit, CompileLimits};
pub(crate) use protocol::Call;

/// Where plugins are compiled and what else is done with what they bring, and what that may cost.
///
/// The default is [`Compiler::this_program`].
#[derive(Clone, Debug, Default)]
pub struct Compiler {
    place: Place,
    limits: CompileLimits,
    places: bool,
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

    /// This process. Only for plugins that are trusted not to be made against the host: none of the
    /// [`CompileLimits`] holds.
    pub fn in_process() -> Self {
        Self { place: Place::InProcess, ..Self::default() }
    }

    /// The same with other limits.
    #[must_use]
    pub fn with_limits(self, limits: CompileLimits) -> Self {
        Self { limits, ..self }
    }

    /// The same for an engine that tells where in the component code comes from.
    pub(crate) fn with_places(self) -> Self {
        Self { places: true, ..self }
    }

    /// Validates a component and compiles it for an engine.
    pub(crate) fn compile(
        &self,
        engine: &wasmtime::Engine,
        bytes: &[u8],
    ) -> Result<Vec<u8>, Fault> {
        let Some(program) = self.program_of_child()? else {
            precheck::validate(bytes)?;
            return in_process(engine, bytes);
        };
        let task = if self.places { Task::CompileWithPlaces } else { Task::Compile };
        match parent::run(&program, task, &[bytes], &self.limits.of(bytes.len()))? {
            (Reply::Compiled(_), code) => Ok(code),
            (reply, _) => Err(refused(reply)),
        }
    }

    /// Checks a config against a schema; every violation, up to a number of them: its place, e.g.
    /// `config.rules[0]`, and what is wrong.
    pub(crate) fn check_config(
        &self,
        schema: &Value,
        config: &Value,
    ) -> Result<Vec<(String, String)>, Fault> {
        let question = config::question(schema, config);
        let reply = match self.program_of_child()? {
            Some(program) => {
                let limits = self.limits.of_config();
                parent::run(&program, Task::CheckConfig, &[&question], &limits)?.0
            }
            None => config::answer(&question).map_err(|error| not_compiled(&error.to_string()))?,
        };
        match reply {
            Reply::Violations(violations) => Ok(violations),
            Reply::BadSchema(reason) => Err(crate::plugin::config::bad_schema(&reason)),
            other => Err(refused(other)),
        }
    }

    /// The calls that were running at places of a component, from its debug information: of each place
    /// the innermost first, and none where it has no information.
    pub(crate) fn find_lines(
        &self,
        component: &[u8],
        places: &[Option<u64>],
    ) -> Result<Vec<Vec<Call>>, Fault> {
        let reply = match self.program_of_child()? {
            Some(program) => {
                let places = lines::question(places);
                let limits = self.limits.of_lines();
                parent::run(&program, Task::FindLines, &[&places, component], &limits)?.0
            }
            None => Reply::Lines(lines::find(component, places)),
        };
        match reply {
            Reply::Lines(lines) => Ok(lines),
            other => Err(refused(other)),
        }
    }

    /// The program of the child, unless all is done in this process.
    fn program_of_child(&self) -> Result<Option<PathBuf>, Fault> {
        match &self.place {
            Place::InProcess => Ok(None),
            Place::Program(path) => Ok(Some(path.clone())),
            Place::ThisProgram => child::this_program().map(Some),
        }
    }
}

/// The fault of an answer that is not the one that was asked for.
fn refused(reply: Reply) -> Fault {
    match reply {
        Reply::Malformed(cause) => malformed(&cause),
        Reply::Unsupported(feature, cause) => precheck::unsupported(&feature, &cause),
        Reply::Panicked(place) => {
            Fault::CompilerFailed { place: Some(sanitize(&place, SHOWN_CHARACTERS)) }
        }
        _ => not_compiled("the compiler answers what it was not asked"),
    }
}

fn in_process(engine: &wasmtime::Engine, bytes: &[u8]) -> Result<Vec<u8>, Fault> {
    let compiled = on_large_stack(|| engine.precompile_component(bytes));
    match compiled {
        Ok(Ok(Ok(code))) => Ok(code),
        Ok(Ok(Err(error))) => Err(malformed(&format!("{error:#}"))),
        Ok(Err(_)) => Err(Fault::CompilerFailed { place: None }),
        Err(cause) => Err(not_compiled(&cause.to_string())),
    }
}
