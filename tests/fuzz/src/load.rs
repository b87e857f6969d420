//! Any bytes as a plugin that is loaded and run.

use std::sync::{Arc, OnceLock};

use serde_json::json;
use wellhead_chain::{
    Allocation, Chain, Compiler, Engine, Entry, Limits, LoadOptions, Plugin, PluginError, Structure,
};
use wellhead_diagnostics::Code;
use wellhead_spec::{Pipeline, PluginEntry};

use crate::{shape, transform};

/// Units of fuel of one call.
const FUEL: u64 = 100_000;
/// Bytes of memories and tables of one call.
const MEMORY: usize = 1 << 20;

/// Budgets that refuse early what would take long: the compiler itself is not what is tried here.
fn limits() -> Limits {
    let structure = Structure {
        file_bytes: 64 << 10,
        functions: 200,
        types: 500,
        type_members: 64,
        body_bytes: 4 << 10,
        blocks: 200,
        locals: 100,
        core_instances: 32,
        component_instances: 32,
        definitions: 2_000,
        ..Structure::BUDGETS
    };
    Limits { fuel: FUEL, memory: MEMORY, structure, ..Limits::default() }
}

/// One engine for all inputs. It compiles here, so that a compiler that panics is noticed.
pub(crate) fn engine() -> &'static Engine {
    static ENGINE: OnceLock<Engine> = OnceLock::new();
    ENGINE.get_or_init(|| {
        Engine::new(Allocation::OnDemand, Compiler::in_process())
            .expect("because this machine runs WebAssembly")
    })
}

/// What is not a plugin is refused in words that a terminal can show, and what is one keeps its
/// budgets.
pub(crate) fn run(data: &[u8]) {
    let options = LoadOptions { limits: limits(), ..LoadOptions::default() };
    match Plugin::from_bytes(engine(), "fuzzed", data, &options) {
        Ok(plugin) => call(Arc::new(plugin)),
        Err(error) => assert_shown(&error),
    }
}

fn call(plugin: Arc<Plugin>) {
    let entry: PluginEntry = serde_json::from_value(json!({
        "name": "fuzzed",
        "source": "fuzzed.wasm",
        "grants": ["**"],
        "limits": {"fuel": FUEL, "memory": MEMORY.to_string()},
    }))
    .expect("because the entry is valid");
    let entry = match Entry::new(&entry, "fuzz", plugin) {
        Ok(entry) => entry,
        Err(error) => return assert_shown(&error),
    };
    let pipeline = shape::base();
    match Chain::new(vec![entry]).run(&pipeline) {
        Ok(outcome) => {
            for run in &outcome.runs {
                assert!(run.usage.fuel <= FUEL, "{:?}", run.usage);
                assert!(run.usage.memory <= MEMORY, "{:?}", run.usage);
            }
            transform::assert_lawful(&pipeline, &outcome);
        }
        Err(errors) => errors.iter().for_each(assert_shown),
    }
}

/// No text of a plugin reaches a terminal as it is.
pub(crate) fn assert_shown(error: &PluginError) {
    let text = error.to_string();
    let odd = text.chars().find(|it| it.is_control() && *it != '\n');
    assert_eq!(odd, None, "{text:?}");
    assert_ne!(error.fault.code(), Code::CompilationFailed, "the compiler failed");
}

/// A pipeline is only changed by edits.
pub(crate) fn unchanged(before: &Pipeline, after: &Pipeline) -> bool {
    before.to_draft() == after.to_draft()
}
