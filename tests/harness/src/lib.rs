//! Starts the real control plane of `tests/controlplane` for tests and the demo.
//!
//! ```no_run
//! use wellhead_harness::{ControlPlane, Options, Part, controlplane_binary};
//!
//! # fn main() -> Result<(), wellhead_harness::Error> {
//! let cluster = ControlPlane::start(&controlplane_binary()?, &Options::temporary())?;
//! println!("export KUBECONFIG={}", cluster.kubeconfig().display());
//! cluster.kill(Part::ApiServer)?;
//! cluster.start_part(Part::ApiServer)?; // same port, same data
//! # Ok(())
//! # } // dropping it ends every process and removes every file
//! ```
//!
//! A control plane never outlives its owner: it ends when the owner's end of a pipe closes, which
//! happens however the owner dies. [`start_detached`] is the exception, for `cargo xtask cluster up`.

mod binary;
mod control;
mod control_plane;
mod error;
mod namespace;
mod part;
mod proxy;
pub mod registry;
mod shared;
mod status;
mod storage;
mod tree;

pub use binary::{
    build_applier, build_controlplane, check_controlplane, controlplane_binary, target_dir,
};
pub use control::Control;
pub use control_plane::{ControlPlane, Options, start_detached};
pub use error::Error;
pub use namespace::fresh_namespace;
pub use part::Part;
pub use proxy::{Exchange, Fault, Proxy, Request, Verb};
pub use shared::SharedControlPlane;
pub use status::{PartState, PartStatus, Status};
pub use storage::{Call, CopyFault, Discarded, Driver, Injected, Storage, VolumeFault};
pub use tree::tree_hash;
