//! Tests that measure their process, and therefore have one of their own.

use std::process::{Command, Stdio};

/// Does the work when this process runs nothing but the named test, and starts such a process
/// otherwise.
pub(crate) fn alone(test: &str, work: impl FnOnce()) {
    let arguments: Vec<_> = std::env::args().collect();
    if arguments.iter().any(|it| it == "--exact") && arguments.iter().any(|it| it == test) {
        return work();
    }
    let output = Command::new(std::env::current_exe().unwrap())
        .args([test, "--exact", "--test-threads=1"])
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let shown = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && shown.contains("1 passed"), "{shown}\n{errors}");
}

/// KiB of this process, as the kernel counts them: `VmRSS` now, `VmHWM` at most.
pub(crate) fn resident_kib(which: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with(which)).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}
