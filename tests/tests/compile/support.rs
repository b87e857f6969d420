//! Plugins that are hard to compile, and a way to wait.

use std::fmt::Write as _;
use std::fs;
use std::time::{Duration, Instant};

use wellhead_chain::{
    Allocation, Cache, CompileLimits, Compiler, Engine, Fault, LoadOptions, Plugin, PluginError,
};
use wellhead_tests::built;
use wellhead_tests::guest::Guest;

/// Loads a plugin, compiled by `compiler`.
pub(crate) fn load(
    compiler: Compiler,
    plugin: &[u8],
    cache: Option<&Cache>,
) -> Result<Plugin, PluginError> {
    let engine = Engine::new(Allocation::OnDemand, compiler).expect("the engine starts");
    let options = LoadOptions { cache, ..LoadOptions::default() };
    Plugin::from_bytes(&engine, "plugin", plugin, &options)
}

/// Why a plugin cannot be compiled.
pub(crate) fn fault(compiler: Compiler, plugin: &[u8]) -> Fault {
    load(compiler, plugin, None).expect_err("it cannot be compiled").fault
}

/// The command as the compiler, within limits.
pub(crate) fn within(limits: CompileLimits) -> Compiler {
    Compiler::program(built::wellhead()).with_limits(limits)
}

/// A plugin with many functions of many tiny blocks: the time of compiling a function grows with the
/// square of their number, and each function keeps below what is refused by its form.
pub(crate) fn slow() -> Vec<u8> {
    let body = "(block)".repeat(9_000);
    let functions = format!("(func {body})\n").repeat(40);
    Guest::new().fields(&functions).build()
}

/// A plugin with many functions: each needs memory until all are compiled.
pub(crate) fn large() -> Vec<u8> {
    let functions = (0..30_000).fold(String::new(), |mut text, index| {
        let _ = writeln!(text, "(func (result i32) (i32.const {index}))");
        text
    });
    Guest::new().fields(&functions).build()
}

/// Waits until something is so.
pub(crate) fn eventually(what: &str, mut is_so: impl FnMut() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < Duration::from_mins(1), "not within a minute: {what}");
        std::thread::yield_now();
    }
}

/// The child processes of a process.
pub(crate) fn children(process: u32) -> Vec<u32> {
    let tasks = fs::read_dir(format!("/proc/{process}/task")).into_iter().flatten().flatten();
    let lists = tasks.filter_map(|task| fs::read_to_string(task.path().join("children")).ok());
    lists
        .flat_map(|list| list.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
        .filter_map(|id| id.parse().ok())
        .collect()
}

/// The state of a process, e.g. `Z` of one that ended and that nobody waited for. `None`: it is gone.
pub(crate) fn state(process: u32) -> Option<char> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    stat.rsplit_once(')')?.1.trim_start().chars().next()
}
