//! A stack that is large enough to compile on.

use std::thread;

/// Stack on which components are compiled, in bytes. Types nest deeply and are visited recursively
/// (<https://github.com/bytecodealliance/wasmtime/issues/14354>): twice what a main thread has.
const STACK: usize = 16 << 20;

/// Runs on a thread whose stack is large enough to compile on. Fails when there is no thread; a panic is
/// the inner error.
pub(crate) fn on_large_stack<R: Send>(
    work: impl FnOnce() -> R + Send,
) -> std::io::Result<thread::Result<R>> {
    thread::scope(|scope| {
        let name = "compile".to_owned();
        let thread =
            thread::Builder::new().name(name).stack_size(STACK).spawn_scoped(scope, work)?;
        Ok(thread.join())
    })
}
