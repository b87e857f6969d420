//! The config of a plugin: claims about its component, of which one is held to what is there.

use serde::Deserialize;
use wellhead_diagnostics::Code;
use wellhead_spec::Digest;

use super::manifest::Manifest;
use super::strict;
use crate::RegistryError;
use crate::error::Result;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Config {
    #[serde(default)]
    layer_digests: Vec<Digest>,
}

/// Checks that a config is the one of its manifest's component. Imports and exports that it claims are not read: those of
/// the component decide.
pub(crate) fn check_config(bytes: &[u8], manifest: &Manifest) -> Result<()> {
    let wrong = |message: String| RegistryError::new(Code::NotAWasmArtifact, message);
    let config: Config = strict(bytes).map_err(|error| {
        wrong(format!("the config is not one: {}", wellhead_spec::sanitize_name(&error, 200)))
    })?;
    match &config.layer_digests[..] {
        [] => Ok(()),
        [one] if *one == manifest.component.digest => Ok(()),
        _ => Err(wrong("the config is that of another component".to_owned())),
    }
}
