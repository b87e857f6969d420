//! Panics of the child: where, and not in the words that Rust has for them.

use std::panic;
use std::sync::{Mutex, PoisonError};

/// Where the last panic was.
static LAST: Mutex<String> = Mutex::new(String::new());

/// Notes where code panics, instead of telling it on standard error.
pub(super) fn note_places() {
    panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(|at| format!("{}:{}", in_crate(at.file()), at.line()));
        *LAST.lock().unwrap_or_else(PoisonError::into_inner) = place.unwrap_or_default();
    }));
}

/// Where the last panic was.
pub(super) fn last() -> String {
    LAST.lock().unwrap_or_else(PoisonError::into_inner).clone()
}

/// A file of a crate, without the folders of the machine that built it.
fn in_crate(file: &str) -> &str {
    let below = |(_, rest): (&'_ str, &str)| rest.split_once('/').map_or(0, |it| it.1.len());
    let kept = file.split_once("/registry/src/").map_or(file.len(), below);
    &file[file.len() - kept..]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_names_the_crate_and_not_the_machine() {
        let file = "/home/a/.cargo/registry/src/index.crates.io-1/wasmtime-48.0.8/src/engine.rs";
        assert_eq!(in_crate(file), "wasmtime-48.0.8/src/engine.rs");
        assert_eq!(in_crate("host/chain/src/engine.rs"), "host/chain/src/engine.rs");
    }
}
