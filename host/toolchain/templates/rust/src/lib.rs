//! Labels the pods with the team that owns them. README.md explains the config.

#[cfg(test)]
mod tests;

use schemars::JsonSchema;
use serde::Deserialize;
use wellhead_plugin::{Pipeline, Plugin, Rejection, Transformer};

/// The plugin.
struct MyPlugin;

/// What an operator configures. The host checks it against the schema of this type.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Config {
    /// Name of the team.
    team: String,
}

impl Plugin for MyPlugin {
    type Config = Config;
    const WRITES: &'static [&'static str] = &["podLabels.team"];

    fn config_schema() -> String {
        include_str!("../config.schema.json").to_owned()
    }
}

impl Transformer for MyPlugin {
    fn transform(config: &Config, pipeline: &Pipeline) -> Result<(), Rejection> {
        if config.team.is_empty() {
            return Err(Rejection::new("the team has no name")
                .at("config.team")
                .hint("write the name of the team"));
        }
        pipeline.because("each pod names its team");
        pipeline.set_pod_label("team", &config.team)?;
        Ok(())
    }
}

wellhead_plugin::export!(MyPlugin: Transformer);
