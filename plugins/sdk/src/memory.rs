//! The pipeline in memory, for native tests of a plugin's logic.
//!
//! The types have the methods of the contract's resources, so a plugin compiles against either.
//! They read and write a document in the form of a pipeline file, without the host's checks.

mod claim;
mod container;
mod generic;
mod node;
mod path;
mod pipeline;
mod protocol;
mod service;
pub(crate) mod surroundings;

pub use claim::Claim;
pub use container::Container;
pub use node::Edit;
pub use pipeline::Pipeline;
pub use service::Service;
