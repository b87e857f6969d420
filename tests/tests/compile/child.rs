//! A child at its limits.

use std::process::{Command, Stdio};
use std::time::Duration;

use wellhead_chain::{Cache, CompileLimit, CompileLimits, Compiler, Fault, Work};
use wellhead_tests::built;
use wellhead_tests::guest::Guest;

use crate::support::{children, eventually, fault, large, load, slow, state, within};

/// What ends a compilation must leave neither a process nor a zombie.
fn assert_nothing_is_left() {
    eventually("no child has ended without being waited for", || {
        children(std::process::id()).into_iter().all(|child| state(child) != Some('Z'))
    });
}

#[test]
fn a_plugin_that_takes_too_much_of_a_processor_is_stopped() {
    let limits = CompileLimits { cpu: Some(Duration::from_secs(1)), ..patient() };
    match fault(within(limits), &slow()) {
        Fault::CompileLimit { limit: CompileLimit::Cpu, value: 1, processor, .. } => {
            assert!(processor >= Duration::from_secs(1), "{processor:?}");
            assert_nothing_is_left();
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_plugin_that_takes_too_long_is_stopped() {
    let limits = CompileLimits { wall: Some(Duration::from_millis(300)), ..patient() };
    match fault(within(limits), &slow()) {
        Fault::Busy { work: Work::Compiling, clock, .. } => {
            assert_eq!(clock, Duration::from_millis(300));
            assert_nothing_is_left();
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_plugin_that_takes_too_much_memory_is_stopped() {
    let limits = CompileLimits { memory: Some(160 << 20), ..patient() };
    let honest = Guest::new().build();
    assert!(load(within(limits), &honest, None).is_ok(), "the limit admits an honest plugin");
    match fault(within(limits), &large()) {
        Fault::CompileLimit { limit: CompileLimit::Memory, value, .. } => {
            assert_eq!(value, 160 << 20);
        }
        other => panic!("{other:?}"),
    }
    assert_nothing_is_left();
}

#[test]
fn a_plugin_with_too_much_machine_code_is_stopped() {
    let limits = CompileLimits { artefact: Some(1 << 10), ..patient() };
    match fault(within(limits), &Guest::new().build()) {
        Fault::CompileLimit { limit: CompileLimit::Artefact, value: 1024, .. } => {}
        other => panic!("{other:?}"),
    }
}

#[test]
fn after_a_stopped_compilation_the_next_one_works() {
    let limits = CompileLimits { cpu: Some(Duration::from_secs(1)), ..patient() };
    fault(within(limits), &slow());
    assert!(load(within(limits), &Guest::new().build(), None).is_ok());
}

#[test]
fn a_child_makes_what_this_process_would() {
    let plugin = Guest::new().build();
    let entry = |compiler: Compiler| {
        let directory = tempfile::tempdir().unwrap();
        let cache = Cache::new(directory.path());
        load(compiler, &plugin, Some(&cache)).unwrap();
        let entry = std::fs::read_dir(directory.path()).unwrap().next().unwrap().unwrap().path();
        std::fs::read(entry).unwrap()
    };
    assert!(entry(within(patient())) == entry(Compiler::in_process()));
}

#[test]
fn a_child_ends_with_the_process_that_started_it() {
    let directory = tempfile::tempdir().unwrap();
    let plugin = directory.path().join("slow.wasm");
    std::fs::write(&plugin, slow()).unwrap();
    let mut host = Command::new(built::wellhead())
        .args(["plugin", "inspect", "--compile-cpu", "10m"])
        .arg(plugin)
        .env("WELLHEAD_CACHE_DIR", directory.path())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let mut child = Vec::new();
    eventually("the host has a child", || {
        child = children(host.id());
        !child.is_empty()
    });
    host.kill().unwrap();
    host.wait().unwrap();
    // Whoever adopts it may be slow to wait for it.
    eventually("the child is gone", || matches!(state(child[0]), None | Some('Z' | 'X')));
}

/// Limits that nothing here reaches.
fn patient() -> CompileLimits {
    let long = Some(Duration::from_mins(10));
    CompileLimits { cpu: long, wall: long, ..CompileLimits::default() }
}
