//! What a fuzzer does with Wellhead.
//!
//! A [`Target`] takes any bytes, and panics when Wellhead does what it must not: not only when
//! Wellhead itself panics, but also when a promise of its documentation is broken. `tests/smoke.rs`
//! gives each target its [seeds](Target::seeds) and some of their [mutants](mutate()); `libfuzzer/`
//! hands the same functions to libFuzzer.

mod config;
mod kubeconfig;
mod layout;
mod lines;
mod load;
mod mutate;
mod paths;
mod precheck;
mod records;
mod render;
mod scripted;
mod seeds;
mod shape;
mod spec;
mod transform;

pub use mutate::{Numbers, mutate};

/// One thing to fuzz.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// Its name: that of the file in `libfuzzer/fuzz_targets`, too.
    pub name: &'static str,
    /// What it does with an input.
    pub run: fn(&[u8]),
    /// Inputs that get past the first checks.
    pub seeds: fn() -> Vec<Vec<u8>>,
    /// Words that a change of an input may put into it.
    pub words: &'static [&'static str],
    /// Mutants that a test run tries: as many as take some seconds.
    pub mutants: u64,
}

/// Everything that is fuzzed.
pub const TARGETS: [Target; 11] = [
    Target {
        name: "precheck",
        run: precheck::run,
        seeds: seeds::components,
        words: &[],
        mutants: 20_000,
    },
    Target { name: "load", run: load::run, seeds: seeds::components, words: &[], mutants: 2_000 },
    Target {
        name: "transform",
        run: transform::run,
        seeds: seeds::scripts,
        words: seeds::WORDS,
        mutants: 2_000,
    },
    Target {
        name: "spec",
        run: spec::run,
        seeds: seeds::documents,
        words: seeds::WORDS,
        mutants: 500,
    },
    Target {
        name: "paths",
        run: paths::run,
        seeds: seeds::paths,
        words: seeds::STEPS,
        mutants: 20_000,
    },
    Target {
        name: "render",
        run: render::run,
        seeds: seeds::changes,
        words: seeds::WORDS,
        mutants: 500,
    },
    Target {
        name: "config",
        run: config::run,
        seeds: config::seeds,
        words: config::WORDS,
        mutants: 2_000,
    },
    Target {
        name: "lines",
        run: lines::run,
        seeds: seeds::components_with_lines,
        words: &[],
        mutants: 2_000,
    },
    Target {
        name: "kubeconfig",
        run: kubeconfig::run,
        seeds: seeds::kubeconfigs,
        words: seeds::CONNECTIONS,
        mutants: 2_000,
    },
    Target {
        name: "records",
        run: records::run,
        seeds: records::seeds,
        words: records::WORDS,
        mutants: 2_000,
    },
    Target {
        name: "layout",
        run: layout::run,
        seeds: layout::seeds,
        words: layout::WORDS,
        mutants: 500,
    },
];

/// Does with an input what the target of this name does.
///
/// # Panics
/// When there is no such target, and when Wellhead does what it must not.
pub fn run(target: &str, data: &[u8]) {
    let target = TARGETS.iter().find(|it| it.name == target);
    (target.expect("because the name is one of the targets'").run)(data);
}
