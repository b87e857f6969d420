//! The one place that turns bytes into machine code. It is the project's only unsafe code.
//!
//! Invariants that make it sound:
//! - the bytes were made by [`wasmtime::Engine::precompile_component`] of this program, in this run
//!   or an earlier one: [`Cache`](crate::Cache) is the only caller that reads them from disk, no
//!   plugin's file ever comes here, and the cache's directory can be entered by its owner alone;
//! - they are whole: the cache compares their digest before it hands them out;
//! - wasmtime itself compares its version and every setting that decides how code is compiled.
#![expect(unsafe_code, reason = "running a compiled plugin is unsafe by its nature; see above")]

use wasmtime::component::Component;

/// Loads a component that this program compiled.
pub(crate) fn load(engine: &wasmtime::Engine, compiled: &[u8]) -> wasmtime::Result<Component> {
    // SAFETY: see the invariants above.
    unsafe { Component::deserialize(engine, compiled) }
}
