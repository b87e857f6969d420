//! A plugin project: made from a template, and built to a component with the ordinary tools of its
//! language.
//!
//! 1. [`NewProject`] writes the template of a [`Language`] and its SDK into a folder.
//! 2. A [`Project`] is such a folder. [`Project::build`] checks the tools, runs them, wraps what they
//!    make into a component without WASI, plugs each [`Library`] into it, and returns it as a [`Built`].
//!
//! What a host makes of the component is not known here: it is checked and inspected by
//! `wellhead-chain`. An [`Error`] says what failed, why, and what to type next.

mod about;
mod component;
mod error;
mod inputs;
mod language;
mod languages;
mod library;
mod plug;
mod project;
mod requirement;
mod run;
mod shown;
mod template;

pub use about::About;
pub use component::{EncodeError, encode};
pub use error::Error;
pub use inputs::Inputs;
pub use language::Language;
pub use languages::{c, rust};
pub use library::{Library, PlugError};
pub use project::{Built, Project};
pub use run::{Output, read, run};
pub use template::NewProject;
