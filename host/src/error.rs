//! Why there is no result, with all that a message needs.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use wellhead_chain::{EngineError, PluginError};
use wellhead_spec::{Finding, Loaded, Location, PipelineName, Severity};

/// Why a [`run`](crate::run) has no result.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// Files cannot be read, or what they contain is not valid.
    Input(InvalidInput),
    /// The WebAssembly engine does not start on this machine.
    Engine(EngineError),
    /// Plugins cannot be used, refuse, or do what they may not.
    Plugins(Vec<PluginFailure>),
}

/// Everything that is wrong with the files.
#[derive(Debug)]
pub struct InvalidInput {
    /// Errors and warnings, in the order of the files.
    pub findings: Vec<Finding>,
    /// The files, for excerpts.
    pub texts: Texts,
}

/// The texts of files that were read.
#[derive(Debug, Default)]
pub struct Texts(pub(crate) Vec<Loaded>);

/// A plugin that failed.
#[derive(Debug)]
pub struct PluginFailure {
    /// What failed, and why.
    pub error: PluginError,
    /// Where the entry is, or the part of it that the error is about.
    pub location: Location,
    /// The text of that file, for an excerpt.
    pub text: Arc<str>,
    /// The pipeline, unless the plugin failed before it saw one.
    pub pipeline: Option<PipelineName>,
    /// What the plugins of the pipeline said and used until then, in order. Of several failures of
    /// one pipeline, the first has it.
    pub runs: Vec<wellhead_chain::Run>,
}

impl InvalidInput {
    /// Findings about files that were read.
    pub fn new(findings: Vec<Finding>, read: Loaded<wellhead_spec::Pipeline>) -> Self {
        Self { findings, texts: Texts(vec![read]) }
    }
}

impl Texts {
    /// The text of a file. `file` is that of a [`Location`].
    pub fn get(&self, file: &Path) -> Option<&str> {
        self.0.iter().find_map(|loaded| loaded.text(file))
    }

    /// The files that were read, in no order.
    pub fn files(&self) -> impl Iterator<Item = (&Path, &str)> {
        self.0.iter().flat_map(Loaded::files)
    }
}

impl fmt::Display for Error {
    /// The first thing that is wrong, in one line.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Input(input) => {
                let errors = || input.findings.iter().filter(|it| it.severity == Severity::Error);
                let first = errors().next().map_or("", |finding| &finding.message);
                f.write_str(first)?;
                more(f, errors().count())
            }
            Self::Engine(error) => error.fmt(f),
            Self::Plugins(failures) => {
                if let Some(first) = failures.first() {
                    first.error.fmt(f)?;
                }
                more(f, failures.len())
            }
        }
    }
}

fn more(f: &mut fmt::Formatter<'_>, count: usize) -> fmt::Result {
    if count > 1 { write!(f, " (and {} more)", count - 1) } else { Ok(()) }
}

impl std::error::Error for Error {}
