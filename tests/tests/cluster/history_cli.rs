//! `wellhead history`, `rollback` and the consent to an apply, as a user meets them.

use std::process::Output;

use insta::assert_snapshot;
use serde_json::Value;

use crate::plan_cli::Cli;

/// Exit code and both streams, without what differs from run to run.
fn shown(cli: &Cli, output: &Output) -> String {
    let text = format!(
        "exit code: {:?}\n----- stdout -----\n{}----- stderr -----\n{}",
        output.status.code(),
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    let mask = |word: &str| match word {
        // A time as RFC 3339 has it.
        it if it.len() >= 20 && it.starts_with("20") && it.contains('T') => "[TIME]".to_owned(),
        it if it.contains('@') => "[USER@HOST]".to_owned(),
        it => it.to_owned(),
    };
    let line = |line: &str| match line {
        it if it.starts_with("context ") => "context [CONTEXT]".to_owned(),
        it => it.split(' ').map(mask).collect::<Vec<_>>().join(" ").trim_end().to_owned(),
    };
    let lines: Vec<_> = text.lines().map(line).collect();
    lines.join("\n").replace(&cli.env.namespace, "[NAMESPACE]")
}

fn run(cli: &Cli, arguments: &[&str]) -> String {
    let namespace = ["-n", cli.env.namespace.as_str()];
    shown(cli, &cli.bare(&[arguments, &namespace].concat()))
}

/// Two revisions of the pipeline, the second with another image and another password.
async fn two() -> Cli {
    let cli = Cli::new("history-cli").await;
    cli.apply();
    cli.change("hunter2\n", "hunter3\n      command: [postgres]\n");
    let output = cli.output(&["apply", "--yes", "-m", "rotate the password", "--wait=false"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    cli
}

#[tokio::test(flavor = "multi_thread")]
async fn the_history_names_who_applied_what_and_why_and_masks_secrets() {
    let cli = two().await;
    assert_snapshot!(run(&cli, &["history", "db"]), @r#"
    exit code: Some(0)
    ----- stdout -----
    REVISION  STATE    MADE                  BY     PLUGINS  MESSAGE
    2         current  [TIME]  admin  -        rotate the password
    1         earlier  [TIME]  admin  -        -
    ----- stderr -----
    "#);
    assert_snapshot!(run(&cli, &["history", "diff", "db", "1"]), @r#"
    exit code: Some(0)
    ----- stdout -----
    statefulset/db
                  app.kubernetes.io/name: db
              spec:
                containers:
        -       - env:
        +       - command:
        +         - postgres
        +         env:
                  - name: DB_PASSWORD
        -           value: (masked)
        +           value: (masked, another value)
                  image: postgres:17
                  name: db
                  volumeMounts:
    ----- stderr -----
    "#);
    let whole = run(&cli, &["history", "show", "db", "1"]);
    assert!(whole.contains("revision 1 (earlier)"), "{whole}");
    assert!(whole.contains("image: postgres:17") && !whole.contains("hunter2"), "{whole}");
    assert!(run(&cli, &["history", "show", "db", "1", "--unmasked"]).contains("hunter2"));
    let output = cli.bare(&["history", "db", "-o", "json", "-n", &cli.env.namespace]);
    let history: Value = serde_json::from_slice(&output.stdout).expect("one document");
    assert_eq!(history["kind"], "History");
    assert_eq!(history["revisions"][0]["message"], "rotate the password");
    assert_eq!(history["revisions"][1]["state"], "earlier");
    assert_snapshot!(run(&cli, &["history", "show", "db", "9"]), @r#"
    exit code: Some(1)
    ----- stdout -----
    ----- stderr -----
    error[WH0708]: revision 9 of [NAMESPACE]/db is not kept
    help: wellhead history db -n [NAMESPACE]
    "#);
    assert_snapshot!(run(&cli, &["history", "nothing"]), @r#"
    exit code: Some(1)
    ----- stdout -----
    ----- stderr -----
    error[WH0708]: there is no history of [NAMESPACE]/nothing in the cluster
    help: `-n` names the namespace, `--context` the cluster
    "#);
    cli.env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rollback_asks_first_and_brings_the_revision_back_without_its_file() {
    let cli = two().await;
    std::fs::remove_file(cli.folder.path().join("db.yaml")).expect("it was there");
    let before = cli.env.versions().await;
    assert_snapshot!(run(&cli, &["rollback", "db"]), @r#"
    exit code: Some(4)
    ----- stdout -----
    ----- stderr -----
    [NAMESPACE]/db: back to revision 1 of [TIME]
    error[WH0709]: a rollback that changes something needs confirmation, and no terminal is attached
    help: pass `--yes` (or set WELLHEAD_YES=1)
    "#);
    assert_eq!(cli.env.versions().await.len(), before.len(), "nothing is written");
    let done = run(&cli, &["rollback", "db", "--yes", "-q"]);
    assert!(done.contains("0 created, 1 updated, 3 unchanged."), "{done}");
    let history = run(&cli, &["history", "db"]);
    assert!(history.contains("rollback to 1"), "{history}");
    assert_snapshot!(run(&cli, &["rollback", "db", "7", "--yes"]), @r#"
    exit code: Some(4)
    ----- stdout -----
    ----- stderr -----
    error[WH0418]: revision 7 of [NAMESPACE]/db is not kept
    help: wellhead history db -n [NAMESPACE]
    "#);
    cli.env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_apply_without_a_terminal_needs_a_yes_unless_nothing_changes() {
    let cli = Cli::new("consent").await;
    assert_snapshot!(run(&cli, &["apply", "-f", "db.yaml"]), @r#"
    exit code: Some(4)
    ----- stdout -----
    ----- stderr -----
    context [CONTEXT]
    error[WH0709]: an apply that changes something needs confirmation, and no terminal is attached
    help: pass `--yes` (or set WELLHEAD_YES=1)
    "#);
    assert_eq!(cli.env.versions().await, Vec::<String>::new(), "nothing is written");
    cli.apply();
    assert_snapshot!(run(&cli, &["apply", "-f", "db.yaml"]), @r#"
    exit code: Some(0)
    ----- stdout -----
    No changes. 4 objects are up to date.

    [NAMESPACE]/db: 2/2 ready, 2/2 claims bound
      claims = data-db-0, data-db-1
      revision = 1
      service_name = db
      statefulset_name = db
    ----- stderr -----
    context [CONTEXT]
    "#);
    cli.env.finish().await;
}
