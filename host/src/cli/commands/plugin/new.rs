//! `wellhead plugin new`.

use std::path::PathBuf;

use clap::Args;
use serde::Serialize;
use wellhead_toolchain::{Language, NewProject};

use crate::cli::args::format::Text;
use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::output::envelope::Envelope;

/// Create the project of a new plugin
///
/// The project is complete: code, config schema, tests, cases, README, and a copy of the SDK. It builds with
/// only the language's own tools.
#[derive(Debug, Args)]
pub(super) struct New {
    /// Name: lower-case letters, digits and hyphens
    name: String,
    /// Language: rust, javascript, python, go or c
    #[arg(short, long = "lang", value_name = "LANGUAGE")]
    language: Language,
    /// Folder, new or empty [default: NAME]
    #[arg(long, value_name = "FOLDER")]
    dir: Option<PathBuf>,
    /// Output format
    #[arg(short, long, value_name = "FORMAT", default_value = "text")]
    output: Text,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PluginProject {
    name: String,
    language: &'static str,
    folder: PathBuf,
    files: Vec<PathBuf>,
}

impl New {
    pub(super) fn is_json(&self) -> bool {
        self.output == Text::Json
    }

    pub(super) fn run(&self, context: &Context) -> Result<Exit, Failure> {
        let folder = self.dir.clone().unwrap_or_else(|| PathBuf::from(&self.name));
        let (name, language) = (self.name.clone(), self.language);
        let files = NewProject { name, language, folder: folder.clone() }.write()?;
        if self.is_json() {
            let (name, language) = (self.name.clone(), self.language.id());
            let project = PluginProject { name, language, folder, files };
            context.printer.json(&Envelope::new("PluginProject", project, Vec::new()))?;
        } else {
            context.printer.text(&self.text(&folder.display().to_string()))?;
        }
        Ok(Exit::Done)
    }

    /// What to type next.
    fn text(&self, folder: &str) -> String {
        format!(
            "{folder} has a plugin in {}; its README.md says more. Next:\n\n  cd {folder}\n  \
             wellhead plugin build\n  wellhead plugin test\n",
            self.language
        )
    }
}
