//! Deletions.

use super::{apply, run};
use crate::plan_cli::Cli;

#[tokio::test(flavor = "multi_thread")]
async fn a_deletion_names_the_claims_that_stay_and_a_second_one_is_no_error() {
    let cli = Cli::new("row-delete").await;
    apply(&cli).ends(0, &[]);
    let data = format!("wellhead delete db -n {} --delete-claims db", cli.env.namespace);
    run(&cli, &["delete", "--yes"]).ends(0, &[]).prints(&[
        "deleted statefulset/db, service/db",
        "kept 2 claims: data-db-0 (1Gi), data-db-1 (1Gi)",
        &data,
    ]);
    run(&cli, &["delete", "--yes"]).ends(0, &[]).prints(&["nothing to delete"]);
    cli.env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_terminal_a_deletion_names_the_flag_that_it_needs() {
    let cli = Cli::new("row-consent").await;
    apply(&cli).ends(0, &[]);
    let before = cli.env.versions().await;
    run(&cli, &["delete"]).ends(4, &["error[", "no terminal is attached", "help: pass `--yes`"]);
    assert_eq!(cli.env.versions().await, before, "nothing is deleted");
    cli.env.finish().await;
}

/// A failed installation leaves no trap: what it left is told, and a later apply uses it or says what is in the way.
#[tokio::test(flavor = "multi_thread")]
async fn what_a_deletion_left_is_told_when_it_is_used_again() {
    let cli = Cli::new("row-again-data").await;
    apply(&cli).ends(0, &[]);
    run(&cli, &["delete", "--yes"]).ends(0, &[]);
    apply(&cli).ends(0, &["warning[WH0206]", "starts on the data of claims that exist already"]);
    cli.env.finish().await;
}
