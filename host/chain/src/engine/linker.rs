//! All that a plugin may import.

use wasmtime::component::{HasSelf, Linker};

use crate::bindings::{context, facts, log, pipeline, types};
use crate::host::Host;

/// The functions of the interface itself; those of its resources are in [`crate::host`].
impl pipeline::Host for Host {}

/// All that a plugin may import, under the names of both tracks: the functions of 0.1 are those of 0.2 that it has.
pub(crate) fn of_contract(engine: &wasmtime::Engine) -> wasmtime::Result<Linker<Host>> {
    let mut linker = Linker::new(engine);
    for version in ["0.1.0", "0.2.0"] {
        let name = |interface: &str| format!("wellhead:plugin/{interface}@{version}");
        let mut instance = linker.instance(&name("types"))?;
        types::add_to_linker_instance::<_, HasSelf<Host>>(&mut instance, Host::called)?;
        let mut instance = linker.instance(&name("pipeline"))?;
        pipeline::add_to_linker_instance::<_, HasSelf<Host>>(&mut instance, Host::called)?;
        let mut instance = linker.instance(&name("log"))?;
        log::add_to_linker_instance::<_, HasSelf<Host>>(&mut instance, Host::called)?;
    }
    facts::add_to_linker::<_, HasSelf<Host>>(&mut linker, Host::called)?;
    context::add_to_linker::<_, HasSelf<Host>>(&mut linker, Host::called)?;
    Ok(linker)
}
