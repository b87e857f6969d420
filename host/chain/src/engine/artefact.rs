//! The one place that turns bytes into machine code. It is the project's only unsafe code.
//!
//! Invariants that make it sound:
//! - the bytes were made by [`wasmtime::Engine::precompile_component`] of this program, in this run
//!   or an earlier one: they come from [`compile`](crate::compile), whose child process is this
//!   program and answers through a pipe that no other process has, or from [`Cache`](crate::Cache),
//!   the only caller that has a file, whose directory and files nobody else can write or replace. No
//!   plugin's file ever comes here;
//! - they are whole: the cache compares the digest of the same open file before, or knows that it did
//!   not change since an earlier run did (`cache/note.rs`);
//! - they stay as they are while they are mapped: the cache never writes to a file that has its
//!   final name, it only puts another file in its place or removes it;
//! - wasmtime itself compares its version and every setting that decides how code is compiled.
#![expect(unsafe_code, reason = "running a compiled plugin is unsafe by its nature; see above")]

use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::PathBuf;

use wasmtime::component::Component;

/// Loads a component that this program compiled.
pub(crate) fn load(engine: &wasmtime::Engine, compiled: &[u8]) -> wasmtime::Result<Component> {
    // SAFETY: see the invariants above.
    unsafe { Component::deserialize(engine, compiled) }
}

/// Maps a component that this program compiled, from the file that was checked. What is not used of it is
/// never read. Where the system does not name open files, all of it is.
pub(crate) fn map(engine: &wasmtime::Engine, mut file: &File) -> wasmtime::Result<Component> {
    if let Some(opened) = name_of_open(file) {
        // SAFETY: see the invariants above. The name leads to the open file, and not to a path.
        return unsafe { Component::deserialize_file(engine, opened) };
    }
    let mut compiled = Vec::new();
    file.seek(SeekFrom::Start(0))?;
    file.read_to_end(&mut compiled)?;
    load(engine, &compiled)
}

/// A name of an open file by its number (<https://man7.org/linux/man-pages/man5/proc_pid_fd.5.html>): the
/// engine maps a component by name only.
#[cfg(target_os = "linux")]
fn name_of_open(file: &File) -> Option<PathBuf> {
    use std::os::fd::AsRawFd as _;
    let name = PathBuf::from(format!("/proc/self/fd/{}", file.as_raw_fd()));
    name.exists().then_some(name)
}

#[cfg(not(target_os = "linux"))]
fn name_of_open(_: &File) -> Option<PathBuf> {
    None
}
