//! Why a project could not be made or built.

use std::io;
use std::path::{Path, PathBuf};

use wellhead_diagnostics::Code;

use crate::Language;
use crate::component::EncodeError;
use crate::library::PlugError;
use crate::requirement::Version;
use crate::shown::in_code;

/// Why a project could not be made or built. The text says what failed; [`Error::facts`] say why and
/// [`Error::hints`] what to type next.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A folder has no project.
    #[error("there is no plugin project in {}", .folder.display())]
    NoProject {
        /// The folder.
        folder: PathBuf,
    },
    /// A folder could be a project of several languages.
    #[error("the project in {} could be of {}", .folder.display(), titles(.languages))]
    Ambiguous {
        /// The folder.
        folder: PathBuf,
        /// The languages.
        languages: Vec<Language>,
    },
    /// A text is no name of a plugin.
    #[error("{} cannot be the name of a plugin", in_code(.name))]
    Name {
        /// The text.
        name: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// There is something where a new project should be.
    #[error("{} is there already", .folder.display())]
    Occupied {
        /// The folder, or the file.
        folder: PathBuf,
        /// What is in it.
        why: String,
    },
    /// A tool is not installed.
    #[error("{what} is not installed")]
    Missing {
        /// What people call it.
        what: &'static str,
        /// How that shows.
        why: String,
        /// What to type to get it.
        install: String,
    },
    /// A tool is too old.
    #[error("{what} {found} is too old")]
    #[expect(private_interfaces, reason = "only the crate makes and reads versions")]
    Outdated {
        /// What people call it.
        what: &'static str,
        /// The installed version.
        found: Version,
        /// The oldest that will do.
        minimum: Version,
        /// What to type to get a newer one.
        install: String,
    },
    /// A tool is there, and does not work.
    #[error("{what} is installed and does not work")]
    Broken {
        /// What people call it.
        what: &'static str,
        /// What was tried.
        command: String,
        /// What it said.
        why: String,
        /// What to type to get one that works.
        install: String,
    },
    /// A command did not start.
    #[error("{} did not start", in_code(.command))]
    Start {
        /// The command.
        command: String,
        /// Why.
        source: io::Error,
    },
    /// A command failed.
    #[error("{} failed", in_code(.command))]
    Failed {
        /// The command.
        command: String,
        /// What it said, unless that was shown already.
        said: String,
    },
    /// A project is not what its language's tools need.
    #[error("the project in {} cannot be built", .folder.display())]
    Project {
        /// The folder.
        folder: PathBuf,
        /// What is wrong with it.
        why: String,
        /// What to change.
        hint: String,
    },
    /// A plugin calls itself otherwise than its project does.
    #[error("the plugin says that its {what} is {}, and its project says {}", in_code(.plugin), in_code(.project))]
    Disagrees {
        /// `name` or `version`.
        what: &'static str,
        /// What the project's manifest has.
        project: String,
        /// What the plugin's `describe` returns.
        plugin: String,
    },
    /// What the tools made is no plugin.
    #[error("{} does not become a plugin", .path.display())]
    Encode {
        /// What the tools made.
        path: PathBuf,
        /// Why.
        source: EncodeError,
    },
    /// A library cannot be plugged into the plugin.
    #[error("the library {} cannot be plugged into the plugin", .0.shown())]
    Plug(#[from] PlugError),
    /// A file cannot be read or written.
    #[error("{} cannot be {action}", .path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// `read` or `written`.
        action: &'static str,
        /// Why.
        source: io::Error,
    },
}

impl Error {
    /// Its code; [`CODES`](crate::CODES) has the meaning.
    pub const fn code(&self) -> Code {
        match self {
            Self::NoProject { .. } | Self::Ambiguous { .. } | Self::Project { .. } => {
                Code::NoProject
            }
            Self::Name { .. } => Code::InvalidPluginName,
            Self::Occupied { .. } => Code::ProjectExists,
            Self::Missing { .. } | Self::Outdated { .. } => Code::ToolMissing,
            Self::Broken { .. } | Self::Start { .. } => Code::ToolBroken,
            Self::Failed { .. } => Code::BuildFailed,
            Self::Encode { .. } => Code::BuiltNoPlugin,
            Self::Disagrees { .. } => Code::ProjectDisagrees,
            Self::Plug(_) => Code::LibraryDoesNotFit,
            Self::File { .. } => Code::ProjectFile,
        }
    }

    /// Why, a line each.
    pub fn facts(&self) -> Vec<String> {
        let markers = |languages: &[Language]| {
            let markers: Vec<_> = languages.iter().map(|it| it.marker()).collect();
            markers.join(", ")
        };
        match self {
            Self::NoProject { .. } => {
                vec![format!("it has none of {}", markers(&Language::ALL))]
            }
            Self::Ambiguous { languages, .. } => vec![format!("it has {}", markers(languages))],
            Self::Name { why, .. } => vec![(*why).to_owned()],
            Self::Occupied { why, .. } | Self::Project { why, .. } | Self::Missing { why, .. } => {
                vec![why.clone()]
            }
            Self::Outdated { minimum, .. } => vec![format!("at least {minimum} is needed")],
            Self::Broken { command, why, .. } => {
                let said = why.lines().map(|line| format!("  {line}"));
                std::iter::once(format!("{} says:", in_code(command))).chain(said).collect()
            }
            Self::Failed { said, .. } => said.lines().map(str::to_owned).collect(),
            Self::Encode { source, .. } => vec![source.to_string()],
            Self::Plug(error) => vec![error.to_string()],
            Self::Disagrees { .. } => Vec::new(),
            Self::Start { source, .. } | Self::File { source, .. } => vec![source.to_string()],
        }
    }

    /// What to type next, where it is known.
    pub fn hints(&self) -> Vec<String> {
        match self {
            Self::NoProject { .. } => vec![
                "name the project's folder, or make one: `wellhead plugin new NAME --lang rust`"
                    .to_owned(),
            ],
            Self::Ambiguous { languages, .. } => {
                let options: Vec<_> =
                    languages.iter().map(|it| format!("`--lang {}`", it.id())).collect();
                vec![format!("say which: {}", options.join(" or "))]
            }
            Self::Name { .. } => vec!["e.g. `team-label`".to_owned()],
            Self::Occupied { .. } => {
                vec!["choose another name, or another folder by `--dir`".to_owned()]
            }
            Self::Missing { install, .. }
            | Self::Outdated { install, .. }
            | Self::Broken { install, .. } => vec![install.clone()],
            Self::Project { hint, .. } => vec![hint.clone()],
            Self::Encode { source, .. } => source.hints(),
            Self::Plug(error) => vec![error.hint.clone()],
            Self::Disagrees { what, .. } => vec![format!(
                "write one {what} into both: the code, and the manifest or `about.{what}` of plugin.yaml"
            )],
            Self::Start { .. } | Self::Failed { .. } | Self::File { .. } => Vec::new(),
        }
    }

    /// For `map_err` after reading `path`.
    pub(crate) fn unread(path: &Path) -> impl FnOnce(io::Error) -> Self + use<> {
        let path = path.to_owned();
        move |source| Self::File { path, action: "read", source }
    }

    /// For `map_err` after writing `path`.
    pub(crate) fn unwritten(path: &Path) -> impl FnOnce(io::Error) -> Self + use<> {
        let path = path.to_owned();
        move |source| Self::File { path, action: "written", source }
    }
}

fn titles(languages: &[Language]) -> String {
    let titles: Vec<_> = languages.iter().map(|it| it.title()).collect();
    titles.join(" or ")
}
