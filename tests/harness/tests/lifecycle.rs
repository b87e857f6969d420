//! Starting, breaking and ending a control plane.
#![expect(clippy::unwrap_used, reason = "a test that has no value to go on with has failed")]

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use wellhead_harness::{
    Control, ControlPlane, Error, Options, Part, PartState, controlplane_binary, start_detached,
};

/// Far more than any of the awaited conditions takes; it only bounds a test that fails.
const PATIENCE: Duration = Duration::from_mins(1);

fn start() -> ControlPlane {
    ControlPlane::start(&controlplane_binary().unwrap(), &Options::temporary()).unwrap()
}

/// Polls until the condition holds.
fn await_that(what: &str, condition: impl Fn() -> bool) {
    let start = Instant::now();
    while !condition() {
        assert!(start.elapsed() < PATIENCE, "not within {PATIENCE:?}: {what}");
        thread::sleep(Duration::from_millis(20));
    }
}

fn is_alive(pid: u32) -> bool {
    // A zombie has ended; whoever inherits it will reap it.
    fs::read_to_string(format!("/proc/{pid}/stat"))
        .is_ok_and(|stat| !stat.rsplit(')').next().unwrap_or_default().starts_with(" Z"))
}

fn any_alive(pids: &[u32]) -> bool {
    pids.iter().any(|pid| is_alive(*pid))
}

/// Ends a process behind the back of who started it.
fn kill(pid: u32) {
    assert!(Command::new("kill").args(["-KILL", &pid.to_string()]).status().unwrap().success());
}

#[test]
fn every_part_serves_and_dropping_leaves_neither_process_nor_file() {
    let control_plane = start();
    let status = control_plane.status().unwrap();
    assert_eq!(status.parts.keys().copied().collect::<Vec<_>>(), Part::ALL);
    for (part, one) in &status.parts {
        assert!(one.serving && one.state == PartState::Running, "{part}: {one:?}");
    }
    let dir = control_plane.dir().to_owned();
    assert!(control_plane.kubeconfig().is_file());

    drop(control_plane);

    assert!(!any_alive(&status.pids()));
    assert!(!dir.exists());
}

#[test]
fn every_part_can_be_killed_and_started_again_on_its_port() {
    let control_plane = start();
    let before = control_plane.status().unwrap();
    for part in Part::ALL {
        control_plane.kill(part).unwrap();
        let killed = control_plane.status().unwrap().parts[&part].clone();
        assert_eq!((killed.state, killed.pid, killed.serving), (PartState::Exited, 0, false));
        assert!(!is_alive(before.parts[&part].pid));

        control_plane.start_part(part).unwrap();
        let started = control_plane.status().unwrap().parts[&part].clone();
        assert!(started.serving, "{part}: {started:?}");
        assert_eq!(started.port, before.parts[&part].port);
        assert_ne!(started.pid, before.parts[&part].pid);
    }
}

#[test]
fn a_part_that_ends_by_itself_runs_again_on_its_port() {
    let control_plane = start();
    for part in [Part::ApiServer, Part::Scheduler] {
        let before = control_plane.status().unwrap().parts[&part].clone();
        kill(before.pid);
        await_that("it serves again", || {
            let now = control_plane.status().unwrap().parts[&part].clone();
            now.serving && now.pid != before.pid && now.port == before.port
        });
        control_plane.kill(part).unwrap();
        assert_eq!(control_plane.status().unwrap().parts[&part].state, PartState::Exited);
        control_plane.start_part(part).unwrap();
    }
}

#[test]
fn a_stopped_part_answers_nothing_until_it_goes_on() {
    let control_plane = start();
    control_plane.stop(Part::ApiServer).unwrap();
    let stopped = control_plane.status().unwrap().parts[&Part::ApiServer].clone();
    assert_eq!((stopped.state, stopped.serving), (PartState::Stopped, false));
    assert_ne!(stopped.pid, 0);

    control_plane.cont(Part::ApiServer).unwrap();
    await_that("the API server serves", || {
        control_plane.status().unwrap().parts[&Part::ApiServer].serving
    });
}

