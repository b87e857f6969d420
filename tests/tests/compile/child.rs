//! A child at its limits.

use std::process::{Child, Command, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;
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

/// A machine that is suspended, and a person at a terminal, stop processes.
#[test]
fn a_child_that_is_stopped_for_a_while_goes_on_to_its_own_end() {
    let (_folder, mut command) = inspect_slow("1s");
    let host = command.stderr(Stdio::piped()).spawn().unwrap();
    let child = child_of(&host);
    let process = i32::try_from(child).ok().and_then(Pid::from_raw).unwrap();
    kill_process(process, Signal::STOP).unwrap();
    eventually("the child is stopped", || state(child) == Some('T'));
    assert!(!matches!(state(host.id()), None | Some('Z')), "the host waits");
    kill_process(process, Signal::CONT).unwrap();
    let output = host.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    // Its processor time, and not the time in which it did nothing.
    assert!(said.contains("WH0509") && said.contains("s of processor time of 1 s"), "{said}");
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
    let (_folder, mut command) = inspect_slow("10m");
    let mut host = command.spawn().unwrap();
    let child = child_of(&host);
    host.kill().unwrap();
    host.wait().unwrap();
    // Whoever adopts it may be slow to wait for it.
    eventually("the child is gone", || matches!(state(child), None | Some('Z' | 'X')));
}

/// A command that compiles a plugin for as long as it may, and the folder that it needs.
fn inspect_slow(cpu: &str) -> (TempDir, Command) {
    let folder = tempfile::tempdir().expect("there is a folder for temporary files");
    let plugin = folder.path().join("slow.wasm");
    std::fs::write(&plugin, slow()).expect("the folder can be written");
    let mut command = Command::new(built::wellhead());
    command.args(["plugin", "inspect", "--compile-cpu", cpu]).arg(plugin);
    command.env("WELLHEAD_CACHE_DIR", folder.path()).stdout(Stdio::null());
    (folder, command)
}

/// The only child of a host.
fn child_of(host: &Child) -> u32 {
    let mut child = Vec::new();
    eventually("the host has a child", || {
        child = children(host.id());
        !child.is_empty()
    });
    child[0]
}

/// Limits that nothing here reaches.
fn patient() -> CompileLimits {
    let long = Some(Duration::from_mins(10));
    CompileLimits { cpu: long, wall: long, ..CompileLimits::default() }
}
