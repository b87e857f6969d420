//! Decides where images come from and that they do not change: rewrites registries to mirrors, pins
//! tags to digests, and refuses what it does not know. README.md explains the config.

mod policy;
mod reference;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::Deserialize;
use wellhead_plugin::{Pipeline, Plugin, Rejection, Transformer};

use crate::policy::{Policy, Violation};

/// The plugin.
pub struct ImagePolicy;

/// Where images may come from.
///
/// A prefix is a registry with or without the beginning of a path, e.g. `docker.io` or
/// `ghcr.io/acme`. It covers whole parts of a name: `ghcr.io/acme` does not cover `ghcr.io/acme2`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Config {
    /// Prefixes from which images may come, after mirrors have been applied. All others are refused.
    pub allow: BTreeSet<String>,
    /// Prefixes and what replaces them. The longest prefix that covers a name wins.
    #[serde(default)]
    pub mirrors: BTreeMap<String, String>,
    /// Digests of images. The image is written as the pipeline has it or as a mirror has it; without a
    /// tag it is the one with the tag `latest`.
    #[serde(default)]
    pub digests: BTreeMap<String, String>,
    /// Whether images may come without a tag, or with the tag `latest`.
    #[serde(default)]
    pub allow_latest: bool,
    /// Whether every image needs a digest, from the pipeline or from `digests`.
    #[serde(default)]
    pub require_digest: bool,
}

impl Plugin for ImagePolicy {
    type Config = Config;
    const WRITES: &'static [&'static str] = &["containers.*.image", "initContainers.*.image"];

    fn config_schema() -> String {
        include_str!("../config.schema.json").to_owned()
    }
}

impl Transformer for ImagePolicy {
    fn transform(config: &Config, pipeline: &Pipeline) -> Result<(), Rejection> {
        let policy = Policy::new(config)?;
        let (mut changes, mut violations) = (Vec::new(), Vec::new());
        for container in pipeline.all_containers() {
            match policy.apply(&container.image()) {
                Ok(change) => changes.extend(change.map(|change| (container, change))),
                Err(violation) => {
                    violations.push((format!("{}.image", container.path()), violation));
                }
            }
        }
        refuse(&violations)?;
        for (container, change) in changes {
            pipeline.because(&change.reason);
            container.set_image(&change.image)?;
        }
        Ok(())
    }
}

/// One rejection of all violations. It has a path where it is about one field.
fn refuse(violations: &[(String, Violation)]) -> Result<(), Rejection> {
    let hints: BTreeSet<&str> = violations.iter().map(|(_, it)| it.hint.as_str()).collect();
    let hint = hints.into_iter().collect::<Vec<_>>().join("; ");
    let rejection = match violations {
        [] => return Ok(()),
        [(path, only)] => Rejection::new(only.message.clone()).code(only.code).at(path),
        all => {
            let texts: Vec<String> = all
                .iter()
                .map(|(path, violation)| format!("{path}: {}", violation.message))
                .collect();
            Rejection::new(format!("{} images are refused: {}", all.len(), texts.join("; ")))
                .code("several")
        }
    };
    Err(rejection.hint(hint))
}

wellhead_plugin::export!(ImagePolicy: Transformer);
