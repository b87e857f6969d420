//! `wellhead explain`: who set a field, and why.

use insta::assert_snapshot;
use wellhead_tests::guest::Guest;

use crate::context::{Context, PIPELINE, json};

fn two_plugins() -> Context {
    Context::with_guests(&[
        ("five", &Guest::sets_replicas(5), &["grants: [replicas]"]),
        ("seven", &Guest::sets_replicas(7), &["grants: [replicas]", "overrides: [replicas]"]),
    ])
}

/// Without a field, what the plugins changed is shown, with all earlier values.
#[test]
fn what_plugins_changed_is_shown() {
    assert_snapshot!(two_plugins().run(&["explain", "-f", "db.yaml", "-c", "team.yaml"]), @r#"
    exit code: 0
    ----- stdout -----
    FIELD     VALUE  SET BY                                            BEFORE  REASON
    replicas  7      plugin seven 1.0.0 of team (sha256:[DIGEST])  3 -> 5
    ----- stderr -----
    "#);
}

/// The same for programs, with the place of the first value in the base spec.
#[test]
fn what_plugins_changed_is_shown_as_json() {
    let context = two_plugins();
    let arguments = ["explain", "-f", "db.yaml", "-c", "team.yaml", "-o", "json"];
    let document = json(&mut context.command(&arguments));
    let field = &document["fields"][0];
    assert_eq!(field["field"], "replicas");
    assert_eq!(field["value"], 7);
    assert_eq!(field["setBy"]["kind"], "plugin");
    assert_eq!(field["setBy"]["name"], "seven");
    assert_eq!(field["setBy"]["version"], "1.0.0");
    assert_eq!(field["before"][0]["value"], 3);
    assert_eq!(field["before"][0]["setBy"]["location"]["line"], 6);
    assert_eq!(field["before"][1]["setBy"]["name"], "five");
}

/// A field of an object leads back to the spec.
#[test]
fn a_field_of_an_object_is_explained() {
    let context = two_plugins();
    let arguments = ["explain", "-f", "db.yaml", "-c", "team.yaml", "sts/db", "spec.replicas"];
    assert_snapshot!(context.run(&arguments), @r#"
    exit code: 0
    ----- stdout -----
    OF              FIELD          VALUE  SET BY                                            BEFORE  REASON
    statefulset/db  spec.replicas  7      plugin seven 1.0.0 of team (sha256:[DIGEST])  3 -> 5
    ----- stderr -----
    "#);
}

/// A field that only the file decides is explained by its place, and a default by its reason.
#[test]
fn the_base_spec_and_defaults_are_explained() {
    let context = Context::with_pipeline();
    assert_snapshot!(context.run(&["explain", "-f", "db.yaml", "-n", "demo", "service/db"]), @r#"
    exit code: 0
    ----- stdout -----
    OF          FIELD                                            VALUE     SET BY           BEFORE  REASON
    service/db  apiVersion                                       v1        host default             the kind of object that holds it
    service/db  kind                                             Service   host default             the kind of object that holds it
    service/db  metadata.labels["app.kubernetes.io/instance"]    db        host default             recommended label, unless the spec sets this key
    service/db  metadata.labels["app.kubernetes.io/managed-by"]  wellhead  host default             recommended label, unless the spec sets this key
    service/db  metadata.labels["app.kubernetes.io/name"]        db        host default             the pipeline's name selects the pods unless `selector` says otherwise
    service/db  metadata.name                                    db        host default             the pipeline's name unless `service.name` says otherwise
    service/db  metadata.namespace                               demo      command line -n
    service/db  spec.clusterIP                                   None      host default             the Service is always headless
    service/db  spec.selector["app.kubernetes.io/name"]          db        host default             the pipeline's name selects the pods unless `selector` says otherwise
    ----- stderr -----
    "#);
    assert_snapshot!(context.run(&["explain", "-f", "db.yaml", "containers.db.image"]), @r#"
    exit code: 0
    ----- stdout -----
    FIELD                VALUE        SET BY                  BEFORE  REASON
    containers.db.image  postgres:17  base spec db.yaml:9:14
    ----- stderr -----
    "#);
}

/// Every field of every object has an answer.
#[test]
fn every_field_has_an_answer() {
    let context = Context::with_pipeline();
    let document = json(&mut context.command(&["explain", "-f", "db.yaml", "--all", "-o", "json"]));
    let fields = document["fields"].as_array().unwrap();
    assert!(fields.len() > 20, "{}", fields.len());
    for field in fields {
        let by_default = field["setBy"]["kind"] == "default";
        assert_eq!(by_default, field["reason"].is_string(), "{field}");
    }
}

/// Values of variables whose names look secret are masked, others are shown.
#[test]
fn secret_values_are_masked() {
    let context = Context::new();
    let env = "      env:\n        - {name: DB_PASSWORD, value: hunter2}\n        - {name: LEVEL, value: debug}\n";
    context.write("db.yaml", format!("{PIPELINE}{env}"));
    let shown = context.run(&["explain", "-f", "db.yaml", "containers.db.env"]);
    assert!(!shown.contains("hunter2"), "{shown}");
    assert!(shown.contains("(masked)") && shown.contains("debug"), "{shown}");
}

/// A field that nobody sets is told apart from one that does not exist in an object.
#[test]
fn what_is_not_there_is_an_error() {
    let context = Context::with_pipeline();
    assert_snapshot!(context.run(&["explain", "-f", "db.yaml", "serviceAccountName"]), @r#"
    exit code: 1
    ----- stdout -----
    ----- stderr -----
    error[WH0708]: no pipeline sets `serviceAccountName`
    help: a default is explained as a field of its object, e.g. statefulset/NAME spec.replicas
    "#);
    assert_snapshot!(context.run(&["explain", "-f", "db.yaml", "statefulset/web"]), @r#"
    exit code: 1
    ----- stdout -----
    ----- stderr -----
    error[WH0708]: no pipeline renders a StatefulSet `web`
    help: objects are, e.g., service/db, statefulset/db
    "#);
    assert_snapshot!(context.run(&["explain", "-f", "db.yaml", "statefulset/db", "spec.nothing"]), @r#"
    exit code: 1
    ----- stdout -----
    ----- stderr -----
    error[WH0708]: statefulset/db has no field `spec.nothing`
    help: leave out the field to see all
    "#);
}

/// Without plugins there is nothing that they changed.
#[test]
fn without_plugins_nothing_was_changed() {
    let context = Context::with_pipeline();
    assert_snapshot!(context.run(&["explain", "-f", "db.yaml"]), @r#"
    exit code: 0
    ----- stdout -----
    No plugin changed anything; `--all` shows every field.
    ----- stderr -----
    "#);
}
