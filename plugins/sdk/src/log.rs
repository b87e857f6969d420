//! Messages for the person who runs the host. They never change the result.
//!
//! In native tests they go to the standard error, which the test runner shows for failed tests.

#[cfg(target_arch = "wasm32")]
use crate::bindings::wellhead::plugin::log::{Level, log};

/// Something the person should look at although the run goes on.
pub fn warn(message: &str) {
    log(Level::Warn, message);
}

/// What the plugin did.
pub fn info(message: &str) {
    log(Level::Info, message);
}

/// Details for the author of the plugin.
pub fn debug(message: &str) {
    log(Level::Debug, message);
}

#[cfg(not(target_arch = "wasm32"))]
use crate::bindings::wellhead::plugin::log::Level;

#[cfg(not(target_arch = "wasm32"))]
#[expect(clippy::print_stderr, reason = "the test runner shows it for failed tests")]
fn log(level: Level, message: &str) {
    eprintln!("{level:?}: {message}");
}
