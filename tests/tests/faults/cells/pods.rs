//! Pods that do not become ready, and plugins and machines that fail before anything reaches the cluster.

use std::fs::File;
use std::process::Stdio;

use serde_json::json;
use wellhead_harness::Fault;
use wellhead_tests::guest::Guest;

use super::{APPLY, ready, settled};
use crate::bed::{Case, writes};
use crate::operation::Operation::{Install, Upgrade};
use crate::spec::Spec;

#[test]
fn cell_26_a_pod_that_never_becomes_ready_is_told_in_time() {
    let (case, before) = ready("cell-26", Upgrade);
    case.write(&Spec::first().with(|it| "nginx:unready".clone_into(&mut it.image)));
    let limited = [APPLY, &["--timeout", "5s"]].concat();
    case.run(&limited).ends_with(3).says(&["pod/db-2"]);
    case.run(&["status", "db"]).says(&["db-2"]);
    case.proxy.take_record();
    case.run(&limited).ends_with(3).says(&["pod/db-2"]);
    assert_eq!(writes(&case.proxy.take_record()), [""; 0], "it is applied already");
    let after = case.state();
    crate::oracle::assert_right(&crate::oracle::lost_claims(&before, &after));
    let kept = |name: &str| before.uids("pods").get(name) == after.uids("pods").get(name);
    assert!(kept("db-0") && kept("db-1"), "the others run on");
    case.finish();
}

/// A customization with one plugin of the given bytes.
pub(super) fn customize(case: &Case, plugin: &[u8]) {
    let customization = json!({
        "apiVersion": "wellhead.dev/v1alpha1", "kind": "Customization",
        "metadata": {"name": "custom"},
        "spec": {"plugins": [{"name": "guest", "source": "guest.wasm", "grants": ["labels.team"]}]}});
    let path = |name: &str| case.folder.path().join(name);
    std::fs::write(path("guest.wasm"), plugin).expect("it can be written");
    std::fs::write(path("custom.yaml"), customization.to_string()).expect("it can be written");
}

#[test]
fn cell_29_a_plugin_that_fails_or_is_another_one_writes_nothing() {
    let (case, before) = ready("cell-29", Upgrade);
    customize(&case, &Guest::new().transform("(unreachable)").build());
    let customized = [APPLY, &["-c", "custom.yaml"]].concat();
    case.run(&customized).ends_with(14).says(&["guest"]);
    // What was planned with one plugin is not done with another.
    customize(&case, &Guest::sets_label("team", "data").build());
    let plan = ["plan", "-f", "db.yaml", "-c", "custom.yaml", "--out", "db.whplan"];
    case.run(&plan).ends_with(0);
    customize(&case, &Guest::sets_label("team", "ml").build());
    case.run(&["apply", "db.whplan"]).ends_with(4).says(&["guest"]);
    assert_eq!(writes(&case.proxy.take_record()), [""; 0]);
    assert_eq!(case.state().trace(), before.trace());
    settled(case, Upgrade, &before);
}

#[test]
fn cell_30_a_full_disk_a_missing_home_and_a_wrong_clock_do_no_harm() {
    let (case, before) = ready("cell-30", Install);
    // What it prints cannot be written; what it did is done.
    let full = File::options().write(true).open("/dev/full").expect("Linux has it");
    let status = case.command(APPLY).stdout(full).stderr(Stdio::null()).status();
    assert!(status.expect("it starts").code().is_some(), "it ends by itself");
    settled(case, Install, &before);

    // No cache of plugins can be made below this home.
    let (case, before) = ready("cell-30", Install);
    customize(&case, &Guest::new().build());
    let mut command = case.command(&[APPLY, &["-c", "custom.yaml"]].concat());
    let output = command.env("HOME", "/proc").env("XDG_CACHE_HOME", "/proc/none").output();
    let output = output.expect("it starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    settled(case, Install, &before);

    // The server's clock and ours are an hour apart from the first write on, then not.
    let (case, before) = ready("cell-30", Install);
    case.proxy.script({
        let mut written = false;
        move |request| {
            written |= request.is_write();
            if written { Fault::Clock(3_600) } else { Fault::None }
        }
    });
    case.run(APPLY).ends_with(0);
    settled(case, Install, &before);
}
