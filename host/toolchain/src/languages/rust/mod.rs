//! Plugins in Rust: cargo makes a core module for [`TARGET`], whose custom sections describe its
//! world, and [`wrap`] makes a component of it.

mod remap;
mod toolchain;
mod workspace;

pub use toolchain::{TARGET, check};
pub use workspace::{Guest, Workspace};

use std::fs;

use crate::component::wrap;
use crate::{Built, Error, Output, Project};

/// Builds a project.
pub(crate) fn build(project: &Project, output: Output) -> Result<Built, Error> {
    check(project.folder())?;
    let workspace = Workspace::read(project.folder(), &[])?;
    let guest = workspace.guest_in(project.folder())?;
    let options = remap::options(project.folder())?;
    workspace.build(std::slice::from_ref(&guest), &options, output)?;
    let module = fs::read(&guest.module).map_err(Error::unread(&guest.module))?;
    let component =
        wrap(&module).map_err(|source| Error::Encode { path: guest.module.clone(), source })?;
    Ok(Built { name: guest.name, component, about: guest.about })
}
