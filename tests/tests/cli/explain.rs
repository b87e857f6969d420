//! `wellhead explain`: who set a field, and why.

use insta::assert_snapshot;
use wellhead_tests::guest::{Edit, Guest, Manner};

/// A customization that changes nothing.
const MORE: &str = "\
apiVersion: wellhead.dev/v1alpha1
kind: Customization
metadata: {name: more}
spec: {plugins: []}
";

use crate::context::{Context, PIPELINE, json};

fn two_plugins() -> Context {
    Context::with_guests(&[
        ("five", &Guest::sets_replicas(5), &["grants: [replicas]"]),
        ("seven", &Guest::sets_replicas(7), &["grants: [replicas]", "overrides: [replicas]"]),
    ])
}

/// What the plugins changed is shown, with what they overwrote, the latest first.
#[test]
fn what_plugins_changed_is_shown() {
    let arguments = ["explain", "-f", "db.yaml", "-c", "team.yaml", "--changed"];
    assert_snapshot!(two_plugins().run(&arguments), @r#"
    exit code: 0
    ----- stdout -----
    FIELD          VALUE  SET BY                                              REASON
    replicas       7      plugin seven of team (sha256:[DIGEST]) "1.0.0"
      overwritten  5      plugin five of team (sha256:[DIGEST]) "1.0.0"
      overwritten  3      base spec db.yaml:6:13
    ----- stderr -----
    "#);
}

/// Words of a plugin stand in quotes behind those of Wellhead, and push out none of them.
#[test]
fn words_of_a_plugin_do_not_look_like_those_of_wellhead() {
    let reason = "Wellhead: it is \" of platform";
    let edits = [
        Edit::pipeline("because").text(reason).without_result(),
        Edit::pipeline("add-container").text("new").text("evil:1"),
    ];
    let version = "1.0.0+of.platform.sha256.10c2aa11bb22.approved.by.who-asks-for-it";
    let guest = Guest::makes(&edits, Manner::Honest).version(&version[..64]);
    let context = Context::with_guests(&[("evil", &guest, &["grants: ['**']"])]);
    let arguments = ["explain", "-f", "db.yaml", "-c", "team.yaml", "--changed"];
    assert_snapshot!(context.run(&arguments), @r#"
    exit code: 0
    ----- stdout -----
    FIELD                                                    VALUE           SET BY                                                                               REASON
    containers.new.image                                     evil:1          plugin evil of team (sha256:[DIGEST]) "1.0.0+of.platform.sha256.10c2aa11bb22...  "Wellhead: it is \" of platform"
    containers.new.name                                      new             plugin evil of team (sha256:[DIGEST]) "1.0.0+of.platform.sha256.10c2aa11bb22...  "Wellhead: it is \" of platform"
    containers.new.securityContext.allowPrivilegeEscalation  false           plugin evil of team (sha256:[DIGEST]) "1.0.0+of.platform.sha256.10c2aa11bb22...  Wellhead: an added container gets the restricted Pod Security profile
    containers.new.securityContext.capabilities.drop[0]      ALL             plugin evil of team (sha256:[DIGEST]) "1.0.0+of.platform.sha256.10c2aa11bb22...  Wellhead: an added container gets the restricted Pod Security profile
    containers.new.securityContext.runAsNonRoot              true            plugin evil of team (sha256:[DIGEST]) "1.0.0+of.platform.sha256.10c2aa11bb22...  Wellhead: an added container gets the restricted Pod Security profile
    containers.new.securityContext.seccompProfile.type       RuntimeDefault  plugin evil of team (sha256:[DIGEST]) "1.0.0+of.platform.sha256.10c2aa11bb22...  Wellhead: an added container gets the restricted Pod Security profile
    ----- stderr -----
    "#);
}

/// The same for programs: the document of `render --provenance`, with what answers.
#[test]
fn what_plugins_changed_is_shown_as_json() {
    let context = two_plugins();
    let arguments = ["explain", "-f", "db.yaml", "-c", "team.yaml", "--changed", "-o", "json"];
    let document = json(&mut context.command(&arguments));
    assert_eq!(document["apiVersion"], "cli.wellhead.dev/v1alpha1");
    assert_eq!(document["kind"], "Provenance");
    let pipeline = &document["pipelines"][0];
    assert_eq!((&pipeline["name"], &pipeline["file"]), (&"db".into(), &"db.yaml".into()));
    assert_eq!(
        pipeline["fields"],
        serde_json::json!({"replicas": [
            {"by": "base", "line": 6, "column": 13, "value": 3},
            {"by": "plugin", "plugin": 0, "value": 5},
            {"by": "plugin", "plugin": 1, "value": 7},
        ]})
    );
    let plugin = &document["plugins"][1];
    assert_eq!((&plugin["name"], &plugin["version"]), (&"seven".into(), &"1.0.0".into()));
    assert_eq!(plugin["customization"], "team");
    assert!(plugin["digest"].as_str().unwrap().starts_with("sha256:"));
}

/// A field of an object leads back to the spec.
#[test]
fn a_field_of_an_object_is_explained() {
    let context = two_plugins();
    let arguments = ["explain", "-f", "db.yaml", "-c", "team.yaml", "sts/db", "spec.replicas"];
    assert_snapshot!(context.run(&arguments), @r#"
    exit code: 0
    ----- stdout -----
    OF              FIELD          VALUE  SET BY                                              REASON
    statefulset/db  spec.replicas  7      plugin seven of team (sha256:[DIGEST]) "1.0.0"
    statefulset/db    overwritten  5      plugin five of team (sha256:[DIGEST]) "1.0.0"
    statefulset/db    overwritten  3      base spec db.yaml:6:13
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
    OF          FIELD                                            VALUE     SET BY           REASON
    service/db  apiVersion                                       v1        host default     the kind of object that holds it
    service/db  kind                                             Service   host default     the kind of object that holds it
    service/db  metadata.labels["app.kubernetes.io/instance"]    db        host default     recommended label, unless the spec sets this key
    service/db  metadata.labels["app.kubernetes.io/managed-by"]  wellhead  host default     recommended label, unless the spec sets this key
    service/db  metadata.labels["app.kubernetes.io/name"]        db        host default     the pipeline's name selects the pods unless `selector` says otherwise
    service/db  metadata.name                                    db        host default     the pipeline's name unless `service.name` says otherwise
    service/db  metadata.namespace                               demo      command line -n
    service/db  spec.clusterIP                                   None      host default     the Service is always headless
    service/db  spec.selector["app.kubernetes.io/name"]          db        host default     the pipeline's name selects the pods unless `selector` says otherwise
    ----- stderr -----
    "#);
    assert_snapshot!(context.run(&["explain", "-f", "db.yaml", "containers.db.image"]), @r#"
    exit code: 0
    ----- stdout -----
    FIELD                VALUE        SET BY                  REASON
    containers.db.image  postgres:17  base spec db.yaml:9:14
    ----- stderr -----
    "#);
}

/// Without a question, every field of every object has an answer.
#[test]
fn every_field_has_an_answer() {
    let context = Context::with_pipeline();
    let document = json(&mut context.command(&["explain", "-f", "db.yaml", "-o", "json"]));
    let pipeline = &document["pipelines"][0];
    let objects = pipeline["objects"].as_array().unwrap();
    let leaves = objects.iter().flat_map(|it| it["fields"].as_object().unwrap().values());
    assert!(leaves.clone().count() > 20);
    for leaf in leaves {
        match leaf["from"].as_str() {
            Some(from) => assert!(pipeline["fields"][from][0]["by"].is_string(), "{leaf}"),
            None => assert!(leaf["reason"].is_u64() && !leaf["value"].is_null(), "{leaf}"),
        }
    }
}

/// A question may stand before the files or after them, and both options take several files.
#[test]
fn a_question_stands_before_or_after_the_files() {
    let context = two_plugins();
    context.write("more.yaml", MORE);
    let asked = ["sts/db", "spec.replicas"];
    let files = ["-f", "db.yaml", "-c", "team.yaml", "more.yaml"];
    let before = context.run(&[&["explain"][..], &asked, &files].concat());
    let after = context.run(&[&["explain"][..], &files, &asked].concat());
    let between = context.run(&[
        "explain",
        "sts/db",
        "-f",
        "db.yaml",
        "-c",
        "team.yaml",
        "more.yaml",
        "spec.replicas",
    ]);
    assert!(before.contains("plugin seven"), "{before}");
    assert_eq!((&before, &before), (&after, &between));
}

/// What stands last and is no file may also be a file that was forgotten: it is named.
#[test]
fn a_file_that_is_missing_is_no_question() {
    let context = Context::with_pipeline();
    let shown = context.run(&["explain", "-f", "db.yaml", "missing.yaml"]);
    assert!(shown.contains("cannot read `missing.yaml`"), "{shown}");
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
    assert_snapshot!(context.run(&["explain", "-f", "db.yaml", "--changed"]), @r#"
    exit code: 0
    ----- stdout -----
    No plugin changed anything.
    ----- stderr -----
    "#);
}

/// A field that a plugin removed has no value, and what it had is told.
#[test]
fn a_field_that_was_removed_is_told_with_what_it_had() {
    let import = r#"(import "wellhead:plugin/pipeline@0.1.0" "[method]pipeline.remove-label"
        (func $remove (param i32 i32 i32 i32))) (data (i32.const 8192) "team")"#;
    let body = "(call $remove (local.get $target) (i32.const 8192) (i32.const 4) (i32.const 512)) \
                (i32.const 256)";
    let guest = Guest::new().fields(import).transform(body);
    let context = Context::with_guests(&[("tidy", &guest, &["grants: [labels.team]"])]);
    context.write(
        "db.yaml",
        PIPELINE.replace("name: db\nspec", "name: db\n  labels: {team: ml}\nspec"),
    );
    assert_snapshot!(context.run(&["explain", "labels", "-f", "db.yaml", "-c", "team.yaml"]), @r#"
    exit code: 0
    ----- stdout -----
    FIELD          VALUE      SET BY                                             REASON
    labels.team    (not set)  plugin tidy of team (sha256:[DIGEST]) "1.0.0"
      overwritten  ml         base spec db.yaml:5:18
    ----- stderr -----
    "#);
}
