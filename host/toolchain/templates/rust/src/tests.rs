//! What the plugin does, natively: `cargo test`.

use serde_json::json;
use wellhead_plugin::testing;

use crate::MyPlugin;

#[test]
fn pods_are_labelled_with_the_team() {
    let pipeline = testing::pipeline(json!({}));
    testing::transform::<MyPlugin>(&pipeline, &json!({ "team": "search" })).unwrap();
    assert_eq!(testing::document(&pipeline)["spec"]["podLabels"]["team"], "search");
}

#[test]
fn a_pipeline_without_claims_keeps_its_claims() {
    let pipeline = testing::pipeline(json!({}));
    testing::transform::<MyPlugin>(&pipeline, &json!({ "team": "search" })).unwrap();
    assert_eq!(testing::edits(&pipeline).len(), 1);
}

#[test]
fn a_misspelt_field_is_refused_with_its_path() {
    let pipeline = testing::pipeline(json!({}));
    let wrong = testing::transform::<MyPlugin>(&pipeline, &json!({ "tema": "search" }));
    assert_eq!(wrong.unwrap_err().path.as_deref(), Some("config.tema"));
}

/// After a change of `Config`: `BLESS=1 cargo test`.
#[test]
fn the_schema_is_current() {
    testing::assert_schema::<MyPlugin>("config.schema.json");
}
