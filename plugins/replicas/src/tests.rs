//! What the plugin does, natively.

use crate::Replicas;
use serde_json::{Value, json};
use wellhead_plugin::testing::{self, Edit};
use wellhead_plugin::{Pipeline, Rejection};

fn pipeline(replicas: i32) -> Pipeline {
    testing::pipeline(json!({
        "metadata": { "namespace": "prod", "labels": { "env": "production" } },
        "spec": { "replicas": replicas },
    }))
}

fn run(pipeline: &Pipeline, config: &Value) -> Result<(), Rejection> {
    testing::transform::<Replicas>(pipeline, config)
}

#[test]
fn the_first_rule_that_selects_the_pipeline_decides() {
    let pipeline = pipeline(1);
    run(
        &pipeline,
        &json!({
            "rules": [
                { "select": { "namespaces": ["dev"] }, "scale": { "replicas": 1 } },
                { "select": { "namespaces": ["prod"] }, "scale": { "min": 3, "odd": true } },
                { "select": { "labels": { "env": "production" } }, "scale": { "replicas": 9 } },
            ],
            "default": { "replicas": 2 },
        }),
    )
    .unwrap();
    assert_eq!(pipeline.replicas(), 3);
    let reason = Some("rule 2 of the config: at least 3, odd".to_owned());
    assert_eq!(testing::edits(&pipeline), [Edit { path: "replicas".to_owned(), reason }]);
}

#[test]
fn a_rule_selects_by_label() {
    let pipeline = pipeline(7);
    run(
        &pipeline,
        &json!({ "rules": [
        { "select": { "labels": { "env": "production" } }, "scale": { "max": 5 } },
    ] }),
    )
    .unwrap();
    assert_eq!(pipeline.replicas(), 5);
}

#[test]
fn the_default_covers_pipelines_that_no_rule_selects() {
    let pipeline = pipeline(7);
    run(
        &pipeline,
        &json!({
            "rules": [{ "select": { "namespaces": ["dev"] }, "scale": { "replicas": 1 } }],
            "default": { "max": 2 },
        }),
    )
    .unwrap();
    assert_eq!(pipeline.replicas(), 2);
}

#[test]
fn without_a_rule_and_a_default_nothing_is_edited() {
    let pipeline = pipeline(7);
    run(&pipeline, &json!({})).unwrap();
    assert_eq!(testing::edits(&pipeline), []);
}

#[test]
fn bounds_that_hold_leave_the_number_to_others_and_an_exact_number_does_not() {
    let pipeline = pipeline(3);
    run(&pipeline, &json!({ "default": { "min": 1, "max": 5, "odd": true } })).unwrap();
    assert_eq!(testing::edits(&pipeline), []);
    run(&pipeline, &json!({ "default": { "replicas": 3 } })).unwrap();
    assert_eq!(testing::edits(&pipeline).len(), 1);
}

#[test]
fn a_config_that_contradicts_itself_is_refused_with_the_rule() {
    let config = json!({ "rules": [
        { "select": {}, "scale": { "min": 4, "max": 4, "odd": true } },
    ] });
    assert_eq!(
        run(&pipeline(4), &config).unwrap_err(),
        Rejection::new("no odd number is between `min` 4 and `max` 4")
            .code("invalid-config")
            .at("config.rules[0].scale")
            .hint("widen the bounds, or remove `odd`")
    );
}

#[test]
fn the_schema_is_current() {
    testing::assert_schema::<Replicas>("config.schema.json");
}
