//! Sets the number of replicas per environment, within bounds, odd for quorums. README.md explains
//! the config.

mod scale;
#[cfg(test)]
mod tests;

use schemars::JsonSchema;
use serde::Deserialize;
use wellhead_plugin::{Pipeline, PipelineSelector, Plugin, Rejection, Transformer, log};

pub use crate::scale::Scale;

/// The plugin.
pub struct Replicas;

/// How many replicas the pipelines of each environment have.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Config {
    /// The first rule that selects the pipeline decides.
    #[serde(default)]
    pub rules: Vec<Rule>,
    /// For pipelines that no rule selects. Left out: their number stays as it is.
    #[serde(default)]
    pub default: Option<Scale>,
}

/// One rule.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Rule {
    /// The pipelines.
    pub select: PipelineSelector,
    /// How many replicas they have.
    pub scale: Scale,
}

impl Plugin for Replicas {
    type Config = Config;
    const WRITES: &'static [&'static str] = &["replicas"];

    fn config_schema() -> String {
        include_str!("../config.schema.json").to_owned()
    }
}

impl Transformer for Replicas {
    fn transform(config: &Config, pipeline: &Pipeline) -> Result<(), Rejection> {
        let matching =
            config.rules.iter().enumerate().find(|(_, rule)| rule.select.matches(pipeline));
        let (scale, path, source) = match (matching, &config.default) {
            (Some((index, rule)), _) => {
                let source = format!("rule {} of the config", index + 1);
                (&rule.scale, format!("config.rules[{index}].scale"), source)
            }
            (None, Some(scale)) => {
                (scale, "config.default".to_owned(), "the default of the config".to_owned())
            }
            (None, None) => {
                log::info("no rule selects the pipeline; its replicas stay as they are");
                return Ok(());
            }
        };
        let current = pipeline.replicas();
        let replicas = scale.apply(current).map_err(|rejection| rejection.at(path))?;
        // An exact number is the config's decision even where the pipeline agrees; bounds that hold
        // already leave the number to others.
        if replicas != current || scale.replicas.is_some() {
            pipeline.because(&format!("{source}: {scale}"));
            pipeline.set_replicas(replicas)?;
        }
        Ok(())
    }
}

wellhead_plugin::export!(Replicas: Transformer);
