//! Building a project, by its language.

pub mod c;
pub(crate) mod go;
pub(crate) mod javascript;
pub(crate) mod python;
pub mod rust;

use crate::{Built, Error, Language, Output, Project, component};

impl Project {
    /// Builds the component. Nothing is installed but what the language's package manager fetches
    /// for the project itself.
    ///
    /// # Errors
    /// A missing, old or broken tool, a failed build, and what is no plugin.
    pub fn build(&self, output: Output) -> Result<Built, Error> {
        let built = match self.language() {
            Language::Rust => rust::build(self, output),
            Language::JavaScript => javascript::build(self, output),
            Language::Python => python::build(self, output),
            Language::Go => go::build(self, output),
            Language::C => c::build(self, output),
        }?;
        component::check(&built.component)
            .map_err(|source| Error::Encode { path: self.folder().to_owned(), source })?;
        Ok(built)
    }
}
