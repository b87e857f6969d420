//! The host, whatever its child does. Scripts play the child.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use wellhead_chain::{CompileLimits, Compiler, Fault};
use wellhead_diagnostics::Code;
use wellhead_tests::guest::Guest;

use crate::support::{eventually, fault, load, state};

/// A program that stands in for the child.
fn script(directory: &Path, lines: &str) -> PathBuf {
    let path = directory.join("child");
    // By another process: one of this process that starts meanwhile would inherit the open file, and
    // what is open for writing cannot be started.
    let mut install = Command::new("install");
    let install = install.args(["-m", "700", "/dev/stdin"]).arg(&path).stdin(Stdio::piped());
    let mut install = install.spawn().expect("every system has this command");
    let mut stdin = install.stdin.take().expect("it is a pipe");
    write!(stdin, "#!/bin/sh\n{lines}\n").expect("the command reads it");
    drop(stdin);
    assert!(install.wait().is_ok_and(|status| status.success()), "the script is not written");
    path
}

/// What the host says of a child that is such a script.
fn cause(lines: &str) -> String {
    let directory = tempfile::tempdir().expect("there is a folder for temporary files");
    let compiler = Compiler::program(script(directory.path(), lines));
    let fault = fault(compiler, &Guest::new().build());
    assert_eq!(fault.code(), Code::CompilationFailed, "{fault:?}");
    fault.causes().concat()
}

#[test]
fn a_child_that_crashes_is_reported_with_its_signal_and_last_words() {
    let cause = cause("echo 'it hurts' >&2; kill -s SEGV $$");
    assert!(cause.contains("signal: 11") && cause.contains("it hurts"), "{cause}");
}

#[test]
fn what_a_child_says_cannot_forge_a_terminal() {
    let cause = cause(r"printf '\033[2Jgone' >&2; exit 3");
    assert!(!cause.contains('\u{1b}') && cause.contains("exit status: 3"), "{cause}");
}

#[test]
fn a_child_that_panics_is_a_fault_of_nobody_who_uses_the_plugin() {
    let words = r#"echo '{"panicked":"wasmtime-48.0.8/src/engine.rs:7"}'"#;
    let cause = cause(words);
    let told =
        "this is a bug in Wellhead or in one of its libraries (at wasmtime-48.0.8/src/engine.rs:7)";
    assert!(cause.starts_with(told), "{cause}");
    let forged = r#"printf '%s\n' '{"panicked":"\u001b[2J\nerror: forged"}'"#;
    let forged = self::cause(forged);
    assert!(forged.contains("error: forged") && !forged.contains(char::is_control), "{forged}");
}

#[test]
fn a_compiler_that_panics_in_its_work_is_told_with_its_place_and_without_its_words() {
    let compiler = Compiler::program(env!("CARGO_BIN_EXE_panicking"));
    let fault = fault(compiler.clone(), &Guest::new().build());
    assert_eq!(fault.code(), Code::CompilationFailed, "{fault:?}");
    let cause = fault.causes().concat();
    assert!(cause.contains("this is a bug in Wellhead or in one of its libraries"), "{cause}");
    assert!(cause.contains("src/bin/panicking.rs:"), "{cause}");
    assert!(!cause.contains("the compiler said"), "{cause}");
    // What needs no compiler is told as before.
    assert_eq!(self::fault(compiler, b"no component").code(), Code::NotWebAssembly);
}

#[test]
fn an_answer_that_is_none_is_a_crash() {
    for lines in [
        "exit 0",
        "echo nonsense",
        r#"echo '{"compiled":5}'; printf abc"#,
        // More than may be sent: nothing is read, and nothing is reserved for it.
        r#"echo '{"compiled":18446744073709551615}'"#,
        // A line without end.
        "exec yes | tr -d '\\n'",
    ] {
        assert!(cause(lines).starts_with("the compiler ended with"), "{lines}");
    }
}

#[test]
fn an_answer_that_is_no_machine_code_is_not_run() {
    let cause = cause(r#"echo '{"compiled":3}'; printf abc"#);
    assert!(!cause.is_empty());
}

#[test]
fn a_child_that_never_answers_is_ended_with_all_that_it_started() {
    let directory = tempfile::tempdir().unwrap();
    let number = directory.path().join("number");
    let lines = format!("sleep 1000 & echo $! > '{}'; wait", number.display());
    let compiler = Compiler::program(script(directory.path(), &lines));
    let wall = Some(Duration::from_secs(2));
    let compiler = compiler.with_limits(CompileLimits { wall, ..CompileLimits::default() });
    let error = load(compiler, &Guest::new().build(), None).expect_err("there is no answer");
    assert_eq!(error.fault.code(), Code::MachineBusy);
    assert_eq!(
        error.to_string(),
        "compiling plugin `plugin` was given up: the machine was busy: 0.0 s of processor time in 2 s"
    );
    let hints = error.fault.hints();
    assert_eq!(
        hints,
        [
            "run it again when the machine does less, or raise `--compile-cpu`, which raises both times"
        ]
    );
    let started = fs::read_to_string(number).unwrap().trim().parse().unwrap();
    eventually("its child is gone", || matches!(state(started), None | Some('Z' | 'X')));
}

#[test]
fn a_child_has_no_environment_and_no_input_but_the_plugin() {
    let cause = cause("echo \"$(wc -c < /proc/$$/environ) and $(wc -c)\" >&2; exit 1");
    let bytes = Guest::new().build().len();
    assert!(cause.ends_with(&format!("0 and {bytes}")), "{cause}");
}

#[test]
fn a_program_that_is_not_there_is_named() {
    let compiler = Compiler::program("/nowhere/wellhead");
    match fault(compiler, &Guest::new().build()) {
        Fault::NotCompiled { cause } => assert!(cause.contains("/nowhere/wellhead"), "{cause}"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_program_that_does_not_serve_is_not_started_as_a_child() {
    match fault(Compiler::this_program(), &Guest::new().build()) {
        Fault::NotCompiled { cause } => assert!(cause.contains("serve_compilation"), "{cause}"),
        other => panic!("{other:?}"),
    }
}
