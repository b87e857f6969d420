//! The child that compiles plugins, as the command is, but for a compiler that panics: in the middle of its work, and in a
//! thread of its own where it has several.

#![expect(clippy::panic, reason = "it is what this program is for")]

use std::process::ExitCode;

/// Where the compiler tells what it does.
struct Panics;

impl log::Log for Panics {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        panic!("the compiler said: {}", record.args());
    }

    fn flush(&self) {}
}

fn main() -> ExitCode {
    log::set_logger(&Panics).expect("there is no other one");
    log::set_max_level(log::LevelFilter::Trace);
    wellhead_chain::serve_compilation();
    ExitCode::FAILURE
}
