//! The files that a command works on.

use std::io::{self, IsTerminal as _};
use std::path::PathBuf;

use clap::Args;
use wellhead::{Namespace, Request, Source};

use super::global::Global;
use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::cli::program::{self, quoted};

/// Base specs and customizations.
#[derive(Clone, Debug, Args)]
pub(crate) struct Files {
    /// Base spec: a file, a folder, or `-` for standard input
    #[arg(short, long, value_name = "PIPELINE", required = true, num_args = 1..)]
    pub(crate) file: Vec<PathBuf>,
    /// Customization: a file, a folder, or `-`; applied in the order given
    #[arg(short, long, value_name = "CUSTOMIZATION", num_args = 1..)]
    pub(crate) customization: Vec<PathBuf>,
    /// Facts about the cluster for plugins whose entries grant them: a file that `wellhead facts` printed, or that
    /// you wrote
    #[arg(long, value_name = "FILE")]
    pub(crate) facts: Vec<PathBuf>,
    /// Run each plugin twice, and refuse one whose results differ
    #[arg(long)]
    pub(crate) verify_determinism: bool,
}

impl Files {
    /// What to work on. `default_namespace` is that of the cluster's context, where there is one.
    pub(crate) fn request(
        &self,
        context: &Context,
        default_namespace: Option<Namespace>,
    ) -> Result<Request, Failure> {
        let files = [&self.file[..], &self.customization, &self.facts];
        let request = request(files, context, default_namespace)?;
        Ok(Request { verify_determinism: self.verify_determinism, ..request })
    }

    /// The command line of another command that works on the same.
    pub(crate) fn command(&self, verb: &str, context: &Context) -> String {
        let Global { namespace, connecting, .. } = &context.global;
        let paths = |paths: &[PathBuf]| paths.iter().map(|it| it.display().to_string()).collect();
        let options: [(&str, Vec<String>); 4] = [
            ("-f", paths(&self.file)),
            ("-c", paths(&self.customization)),
            ("--facts", paths(&self.facts)),
            ("-n", namespace.iter().map(ToString::to_string).collect()),
        ];
        let mut line = format!("{} {verb}", program::name());
        for (option, values) in options.iter().filter(|(_, values)| !values.is_empty()) {
            let values = values.iter().map(|it| format!(" {}", quoted(it)));
            line.extend(std::iter::once(format!(" {option}")).chain(values));
        }
        line + &connecting.words()
    }
}

/// What to work on: pipelines, customizations and facts.
pub(crate) fn request(
    [pipelines, customizations, facts]: [&[PathBuf]; 3],
    context: &Context,
    default_namespace: Option<Namespace>,
) -> Result<Request, Failure> {
    let all = pipelines.iter().chain(customizations).chain(facts);
    check_stdin(all, io::stdin().is_terminal())?;
    let sources = |paths: &[PathBuf]| paths.iter().cloned().map(Source::from).collect();
    Ok(Request {
        pipelines: sources(pipelines),
        customizations: sources(customizations),
        facts: sources(facts),
        namespace: context.global.namespace.clone(),
        default_namespace,
        cache: wellhead::user_cache(),
        compiler: context.global.compiling.compiler(),
        distribution: context.global.sourcing.distribution()?,
        verify_determinism: false,
        take: Vec::new(),
        trace: false,
        threads: None,
    })
}

/// Refuses to wait for a person who does not know it.
pub(crate) fn check_terminal(paths: &[PathBuf]) -> Result<(), Failure> {
    check_stdin(paths.iter(), io::stdin().is_terminal())
}

/// Standard input can be read once, and never from a person by accident.
fn check_stdin<'p>(
    paths: impl Iterator<Item = &'p PathBuf>,
    is_terminal: bool,
) -> Result<(), Failure> {
    match paths.filter(|path| path.as_os_str() == "-").count() {
        1 if is_terminal => Err(Failure::usage(
            "standard input is a terminal",
            "pipe a file into it, or name the file by `-f FILE`",
        )),
        0 | 1 => Ok(()),
        _ => Err(Failure::usage(
            "standard input is named more than once",
            "give `-` once; one stream may hold several documents",
        )),
    }
}
