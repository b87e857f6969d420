//! What the plugin does, natively: `cargo test`.

use serde_json::json;
use wellhead_plugin::{Rejection, testing};

use crate::MyPlugin;

#[test]
fn pods_are_labelled_with_the_team() {
    let pipeline = testing::pipeline(json!({}));
    testing::transform::<MyPlugin>(&pipeline, &json!({ "team": "search" })).unwrap();
    assert_eq!(
        testing::document(&pipeline)["spec"]["podLabels"]["team"],
        "search"
    );
}

#[test]
fn a_team_without_a_name_is_refused_and_nothing_is_edited() {
    let pipeline = testing::pipeline(json!({}));
    let refused = testing::transform::<MyPlugin>(&pipeline, &json!({ "team": "" })).unwrap_err();
    let expected = Rejection::new("the team has no name")
        .at("config.team")
        .hint("write the name of the team");
    assert_eq!(refused, expected);
    assert_eq!(testing::edits(&pipeline), []);
}

/// After a change of `Config`, `BLESS=1 cargo test` writes the file anew.
#[test]
fn the_schema_is_current() {
    testing::assert_schema::<MyPlugin>("config.schema.json");
}
