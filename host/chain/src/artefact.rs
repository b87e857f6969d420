//! The one place that turns bytes into machine code. It is the project's only unsafe code.
//!
//! Invariants that make it sound:
//! - the bytes were made by [`wasmtime::Engine::precompile_component`] of this program, in this run
//!   or an earlier one: [`Cache`](crate::Cache) is the only caller that names a file, no plugin's
//!   file ever comes here, and the cache's directory can be entered by its owner alone;
//! - they are whole: the cache compares their digest before it names the file;
//! - they stay as they are while they are mapped: the cache never writes to a file that has its
//!   final name, it only puts another file in its place;
//! - wasmtime itself compares its version and every setting that decides how code is compiled.
#![expect(unsafe_code, reason = "running a compiled plugin is unsafe by its nature; see above")]

use std::path::Path;

use wasmtime::component::Component;

/// Loads a component that this program compiled.
pub(crate) fn load(engine: &wasmtime::Engine, compiled: &[u8]) -> wasmtime::Result<Component> {
    // SAFETY: see the invariants above.
    unsafe { Component::deserialize(engine, compiled) }
}

/// Maps a component that this program compiled. What is not used of it is never read.
pub(crate) fn map(engine: &wasmtime::Engine, file: &Path) -> wasmtime::Result<Component> {
    // SAFETY: see the invariants above.
    unsafe { Component::deserialize_file(engine, file) }
}
