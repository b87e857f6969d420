//! What is pushed: the component, a config and a manifest, the same bytes for the same plugin.
//! <https://tag-runtime.cncf.io/wgs/wasm/deliverables/wasm-oci-artifact/>

use std::collections::BTreeMap;

use serde::Serialize;
use wellhead_spec::Digest;

use super::digest_of;
use super::manifest::{COMPONENT, CONFIG, MANIFEST};

/// What a plugin says of itself, for those who look at a registry.
#[derive(Clone, Debug, Default)]
pub struct Claims {
    /// The time of its making, in RFC 3339.
    pub created: String,
    /// The name of the component's file, e.g. `storage-class.wasm`. `oras pull` writes nothing without it.
    pub file: String,
    /// Interfaces that it exports.
    pub exports: Vec<String>,
    /// Interfaces that it imports.
    pub imports: Vec<String>,
    /// Annotations of the manifest.
    /// <https://github.com/opencontainers/image-spec/blob/v1.1.1/annotations.md>
    pub annotations: BTreeMap<String, String>,
}

/// A plugin as a registry keeps it.
#[derive(Clone, Debug)]
pub struct Artifact {
    pub(crate) manifest: Vec<u8>,
    pub(crate) config: Vec<u8>,
    pub(crate) component: Vec<u8>,
    /// Digest of the manifest.
    pub digest: Digest,
    /// Digest of the component.
    pub component_digest: Digest,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Config<'c> {
    created: &'c str,
    architecture: &'static str,
    os: &'static str,
    layer_digests: [&'c Digest; 1],
    component: Component<'c>,
}

#[derive(Serialize)]
struct Component<'c> {
    exports: &'c [String],
    imports: &'c [String],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Manifest<'m> {
    schema_version: u32,
    media_type: &'static str,
    config: Descriptor<'m>,
    layers: [Descriptor<'m>; 1],
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    annotations: &'m BTreeMap<String, String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Descriptor<'d> {
    media_type: &'static str,
    digest: &'d Digest,
    size: usize,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    annotations: BTreeMap<&'static str, &'d str>,
}

impl Artifact {
    /// A component with its claims.
    ///
    /// # Panics
    ///
    /// Never: texts and numbers are JSON.
    pub fn new(component: Vec<u8>, claims: &Claims) -> Self {
        let json = "because texts and numbers are JSON";
        let component_digest = digest_of(&component);
        let config = Config {
            created: &claims.created,
            architecture: "wasm",
            // What a component is made for; one of ours uses nothing of it.
            os: "wasip2",
            layer_digests: [&component_digest],
            component: Component { exports: &claims.exports, imports: &claims.imports },
        };
        let config = serde_json::to_vec(&config).expect(json);
        let manifest = Manifest {
            schema_version: 2,
            media_type: MANIFEST,
            config: Descriptor {
                media_type: CONFIG,
                digest: &digest_of(&config),
                size: config.len(),
                annotations: BTreeMap::new(),
            },
            layers: [Descriptor {
                media_type: COMPONENT,
                digest: &component_digest,
                size: component.len(),
                annotations: [("org.opencontainers.image.title", &*claims.file)].into(),
            }],
            annotations: &claims.annotations,
        };
        let manifest = serde_json::to_vec(&manifest).expect(json);
        let digest = digest_of(&manifest);
        Self { manifest, config, component, digest, component_digest }
    }
}
