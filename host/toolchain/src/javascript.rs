//! Plugins in JavaScript.

use crate::{Built, Error, Output, Project};

/// Builds a project.
pub(crate) fn build(project: &Project, _output: Output) -> Result<Built, Error> {
    Err(Error::Project {
        folder: project.folder().to_owned(),
        why: "this version does not build JavaScript".to_owned(),
        hint: "the project's README has the commands".to_owned(),
    })
}
