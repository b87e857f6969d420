//! Chooses the storage class of each claim by claim name, namespace or label of the pipeline.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::Deserialize;
use wellhead_plugin::{Pipeline, Plugin, Rejection, Transformer};

/// The plugin.
pub struct StorageClass;

/// Which claim gets which class. The first rule that matches a claim decides.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Config {
    /// Rules, tried from the first to the last.
    #[serde(default)]
    pub rules: Vec<Rule>,
    /// Class of the claims that no rule matches. Left out: such a claim is refused.
    #[serde(default)]
    pub default: Option<String>,
}

/// One rule. It matches a claim when all the conditions that it names hold; a rule without
/// conditions matches every claim.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Rule {
    /// The claim has one of these names. A name that the pipeline does not have is refused.
    #[serde(default)]
    pub claims: BTreeSet<String>,
    /// The pipeline is in one of these namespaces.
    #[serde(default)]
    pub namespaces: BTreeSet<String>,
    /// The pipeline has all these labels.
    #[serde(default)]
    pub labels: BTreeMap<String, String>,
    /// The storage class. An empty text asks for volumes without a class.
    pub class: String,
}

impl Plugin for StorageClass {
    type Config = Config;
    const WRITES: &'static [&'static str] = &["claims.*.storageClass"];
}

impl Transformer for StorageClass {
    fn transform(config: &Config, pipeline: &Pipeline) -> Result<(), Rejection> {
        for name in pipeline.claim_names() {
            let Some(claim) = pipeline.claim(&name) else { continue };
            let Some(class) = &config.default else { return Err(Rejection::new("no class").at(name)) };
            pipeline.because("default");
            claim.set_storage_class(Some(class))?;
        }
        Ok(())
    }
}

wellhead_plugin::export!(StorageClass: Transformer);
