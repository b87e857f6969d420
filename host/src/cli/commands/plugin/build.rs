//! `wellhead plugin build`.

use std::path::{Path, PathBuf};

use clap::Args;
use serde::Serialize;
use wellhead::{Fault, PluginError, Severity, Structure, authoring};
use wellhead_chain::sanitize;
use wellhead_diagnostics::Code;
use wellhead_spec::{MAX_COMPONENT, PluginAbout, read_file};
use wellhead_toolchain::{About, Inputs, Language, Library, Output, PlugError, Project};

use super::asked;
use super::info::{PluginInfo, Subject};
use crate::cli::args::format::Text;
use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::output::diagnostic::Diagnostic;
use crate::cli::output::envelope::Envelope;

/// Build a plugin's project to a component, and check it
///
/// Runs the ordinary tools of the project's language; their output goes to standard error. The project's
/// README lists the commands.
#[derive(Debug, Args)]
pub(super) struct Build {
    /// The project's folder
    #[arg(default_value = ".")]
    folder: PathBuf,
    /// Path of the component [default: `component` of plugin.yaml, or plugin.wasm]
    #[arg(short, long, value_name = "FILE")]
    to: Option<PathBuf>,
    /// Plug a component into the plugin: a library whose interface the plugin imports (repeatable). `plugs` of
    /// plugin.yaml does it in every build
    #[arg(long = "plug", value_name = "FILE")]
    plugs: Vec<PathBuf>,
    /// The language, if the folder's files match several
    #[arg(short, long = "lang", value_name = "LANGUAGE")]
    language: Option<Language>,
    /// Output format
    #[arg(short, long, value_name = "FORMAT", default_value = "text")]
    output: Text,
}

/// Most characters of the name of a library's file.
const FILE_CHARACTERS: usize = 200;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PluginBuild {
    language: &'static str,
    file: PathBuf,
    #[serde(flatten)]
    info: PluginInfo,
}

/// Refuses a plugin that asks to write what no operator can grant: it would be granted nothing of it, and fail in use.
fn check_writes(subject: &Subject) -> Result<(), Failure> {
    let about = subject.plugin.description();
    let mut what = asked::findings(&about.writes, &about.opens, about.transforms);
    what.retain(|it| it.severity == Severity::Error);
    if what.is_empty() { Ok(()) } else { Err(Failure::Several { exit: Exit::Error, what }) }
}

impl Build {
    pub(super) fn is_json(&self) -> bool {
        self.output == Text::Json
    }

    pub(super) fn run(&self, context: &Context) -> Result<Exit, Failure> {
        let project = Project::open(&self.folder, self.language)?;
        let mut says = authoring::Project::open(&self.folder)?;
        says.plugs.extend_from_slice(&self.plugs);
        let quiet = self.is_json() || context.global.quiet;
        let file = self.to.as_ref().unwrap_or(&says.component).clone();
        let output = if quiet { Output::OnFailure } else { Output::Show };
        let subject = build(&project, &says, &file, output, context)?;
        let info = subject.info();
        if self.is_json() {
            let body = PluginBuild { language: project.language().id(), file, info };
            context.printer.json(&Envelope::new("PluginBuild", body, Vec::new()))?;
        } else {
            context.printer.text(&format!("{}\nfile      {}\n", info.summary(), file.display()))?;
        }
        Ok(Exit::Done)
    }
}

/// Builds a project's component into a file, and checks it.
pub(super) fn build(
    project: &Project,
    says: &authoring::Project,
    file: &Path,
    output: Output,
    context: &Context,
) -> Result<Subject, Failure> {
    let libraries = libraries(&says.plugs)?;
    let inputs = Inputs::of(project, &libraries)?;
    let built = project.build(output, &libraries)?.described(about(&says.about))?;
    built.write(file)?;
    let subject = Subject::load(&built.name, file, context)?;
    let description = subject.plugin.description();
    built.about.check(&description.name, &description.version)?;
    check_writes(&subject)?;
    if file == says.component {
        // Tools write their locks while they build.
        let after = Inputs::of(project, &libraries)?;
        inputs.with_locks_of(&after).note(project, &built.component)?;
    }
    Ok(subject)
}

/// Builds the component of a project whose files changed since it was built. A folder without a project has nothing to build.
/// What the tools print is shown only if they fail: the command's result is the report of the cases.
pub(super) fn build_stale(folder: &Path, context: &Context) -> Result<(), Failure> {
    if let Some((project, says)) = stale(folder)? {
        build(&project, &says, &says.component, Output::OnFailure, context)?;
    }
    Ok(())
}

/// The project in a folder, if its files changed since its component was built.
pub(super) fn stale(folder: &Path) -> Result<Option<(Project, authoring::Project)>, Failure> {
    let project = match Project::open(folder, None) {
        Err(wellhead_toolchain::Error::NoProject { .. }) => return Ok(None),
        project => project?,
    };
    let says = authoring::Project::open(folder)?;
    let inputs = Inputs::of(&project, &libraries(&says.plugs)?)?;
    Ok(inputs.differ(&project, &says.component).then_some((project, says)))
}

/// The libraries of a project. Each may be a stranger's: it is counted as a plugin is before anything is made of it.
fn libraries(files: &[PathBuf]) -> Result<Vec<Library>, Failure> {
    let read = |file: &PathBuf| {
        let library = read_file(file, MAX_COMPONENT)
            .map_err(|error| PlugError::unreadable(file, &error))
            .and_then(|bytes| Library::new(file, bytes))
            .map_err(wellhead_toolchain::Error::from)?;
        let counted = Structure::check(library.component(), &Structure::BUDGETS);
        counted.map_err(|fault| refused(file, fault))?;
        Ok(library)
    };
    files.iter().map(read).collect()
}

/// Why no plugin can have a library as its part.
fn refused(file: &Path, fault: Fault) -> Failure {
    let file = sanitize(&file.display().to_string(), FILE_CHARACTERS);
    let what = format!("the library `{file}` cannot be plugged into the plugin");
    let what = Diagnostic::error(Code::LibraryDoesNotFit, what);
    let told = Diagnostic::of_plugin(&PluginError { plugin: file, entry: None, fault }, false);
    let code = told.code;
    let what = told.facts.iter().fold(what, Diagnostic::fact);
    let hint = format!("a library may be and have what a plugin may: `wellhead explain {code}`");
    Failure::Several { exit: Exit::Error, what: vec![what.hint(hint)] }
}

/// What `plugin.yaml` says, as the toolchain takes it.
fn about(says: &PluginAbout) -> About {
    let PluginAbout { name, version, description, authors, license, source, homepage, revision } =
        says.clone();
    About { name, version, description, authors, licenses: license, source, homepage, revision }
}
