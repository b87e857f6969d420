//! Commands that talk to a cluster, as far as they come without one.

use insta::assert_snapshot;

use crate::context::{Context, json, output};

/// A deletion that nobody confirms does not happen.
#[test]
fn a_deletion_without_a_terminal_needs_yes() {
    let context = Context::new();
    assert_snapshot!(context.run(&["delete", "db"]), @r#"
    exit code: 4
    ----- stdout -----
    ----- stderr -----
    error[WH0709]: a deletion needs confirmation, and no terminal is attached
    help: pass `--yes` (or set WELLHEAD_YES=1)
    "#);
}

/// Without a name there is nothing to delete.
#[test]
fn a_deletion_names_its_pipelines() {
    let context = Context::new();
    assert_eq!(output(&mut context.command(&["delete", "--yes"])).status.code(), Some(2));
}

/// Without a kubeconfig, the message says how to name one.
#[test]
fn without_a_kubeconfig_the_option_is_named() {
    let context = Context::with_pipeline();
    assert_snapshot!(context.run(&["apply", "-f", "db.yaml"]), @r#"
    exit code: 1
    ----- stdout -----
    ----- stderr -----
    error[WH0411]: no cluster is configured
      there is no kubeconfig, and this does not run in a pod
    help: pass --kubeconfig FILE or set KUBECONFIG
    "#);
}

/// A kubeconfig that is not there is named.
#[test]
fn a_missing_kubeconfig_is_named() {
    let context = Context::with_pipeline();
    let arguments = ["status", "db", "--kubeconfig", "none.yaml"];
    let shown = context.run(&arguments);
    assert!(shown.starts_with("exit code: 1\n----- stdout -----\n----- stderr"), "{shown}");
    assert!(shown.contains("error[WH0411]") && shown.contains("none.yaml"), "{shown}");
}

/// A context that the kubeconfig does not have is told with those that it has, for programs, too.
#[test]
fn an_unknown_context_is_told_with_the_known_ones() {
    let context = Context::with_pipeline();
    context.write(
        "kubeconfig",
        "apiVersion: v1\nkind: Config\nclusters: [{name: c, cluster: {server: 'https://127.0.0.1:1'}}]\n\
         users: [{name: u, user: {token: t}}]\ncontexts: [{name: prod, context: {cluster: c, user: u}}]\n\
         current-context: prod\n",
    );
    let arguments = ["--kubeconfig", "kubeconfig", "--kube-context", "staging", "status", "db"];
    assert_snapshot!(context.run(&arguments), @r#"
    exit code: 1
    ----- stdout -----
    ----- stderr -----
    error[WH0411]: context "staging" is not in the kubeconfig
      available: prod
    help: pass --context NAME
    "#);
    let document = json(context.command(&arguments).args(["-o", "json"]));
    assert_eq!(document["kind"], "Error");
    assert_eq!(document["diagnostics"][0]["code"], "WH0411");
}

/// A cluster that does not answer is one error with its address.
#[test]
fn durations_are_those_of_go() {
    let context = Context::with_pipeline();
    assert_snapshot!(context.run(&["apply", "-f", "db.yaml", "--timeout", "5"]), @r#"
    exit code: 2
    ----- stdout -----
    ----- stderr -----
    error: invalid value '5' for '--timeout <DURATION>': write a duration such as 90s, 5m or 1h30m, or 0 for no limit

    For more information, try '--help'.
    "#);
}
