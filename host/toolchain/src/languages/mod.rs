//! Building a project, by its language.

pub mod c;
pub(crate) mod go;
pub(crate) mod javascript;
pub(crate) mod python;
pub mod rust;

use std::path::Path;

use crate::plug::plug;
use crate::{Built, Error, Language, Library, Output, Project};

impl Project {
    /// Builds the component, and plugs libraries into it. Nothing is installed but what the language's package
    /// manager fetches for the project itself.
    ///
    /// # Errors
    /// A missing, old or broken tool, a failed build, a library that does not fit, and what is no plugin.
    pub fn build(&self, output: Output, libraries: &[Library]) -> Result<Built, Error> {
        let built = match self.language() {
            Language::Rust => rust::build(self, output),
            Language::JavaScript => javascript::build(self, output),
            Language::Python => python::build(self, output),
            Language::Go => go::build(self, output),
            Language::C => c::build(self, output),
        }?;
        let component = plug(built.component, libraries, Path::new(&built.name))?;
        Ok(Built { component, ..built })
    }
}
