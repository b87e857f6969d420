//! Chooses the storage class of each claim by the claim's name and by the pipeline's name, namespace
//! or labels. README.md explains the config.

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::Deserialize;
use wellhead_plugin::{Pipeline, PipelineSelector, Plugin, Rejection, Transformer};

/// The plugin.
pub struct StorageClass;

/// Which claim gets which storage class.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Config {
    /// The first rule that matches a claim decides.
    #[serde(default)]
    pub rules: Vec<Rule>,
    /// Class of the claims that no rule matches. Left out: such a claim is refused.
    #[serde(default)]
    pub default: Option<String>,
}

/// One rule. Without `claims` and `select` it matches every claim.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Rule {
    /// Names of the claims. A name that a selected pipeline does not have is refused. Left out: all
    /// claims.
    #[serde(default)]
    pub claims: BTreeSet<String>,
    /// The pipelines. Left out: all pipelines.
    #[serde(default)]
    pub select: PipelineSelector,
    /// The storage class; an empty text for volumes without a class.
    pub class: String,
}

impl Plugin for StorageClass {
    type Config = Config;
    const WRITES: &'static [&'static str] = &["claims.*.storageClass"];

    fn config_schema() -> String {
        include_str!("../config.schema.json").to_owned()
    }
}

impl Transformer for StorageClass {
    fn transform(config: &Config, pipeline: &Pipeline) -> Result<(), Rejection> {
        // Rules for other pipelines play no part, not even in the search for unknown names.
        let rules: Vec<(usize, &Rule)> = config
            .rules
            .iter()
            .enumerate()
            .filter(|(_, rule)| rule.select.matches(pipeline))
            .collect();
        refuse_unknown_names(&rules, &pipeline.claim_names())?;
        refuse_uncovered_claims(config, &rules, &pipeline.claim_names())?;

        for claim in pipeline.claims() {
            let rule = rules.iter().find(|(_, rule)| rule.matches(&claim.name()));
            let class = if let Some((index, rule)) = rule {
                pipeline.because(&format!("rule {} of the config", index + 1));
                Some(&rule.class)
            } else {
                pipeline.because("the default of the config");
                config.default.as_ref()
            };
            claim.set_storage_class(class.map(String::as_str))?;
        }
        Ok(())
    }
}

impl Rule {
    fn matches(&self, claim: &str) -> bool {
        self.claims.is_empty() || self.claims.contains(claim)
    }
}

/// Refuses rules about claims that are not there: most often a misspelt name, whose claim would get
/// another class without anybody noticing.
fn refuse_unknown_names(rules: &[(usize, &Rule)], claims: &[String]) -> Result<(), Rejection> {
    let unknown: Vec<(usize, &str)> = rules
        .iter()
        .flat_map(|(index, rule)| rule.claims.iter().map(|name| (*index, name.as_str())))
        .filter(|(_, name)| !claims.iter().any(|claim| claim == name))
        .collect();
    let Some((index, _)) = unknown.first() else { return Ok(()) };
    let names = list(unknown.iter().map(|(_, name)| *name));
    Err(Rejection::new(format!("the config names claims that the pipeline does not have: {names}"))
        .code("unknown-claim")
        .at(format!("config.rules[{index}].claims"))
        .hint(if claims.is_empty() {
            "remove the names, or narrow `select`: the pipeline has no claims".to_owned()
        } else {
            let known = list(claims.iter().map(String::as_str));
            format!("write one of {known}, or narrow `select` to pipelines that have the claim")
        }))
}

/// Refuses claims that neither a rule nor the default covers.
fn refuse_uncovered_claims(
    config: &Config,
    rules: &[(usize, &Rule)],
    claims: &[String],
) -> Result<(), Rejection> {
    let covered = |claim: &String| {
        config.default.is_some() || rules.iter().any(|(_, rule)| rule.matches(claim))
    };
    let uncovered: Vec<&str> =
        claims.iter().filter(|claim| !covered(claim)).map(String::as_str).collect();
    let Some(first) = uncovered.first() else { return Ok(()) };
    Err(Rejection::new(format!("no rule covers these claims: {}", list(uncovered.iter().copied())))
        .code("no-rule")
        .at(format!("claims.{first}"))
        .hint("add a rule with their names in `claims`, or set `default` to a storage class"))
}

/// Names in backticks.
fn list<'a>(names: impl Iterator<Item = &'a str>) -> String {
    names.map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

wellhead_plugin::export!(StorageClass: Transformer);
