//! The one place that turns bytes into machine code. It is the project's only unsafe code.
//!
//! Invariants that make it sound:
//! - the bytes were made by [`wasmtime::Engine::precompile_component`] of this program, in this run
//!   or an earlier one: they come from [`compile`](crate::compile), whose child process is this
//!   program and answers through a pipe that no other process has, or from [`Cache`](crate::Cache),
//!   the only caller that names a file, whose directory and files only its user can write. No
//!   plugin's file ever comes here;
//! - they are whole: the cache compares their digest before it names the file, or knows that the file
//!   did not change since an earlier run did (`cache/note.rs`);
//! - they stay as they are while they are mapped: the cache never writes to a file that has its
//!   final name, it only puts another file in its place or removes it;
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
