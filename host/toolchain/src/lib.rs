//! A plugin project: made from a template, and built to a component with the ordinary tools of its
//! language.
//!
//! 1. [`NewProject`] writes the template of a [`Language`] and its SDK into a folder.
//! 2. A [`Project`] is such a folder. [`Project::build`] checks the tools, runs them, wraps what they
//!    make into a component without WASI, and returns it as a [`Built`].
//!
//! What a host makes of the component is not known here: it is checked and inspected by
//! `wellhead-chain`. An [`Error`] says what failed, why, and what to type next.

pub mod c;
mod embedded;
mod encode;
mod error;
mod go;
mod javascript;
mod language;
mod name;
mod new;
mod project;
mod python;
mod requirement;
mod run;
pub mod rust;
mod shim;
mod world;

pub use encode::{EncodeError, encode};
pub use error::Error;
pub use language::Language;
pub use new::NewProject;
pub use project::{Built, Project};
pub use run::{Output, read, run};
