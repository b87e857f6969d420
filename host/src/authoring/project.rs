//! A plugin's project: a folder, and what its `plugin.yaml` says.

use std::path::{Path, PathBuf};

use wellhead_diagnostics::Code;
use wellhead_spec::{FieldPath, Finding, PluginAbout, PluginBudget, Source, load_project};

use super::case;
use super::error::AuthoringError;

/// Name of the file that describes a project.
const FILE: &str = "plugin.yaml";

/// A plugin's project, with everything that it leaves out filled in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Project {
    /// The component that is built.
    pub component: PathBuf,
    /// Folder of the test cases.
    pub cases: PathBuf,
    /// Components that the build plugs into it.
    pub plugs: Vec<PathBuf>,
    /// What the plugin promises to need at most.
    pub budget: PluginBudget,
    /// What the component says about its origin, where the manifest of its language does not.
    pub about: PluginAbout,
}

impl Project {
    /// The project in a folder. A folder without a `plugin.yaml` is one, too.
    pub fn open(folder: &Path) -> Result<Self, AuthoringError> {
        let file = folder.join(FILE);
        let says = if file.is_file() {
            check_place(folder, &file)?;
            load_project(&Source::Path(file))?.value
        } else {
            wellhead_spec::PluginProject::default()
        };
        let at = |path: String| {
            // What messages show begins with no `./`.
            if folder == Path::new(".") { PathBuf::from(path) } else { folder.join(path) }
        };
        Ok(Self {
            component: at(says.component.unwrap_or_else(|| "plugin.wasm".to_owned())),
            cases: at(says.cases.unwrap_or_else(|| "cases".to_owned())),
            plugs: says.plugs.into_iter().map(at).collect(),
            budget: says.budget,
            about: says.about,
        })
    }
}

/// Refuses a link out of the project: a line of what it leads to would be shown.
fn check_place(folder: &Path, file: &Path) -> Result<(), AuthoringError> {
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let is_inside = match (folder.canonicalize(), file.canonicalize()) {
        (Ok(folder), Ok(file)) => file.starts_with(folder),
        _ => false,
    };
    if is_inside {
        return Ok(());
    }
    let message = format!("{FILE} is not a file of the project");
    let finding = Finding::error(Code::InvalidTestCase, FieldPath::root(), message)
        .hint("write a regular file in its place")
        .at(Some(case::whole(file.to_owned())));
    Err(AuthoringError::finding(finding))
}
