//! All that a plugin may import.

use wasmtime::component::{HasSelf, Linker};

use crate::bindings::{log, pipeline, types};
use crate::host::Host;

/// The functions of the interface itself; those of its resources are in [`crate::host`].
impl pipeline::Host for Host {}

/// All that a plugin may import.
pub(crate) fn of_contract(engine: &wasmtime::Engine) -> wasmtime::Result<Linker<Host>> {
    let mut linker = Linker::new(engine);
    types::add_to_linker::<_, HasSelf<Host>>(&mut linker, Host::called)?;
    pipeline::add_to_linker::<_, HasSelf<Host>>(&mut linker, Host::called)?;
    log::add_to_linker::<_, HasSelf<Host>>(&mut linker, Host::called)?;
    Ok(linker)
}
