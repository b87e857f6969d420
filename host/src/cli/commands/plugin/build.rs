//! `wellhead plugin build`.

use std::path::PathBuf;

use clap::Args;
use serde::Serialize;
use wellhead::{Severity, authoring};
use wellhead_toolchain::{Language, Output, Project};

use super::check::asked;
use super::info::{PluginInfo, Subject};
use crate::cli::args::format::Text;
use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
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
    /// The language, if the folder's files match several
    #[arg(short, long = "lang", value_name = "LANGUAGE")]
    language: Option<Language>,
    /// Output format
    #[arg(short, long, value_name = "FORMAT", default_value = "text")]
    output: Text,
}

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
    let mut what = asked::findings(&about.writes, about.transforms);
    what.retain(|it| it.severity == Severity::Error);
    if what.is_empty() { Ok(()) } else { Err(Failure::Several { exit: Exit::Error, what }) }
}

impl Build {
    pub(super) fn is_json(&self) -> bool {
        self.output == Text::Json
    }

    pub(super) fn run(&self, context: &Context) -> Result<Exit, Failure> {
        let project = Project::open(&self.folder, self.language)?;
        let file = match &self.to {
            Some(file) => file.clone(),
            None => authoring::Project::open(&self.folder)?.component,
        };
        let quiet = self.is_json() || context.global.quiet;
        let built = project.build(if quiet { Output::OnFailure } else { Output::Show })?;
        built.write(&file)?;
        let subject = Subject::load(&built.name, &file, context)?;
        check_writes(&subject)?;
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
