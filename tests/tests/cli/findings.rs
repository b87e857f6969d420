//! What is found is at the line that has it, and names the plugin that set it.

use insta::assert_snapshot;
use wellhead_tests::guest::{Guest, judge_of};

use crate::context::Context;

const RENDER: [&str; 6] = ["render", "-q", "-f", "db.yaml", "-c", "team.yaml"];

/// A folder whose customization has guests, and after them a validator.
fn judged(guests: &[(&str, &Guest, &[&str])], validator: &[u8]) -> Context {
    let none: &[&str] = &[];
    let guard = Guest::new();
    let guests = [guests, &[("guard", &guard, none)]].concat();
    let context = Context::with_guests(&guests);
    context.write("guard.wasm", validator);
    context
}

/// A validator names a field, and the host knows where that is.
#[test]
fn a_validator_points_at_the_line_of_the_pipeline() {
    let context = judged(&[], &judge_of("error", "replicas", "too few", "have more"));
    assert_snapshot!(context.run(&RENDER), @r#"
    exit code: 4
    ----- stdout -----
    ----- stderr -----
    error[WH0523]: plugin `guard` objects to the pipeline
     --> db.yaml:6:13
      |
    6 |   replicas: 3
      |             ^
      the plugin says of `replicas`: "too few"
      pipeline: db
    help: the plugin suggests: "have more"
    "#);
    let context = judged(&[], &judge_of("warning", "replicas", "too few", "have more"));
    assert_snapshot!(context.run(&["explain", "replicas", "-f", "db.yaml", "-c", "team.yaml"]), @r#"
    exit code: 0
    ----- stdout -----
    FIELD     VALUE  SET BY                  REASON
    replicas  3      base spec db.yaml:6:13
    ----- stderr -----
    warning[WH0523]: plugin `guard` warns of `replicas`: "too few"
     --> db.yaml:6:13
      |
    6 |   replicas: 3
      |             ^
      pipeline: db
    help: the plugin suggests: "have more"
    "#);
}

/// What a plugin set stands in no file: its entry has it.
#[test]
fn a_validator_points_at_the_plugin_that_set_the_field() {
    let five = Guest::sets_replicas(5);
    let guests: &[(&str, &Guest, &[&str])] = &[("five", &five, &["grants: [replicas]"])];
    let context = judged(guests, &judge_of("error", "replicas", "too many", ""));
    assert_snapshot!(context.run(&RENDER), @r#"
    exit code: 4
    ----- stdout -----
    ----- stderr -----
    error[WH0523]: plugin `guard` objects to the pipeline
     --> team.yaml:6:13
      |
    6 |     - name: five
      |             ^^^^
      the plugin says of `replicas`: "too many"
      plugin `five` set `replicas`
      pipeline: db
    "#);
}

/// The rules of the spec look at what the plugins left.
#[test]
fn a_finding_about_a_field_that_a_plugin_set_names_the_plugin() {
    let guest = Guest::new()
        .imports_method("pipeline.main-container", "(param i32) (result i32)")
        .imports_method("container.set-image", "(param i32 i32 i32 i32)")
        .data(8_192, "nginx")
        .transform(
            "(call $container_set_image (call $pipeline_main_container (local.get $target)) \
             (i32.const 8192) (i32.const 5) (i32.const 512)) (i32.const 256)",
        );
    let context = Context::with_guests(&[("image", &guest, &["grants: [containers.*.image]"])]);
    assert_snapshot!(context.run(&["explain", "containers.db.image", "-f", "db.yaml", "-c", "team.yaml"]), @r#"
    exit code: 0
    ----- stdout -----
    FIELD                VALUE        SET BY                                              REASON
    containers.db.image  nginx        plugin image of team (sha256:[DIGEST]) "1.0.0"
      overwritten        postgres:17  base spec db.yaml:9:14
    ----- stderr -----
    warning[WH0123]: the image `nginx` has no tag: its version may change at any time
     --> team.yaml:6:13
      |
    6 |     - name: image
      |             ^^^^^
      plugin `image` set `containers.db.image`
    help: write a version as the tag, or a digest
    "#);
}

/// A path that leads nowhere, or no message, is the validator's own mistake.
#[test]
fn what_is_wrong_with_a_finding_is_told_as_the_plugins_fault() {
    let context = judged(&[], &judge_of("error", "spec.replicas", "", "have more"));
    assert_snapshot!(context.run(&RENDER), @r#"
    exit code: 4
    ----- stdout -----
    ----- stderr -----
    error[WH0523]: plugin `guard` objects to the pipeline
     --> team.yaml:6:13
      |
    6 |     - name: guard
      |             ^^^^^
      the plugin says of `spec.replicas`: ""
      a fault of the plugin: the finding has no message
      a fault of the plugin: no pipeline has the field `spec`; did you mean `replicas`?
      pipeline: db
    help: the plugin suggests: "have more"
    "#);
}

/// Two long values are shown where they differ.
#[test]
fn a_conflict_shows_the_difference() {
    let note = |end: &str| {
        Guest::new()
            .imports_method("pipeline.set-annotation", "(param i32 i32 i32 i32 i32 i32)")
            .data(8_192, format!("team{}{end}{}", "a".repeat(200), "z".repeat(200)))
            .transform(&format!(
                "(call $pipeline_set_annotation (local.get $target) (i32.const 8192) (i32.const 4) \
                 (i32.const 8196) (i32.const {}) (i32.const 512)) (i32.const 256)",
                400 + end.len()
            ))
    };
    let (one, other) = (note("-one-"), note("-other-"));
    let grants: &[&str] = &["grants: [annotations.team]"];
    let context = Context::with_guests(&[("one", &one, grants), ("other", &other, grants)]);
    assert_snapshot!(context.run(&RENDER), @r#"
    exit code: 4
    ----- stdout -----
    ----- stderr -----
    error[WH0601]: plugins `one` and `other` set the same field differently
     --> team.yaml:9:13
      |
    9 |     - name: other
      |             ^^^^^
      `annotations.team`: `one` left "(187 bytes)...aaaaaaaaaaaaa-one-zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz... (152 more bytes)", this plugin wants "(187 bytes)...aaaaaaaaaaaaa-other-zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz... (154 more bytes)"
      pipeline: db
    help: remove one of them, or add to this entry's `overrides`: annotations.team
    "#);
}

/// What is asked for by an option of its own is printed, whatever else is not.
#[test]
fn a_trace_is_printed_with_quiet() {
    let five = Guest::sets_replicas(5);
    let context = Context::with_guests(&[("five", &five, &["grants: [replicas]"])]);
    let shown = context.run(&[&RENDER[..], &["--trace"]].concat());
    assert!(shown.contains("db: plugin `five`: edit   replicas: 3 -> 5"), "{shown}");
}
