//! Makes seven edits of the kinds that real plugins make: the plugin that benchmarks measure.

use schemars::JsonSchema;
use serde::Deserialize;
use wellhead_plugin::{Pipeline, Plugin, Rejection, Transformer};

struct SevenEdits;

/// What the edits set.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Config {
    registry: String,
    storage_class: String,
    replicas: i32,
}

impl Plugin for SevenEdits {
    type Config = Config;
    const WRITES: &'static [&'static str] = &["**"];
}

impl Transformer for SevenEdits {
    fn transform(config: &Config, pipeline: &Pipeline) -> Result<(), Rejection> {
        pipeline.because("a benchmark");
        pipeline.set_replicas(config.replicas)?;
        pipeline.set_label("example.com/tier", "storage")?;
        pipeline.set_pod_annotation("example.com/scrape", "true")?;
        let main = pipeline.main_container();
        main.set_image(&format!("{}/{}", config.registry, main.image()))?;
        main.set_env("CLUSTER", &pipeline.name())?;
        main.set_limit("memory", "2Gi")?;
        for claim in pipeline.claims() {
            claim.set_storage_class(Some(&config.storage_class))?;
        }
        Ok(())
    }
}

wellhead_plugin::export!(SevenEdits: Transformer);
