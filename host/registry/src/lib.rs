//! Plugins in OCI registries: asked for, checked while they come, and kept on disk.
//!
//! A registry is not trusted. What it sends is counted and hashed as it comes, and nothing is kept, followed or believed
//! that a caller did not ask for by digest. A credential goes to the registry that it is for, and to its token server,
//! which is the registry itself, or a host that the operator names.
//!
//! Whether a plugin may be asked for at all is decided before, by the trust policy.

mod auth;
mod content;
mod error;
mod layout;
mod options;
mod push;
mod registry;
mod signature;
mod store;
mod wire;

pub use auth::Credentials;
pub use content::artifact::{Artifact, Claims};
pub use content::manifest::{Component, Manifest};
pub use error::RegistryError;
pub use layout::collect::PackedPlugin;
pub use layout::read::{Layout, LayoutPlugin};
pub use layout::write::write_layout;
pub use options::{Deadlines, Options};
pub use push::Pushed;
pub use registry::{Pinned, Registry};
pub use signature::evidence::Evidence;
pub use signature::find::FoundSignatures;
pub use signature::key::PublicKey;
pub use signature::private::SigningKey;
pub use signature::sign::Signed;
pub use store::{Store, Stored, StoredComponent};
pub use wire::proxy::Proxies;
