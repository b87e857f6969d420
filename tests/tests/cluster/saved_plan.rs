//! A plan that was kept is applied exactly, or not at all.

use k8s_openapi::api::apps::v1::StatefulSet;
use kube::api::{DeleteParams, PostParams};
use serde_json::json;

use crate::plan_cli::Cli;

/// Exit code and everything that was said.
fn said(output: &std::process::Output) -> (Option<i32>, String) {
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
}

/// Keeps a plan of the pipeline as it is now.
fn keep(cli: &Cli) {
    let (code, said) = said(&cli.output(&["plan", "--out", "db.whplan"]));
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("apply it with: wellhead apply db.whplan"), "{said}");
}

fn apply(cli: &Cli) -> (Option<i32>, String) {
    said(&cli.bare(&["apply", "db.whplan", "--wait=false"]))
}

/// Applies a plan that must be refused, and makes sure that nothing is written.
async fn refused(cli: &Cli) -> String {
    let before = cli.env.versions().await;
    let (code, said) = apply(cli);
    assert_eq!(cli.env.versions().await, before, "nothing is written");
    assert_eq!(code, Some(4), "{said}");
    said
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kept_plan_does_what_it_says_and_only_once() {
    let cli = Cli::new("saved-plan").await;
    keep(&cli);
    let (code, text) = apply(&cli);
    assert_eq!(code, Some(0), "{text}");
    assert_eq!(
        cli.env.versions().await.len(),
        6,
        "Service, two claims, StatefulSet, Lease, revision"
    );
    // Controllers write to the claims until their volumes are bound.
    cli.apply();
    let text = refused(&cli).await;
    assert!(text.contains("it did not exist, and does now"), "{text}");
    cli.env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_field_that_somebody_changed_since_refuses_the_plan() {
    let cli = Cli::new("saved-changed").await;
    cli.apply();
    cli.change("postgres:17", "postgres:18");
    keep(&cli);
    let container = json!([{"name": "db", "image": "postgres:hotfix"}]);
    let fields = json!({"spec": {"template": {"spec": {"containers": container}}}});
    cli.env.set_as::<StatefulSet>("kubectl-edit", "db", fields).await;
    let text = refused(&cli).await;
    assert!(text.contains("\"kubectl-edit\" owns"), "{text}");
    cli.env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_apply_since_refuses_the_plan() {
    let cli = Cli::new("saved-overtaken").await;
    cli.apply();
    cli.change("postgres:17", "postgres:18");
    keep(&cli);
    cli.change("value: hunter2", "value: hunter3");
    cli.apply();
    cli.change("postgres:17", "postgres:18");
    let text = refused(&cli).await;
    assert!(text.contains("statefulset/db changed since the plan was made"), "{text}");
    assert!(text.contains("spec.template.spec.containers.db.env.DB_PASSWORD.value"), "{text}");
    assert!(!text.contains("hunter"), "no values: {text}");
    cli.env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_object_that_was_deleted_since_refuses_the_plan() {
    let cli = Cli::new("saved-deleted").await;
    cli.apply();
    cli.change("postgres:17", "postgres:18");
    keep(&cli);
    let services = cli.env.services();
    let mut old = services.get("db").await.expect("it is there");
    services.delete("db", &DeleteParams::default()).await.expect("it can be deleted");
    let text = refused(&cli).await;
    assert!(text.contains("it existed, and was deleted"), "{text}");
    old.metadata.resource_version = None;
    old.metadata.uid = None;
    services.create(&PostParams::default(), &old).await.expect("it can be made again");
    let text = refused(&cli).await;
    assert!(text.contains("it was deleted and created again"), "{text}");
    cli.env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn other_files_refuse_the_plan_and_no_files_do_not() {
    let cli = Cli::new("saved-files").await;
    keep(&cli);
    cli.change("postgres:17", "postgres:18");
    let text = refused(&cli).await;
    assert!(text.contains("changed or gone: db.yaml"), "{text}");
    std::fs::remove_file(cli.folder.path().join("db.yaml")).expect("it is there");
    let (code, text) = apply(&cli);
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("are not here: not compared"), "{text}");
    let set = cli.env.stateful_sets().get("db").await.expect("it was applied");
    let image = set.spec.and_then(|it| it.template.spec?.containers.into_iter().next()?.image);
    assert_eq!(image.as_deref(), Some("postgres:17"), "what was planned");
    cli.env.finish().await;
}

/// Facts are an input of a plan like the specs: others refuse it.
#[tokio::test(flavor = "multi_thread")]
async fn other_facts_refuse_the_plan() {
    let cli = Cli::new("saved-facts").await;
    let facts = |tiers: u32| {
        let head = "apiVersion: wellhead.dev/v1alpha1\nkind: Facts\nspec: ";
        let text = format!("{head}{{tiers: {tiers}}}\n");
        std::fs::write(cli.folder.path().join("facts.yaml"), text).expect("it can be written");
    };
    facts(1);
    let (code, text) = said(&cli.output(&["plan", "--out", "db.whplan", "--facts", "facts.yaml"]));
    assert_eq!(code, Some(0), "{text}");
    facts(2);
    let text = refused(&cli).await;
    assert!(text.contains("changed or gone: facts.yaml"), "{text}");
    facts(1);
    let (code, text) = apply(&cli);
    assert_eq!(code, Some(0), "{text}");
    cli.env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_that_would_be_refused_is_not_kept_and_a_spec_is_no_plan() {
    let cli = Cli::new("saved-refused").await;
    cli.change("size: 1Gi", "size: 1Gi\n      storageClass: none-such");
    let (code, text) = said(&cli.output(&["plan", "--out", "db.whplan"]));
    assert_eq!(code, Some(4), "{text}");
    assert!(text.contains("not saved to db.whplan"), "{text}");
    assert!(!cli.folder.path().join("db.whplan").exists());
    for (file, why) in [("db.whplan", "cannot read the plan"), ("db.yaml", "is not a plan")] {
        let (code, text) = said(&cli.bare(&["apply", file]));
        assert_eq!(code, Some(2), "{text}");
        assert!(text.contains(why) && text.contains("wellhead plan --out FILE"), "{text}");
    }
    cli.env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_that_is_named_by_its_digest_is_applied_as_it_was_made_or_not_at_all() {
    let cli = Cli::new("saved-digest").await;
    let output = cli.output(&["plan", "--out", "db.whplan", "-o", "json"]);
    let plan: serde_json::Value = serde_json::from_slice(&output.stdout).expect("one document");
    let digest = plan["kept"]["digest"].as_str().expect("it is told").to_owned();
    assert_eq!(plan["kept"]["file"], "db.whplan");
    let (_, said_of_it) = said(&output);
    assert!(
        said_of_it.contains(&format!("wellhead apply db.whplan --digest {digest}")),
        "{said_of_it}"
    );
    let file = cli.folder.path().join("db.whplan");
    let text = std::fs::read_to_string(&file).expect("it was written");
    std::fs::write(&file, text.replace("postgres:17", "evil.example/x:1"))
        .expect("it can be written");
    let apply = ["apply", "db.whplan", "--wait=false", "--digest", &digest];
    let before = cli.env.versions().await;
    let (code, refused) = said(&cli.bare(&apply));
    assert_eq!(code, Some(4), "{refused}");
    assert!(refused.contains("is not the plan that is named"), "{refused}");
    assert_eq!(cli.env.versions().await, before, "nothing is written");
    std::fs::write(&file, text).expect("it can be written");
    let (code, done) = said(&cli.bare(&apply));
    assert_eq!(code, Some(0), "{done}");
    assert!(done.contains(&digest), "{done}");
    cli.env.finish().await;
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_plan_that_is_a_device_or_names_one_is_refused_at_once() {
    let cli = Cli::new("saved-device").await;
    let (code, told) = said(&cli.bare(&["apply", "/dev/zero"]));
    assert_eq!(code, Some(2), "{told}");
    assert!(told.contains("regular file"), "{told}");
    keep(&cli);
    let file = cli.folder.path().join("db.whplan");
    let text = std::fs::read_to_string(&file).expect("it was written");
    let named = text.replace("\"db.yaml\"", "\"/dev/zero\"");
    assert_ne!(named, text);
    std::fs::write(&file, named).expect("it can be written");
    let told = refused(&cli).await;
    assert!(told.contains("/dev/zero"), "{told}");
    cli.env.finish().await;
}
