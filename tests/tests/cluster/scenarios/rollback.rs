//! The way back.

use super::{Said, apply};
use crate::plan_cli::Cli;

fn rollback(cli: &Cli, arguments: &[&str]) -> Said {
    let namespace = cli.env.namespace.as_str();
    Said::of(&cli.bare(&[&["rollback", "db", "-n", namespace], arguments].concat()))
}

async fn image(cli: &Cli) -> Option<String> {
    let set = cli.env.stateful_sets().get("db").await.expect("it is there");
    set.spec?.template.spec?.containers.into_iter().next()?.image
}

/// With ordered pods the broken one is in the way of its own replacement; nobody has to delete it by hand.
#[tokio::test(flavor = "multi_thread")]
async fn a_bad_image_is_taken_back_by_the_command_that_the_failure_names() {
    let cli = Cli::new("row-back").await;
    apply(&cli).ends(0, &[]);
    let claim = cli.env.claims().get("data-db-1").await.expect("it is there").metadata.uid;
    cli.change("postgres:17", "ghcr.io/acme/db:broken");
    let command = format!("wellhead rollback db -n {}", cli.env.namespace);
    apply(&cli).ends(3, &["error[WH0301]", &command]);
    let said = rollback(&cli, &["--yes"]);
    said.ends(0, &["back to revision 1"]).prints(&["2/2 ready"]);
    assert_eq!(image(&cli).await.as_deref(), Some("postgres:17"));
    let pod = cli.env.pods().get("db-1").await.expect("it is there");
    let runs = pod.spec.and_then(|it| it.containers.into_iter().next()?.image);
    assert_eq!(runs.as_deref(), Some("postgres:17"), "the stuck pod is replaced");
    let now = cli.env.claims().get("data-db-1").await.expect("it is there").metadata.uid;
    assert_eq!(now, claim, "the claim is the same");
    cli.env.finish().await;
}

/// A rollback takes no ownership that the next apply would have to fight for.
#[tokio::test(flavor = "multi_thread")]
async fn an_apply_after_a_rollback_has_no_conflict() {
    let cli = Cli::new("row-forth").await;
    apply(&cli).ends(0, &[]);
    cli.change("postgres:17", "postgres:18");
    apply(&cli).ends(0, &[]);
    rollback(&cli, &["--yes"]).ends(0, &[]);
    assert_eq!(image(&cli).await.as_deref(), Some("postgres:17"));
    apply(&cli).ends(0, &[]).prints(&["1 updated"]);
    assert_eq!(image(&cli).await.as_deref(), Some("postgres:18"));
    cli.env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rollback_without_a_terminal_names_the_flag_that_it_needs() {
    let cli = Cli::new("row-back-consent").await;
    apply(&cli).ends(0, &[]);
    cli.change("postgres:17", "postgres:18");
    apply(&cli).ends(0, &[]);
    let before = cli.env.versions().await;
    rollback(&cli, &[]).ends(4, &["error[", "no terminal is attached", "help: pass `--yes`"]);
    assert_eq!(cli.env.versions().await, before, "nothing is written");
    cli.env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn there_must_be_something_to_go_back_to() {
    let cli = Cli::new("row-back-none").await;
    apply(&cli).ends(0, &[]);
    let history = format!("wellhead history db -n {}", cli.env.namespace);
    rollback(&cli, &["--yes"]).ends(4, &["error[WH0418]", "help: ", &history]);
    apply(&cli).ends(0, &[]).prints(&["No changes"]);
    cli.env.finish().await;
}
