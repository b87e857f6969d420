//! Loads a plugin as a host does, checks a config, looks for source lines in all of it, and tells what that
//! cost this process alone: `loaded COMPILER PLUGIN CONFIG`, all files. The answer is a line of JSON.
//!
//! The processor time and memory of a host's children are theirs, and a test has those of all tests.

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use serde_json::json;
use wellhead_chain::{Compiler, Engine, Entry, Fault, Frame, LoadOptions, Plugin, PluginError};

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let mut next = || arguments.next().expect("there are three arguments");
    let (compiler, plugin, config) = (Compiler::program(next()), next(), next());
    let engine = Engine::with_places(compiler).expect("the engine starts");
    let before = processor_milliseconds();
    let config = std::fs::read_to_string(config).expect("the config can be read");
    let code = load(&engine, Path::new(&plugin), &config).err().map(|error| error.fault.code());
    let answer = json!({
        "code": code,
        "milliseconds": processor_milliseconds() - before,
        "bytes": most_resident_bytes(),
    });
    let written = std::fs::write("/dev/stdout", answer.to_string());
    if written.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn load(engine: &Engine, plugin: &Path, config: &str) -> Result<(), PluginError> {
    let component = std::fs::read(plugin).expect("the file can be read");
    let plugin = Plugin::from_bytes(engine, "hostile", &component, &LoadOptions::default())?;
    let frame = |place| Frame { call: String::new(), place: Some(place) };
    let places = (0..component.len() as u64).step_by(component.len() / 20 + 1);
    let backtrace = places.map(frame).collect();
    plugin.find_lines(
        &component,
        &mut Fault::Trap { cause: String::new(), backtrace, said: None, denied: None },
    );
    let entry = json!({"name": "hostile", "source": "hostile.wasm"});
    let mut entry: wellhead_spec::PluginEntry =
        serde_json::from_value(entry).expect("the entry is valid");
    entry.config = serde_json::from_str(config).expect("the config is JSON");
    Entry::new(&entry, "team", Arc::new(plugin)).map(drop)
}

/// Processor time of all threads of this process so far.
fn processor_milliseconds() -> u128 {
    let tasks = std::fs::read_dir("/proc/self/task").expect("Linux tells the threads");
    let of = |task: std::fs::DirEntry| {
        // <https://docs.kernel.org/scheduler/sched-stats.html>
        let text = std::fs::read_to_string(task.path().join("schedstat")).unwrap_or_default();
        text.split_whitespace().next().and_then(|it| it.parse::<u128>().ok()).unwrap_or(0)
    };
    tasks.flatten().map(of).sum::<u128>() / 1_000_000
}

fn most_resident_bytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux tells the sizes");
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kibibytes = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse::<u64>().ok());
    kibibytes.expect("the line has a number") << 10
}