#[test]
fn a_control_plane_with_a_stopped_part_still_ends() {
    let control_plane = start();
    let pids = control_plane.status().unwrap().pids();
    control_plane.stop(Part::ApiServer).unwrap();
    drop(control_plane);
    assert!(!any_alive(&pids));
}

#[test]
fn a_command_that_cannot_be_obeyed_says_why() {
    let control_plane = start();
    control_plane.kill(Part::Scheduler).unwrap();
    let error = control_plane.kill(Part::Scheduler).unwrap_err();
    assert_eq!(error.to_string(), "`kill kube-scheduler` failed: kube-scheduler is not running");
    let error = control_plane.start_part(Part::Etcd).unwrap_err();
    assert_eq!(error.to_string(), "`start etcd` failed: etcd is running already");
}

#[test]
fn several_run_at_once_on_ports_of_their_own() {
    let (one, two) = (start(), start());
    let ports = [&one, &two].map(|control_plane| {
        control_plane.status().unwrap().parts.values().map(|part| part.port).collect::<Vec<_>>()
    });
    assert!(!ports[0].iter().any(|port| ports[1].contains(port)), "{ports:?}");
}

#[test]
fn a_folder_in_use_is_refused_and_left_alone() {
    let control_plane = start();
    let options = Options::in_dir(control_plane.dir());
    let error = ControlPlane::start(&controlplane_binary().unwrap(), &options).unwrap_err();
    assert!(matches!(&error, Error::NotStarted(reason) if reason.contains("already")), "{error}");
    assert!(control_plane.status().unwrap().parts[&Part::ApiServer].serving);
}

#[test]
fn no_process_outlives_an_owner_that_is_killed() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("cluster");
    let mut owner = Command::new(env!("CARGO_BIN_EXE_hold-control-plane"))
        .arg(&dir)
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    let control = Control::new(&dir);
    await_that("the control plane is up", || {
        assert!(is_alive(owner.id()), "the owner ended early");
        dir.join("state.json").exists()
    });
    let pids = control.status().unwrap().pids();
    assert_eq!(pids.len(), 1 + Part::ALL.len());

    owner.kill().unwrap();
    owner.wait().unwrap();

    await_that("every process is gone", || !any_alive(&pids));
    await_that("every file is gone", || !dir.exists());
}

#[test]
fn no_part_outlives_a_supervisor_that_is_killed() {
    let control_plane = start();
    let status = control_plane.status().unwrap();
    kill(status.supervisor);
    let parts = &status.pids()[1..];
    await_that("every part is gone", || !any_alive(parts));
    remove(control_plane.dir());
}

/// A killed supervisor cannot clean up.
fn remove(dir: &Path) {
    fs::remove_dir_all(dir).unwrap();
}

#[test]
fn the_logs_stay_when_the_owner_panics() {
    let panicked = thread::spawn(|| {
        let control_plane = start();
        fs::write(control_plane.dir().join("seen"), "").unwrap();
        std::panic::panic_any(control_plane.dir().to_owned());
    });
    let dir = panicked.join().unwrap_err().downcast::<std::path::PathBuf>().unwrap();
    assert!(dir.join("logs/kube-apiserver.log").is_file());
    assert!(!dir.join("data").exists());
    remove(&dir);
}

#[test]
fn a_detached_control_plane_runs_until_it_is_told_to_end() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("cluster");
    let options = Options::in_dir(&dir);
    let control = start_detached(&controlplane_binary().unwrap(), &options).unwrap();
    let pids = control.status().unwrap().pids();

    control.down().unwrap();

    await_that("every process is gone", || !any_alive(&pids));
    assert!(!dir.exists());
    let error = control.status().unwrap_err();
    assert_eq!(error.hint(), Some("run `cargo xtask cluster up`"));
}
