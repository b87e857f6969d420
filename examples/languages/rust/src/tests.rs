//! The parts of the plugin, natively. What the whole plugin does is in `../vectors`.

use serde_json::{Value, json};
use wellhead_plugin::{Rejection, testing};

use crate::PlatformDefaults;

fn image(image: &str, mirrors: Value) -> Result<String, Rejection> {
    let pipeline = testing::pipeline(json!({
        "spec": { "containers": [{ "name": "main", "image": image }] },
    }));
    testing::transform::<PlatformDefaults>(&pipeline, &json!({ "mirrors": mirrors }))?;
    Ok(pipeline.main_container().image())
}

#[test]
fn a_short_name_is_one_of_docker_hub() {
    let mirrors = json!({ "docker.io": "mirror.example.com" });
    assert_eq!(image("nginx:1", mirrors.clone()).unwrap(), "mirror.example.com/library/nginx:1");
    assert_eq!(image("acme/app", mirrors).unwrap(), "mirror.example.com/acme/app");
}

#[test]
fn a_prefix_covers_whole_parts_and_the_longest_wins() {
    let mirrors = json!({ "ghcr.io": "a.example.com", "ghcr.io/acme": "b.example.com" });
    assert_eq!(image("ghcr.io/acme/app:1", mirrors.clone()).unwrap(), "b.example.com/app:1");
    assert_eq!(image("ghcr.io/acme2/app:1", mirrors).unwrap(), "a.example.com/acme2/app:1");
}

#[test]
fn a_number_may_be_written_with_a_fraction_of_zero() {
    let pipeline =
        testing::pipeline(json!({ "metadata": { "labels": { "environment": "prod" } } }));
    testing::transform::<PlatformDefaults>(&pipeline, &json!({ "replicas": { "prod": 3.0 } }))
        .unwrap();
    assert_eq!(pipeline.replicas(), 3);
}

#[test]
fn the_schema_is_current() {
    testing::assert_schema::<PlatformDefaults>("config.schema.json");
}
