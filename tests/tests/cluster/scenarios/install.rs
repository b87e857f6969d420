//! A first apply, a second one, and a preview of a change.

use super::{apply, run};
use crate::plan_cli::Cli;

#[tokio::test(flavor = "multi_thread")]
async fn an_install_says_what_was_made_and_that_it_is_ready() {
    let cli = Cli::new("row-install").await;
    let said = apply(&cli);
    said.ends(0, &["context ", "4 to write"]).prints(&[
        "4 created, 0 updated, 0 unchanged.",
        &format!("{}/db: 2/2 ready, 2/2 claims bound", cli.env.namespace),
    ]);
    cli.env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_apply_says_other_words_and_writes_nothing() {
    let cli = Cli::new("row-again").await;
    apply(&cli).ends(0, &[]);
    let before = cli.env.versions().await;
    apply(&cli).ends(0, &[]).prints(&["No changes. 4 objects are up to date."]);
    assert_eq!(cli.env.versions().await, before, "nothing is written");
    cli.env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_preview_names_the_field_both_values_who_set_it_and_the_restarts() {
    let cli = Cli::new("row-preview").await;
    apply(&cli).ends(0, &[]);
    cli.change("postgres:17", "postgres:18");
    let before = cli.env.versions().await;
    run(&cli, &["plan", "--exit-code"]).ends(2, &[]).prints(&[
        "restarts 2 pods (db-1, db-0), 1 at a time, the highest ordinal first",
        "-         image: postgres:17",
        "+         image: postgres:18",
        "spec.template.spec.containers.db.image: set by base spec db.yaml:13:14",
    ]);
    assert_eq!(cli.env.versions().await, before, "nothing is written");
    cli.env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn there_is_one_field_manager_however_often_is_applied() {
    let cli = Cli::new("row-manager").await;
    apply(&cli).ends(0, &[]);
    cli.change("postgres:17", "postgres:18");
    apply(&cli).ends(0, &[]);
    let set = cli.env.stateful_sets().get("db").await.expect("it is there");
    let managers = set.metadata.managed_fields.unwrap_or_default().into_iter();
    let spec = managers.filter(|it| it.subresource.as_deref() != Some("status"));
    let named: Vec<_> = spec.filter_map(|it| Some((it.manager?, it.operation?))).collect();
    assert_eq!(named, [("wellhead".to_owned(), "Apply".to_owned())]);
    cli.env.finish().await;
}
