//! The manifest of a plugin: the layout of WebAssembly artifacts.
//! <https://tag-runtime.cncf.io/wgs/wasm/deliverables/wasm-oci-artifact/>

use serde::Deserialize;
use wellhead_diagnostics::Code;
use wellhead_spec::{Digest, MAX_COMPONENT, in_code};

use super::{digest_of, strict};
use crate::RegistryError;
use crate::error::Result;

/// Most bytes of a manifest: one of a plugin has 2 KiB.
pub(crate) const MAX_MANIFEST: u64 = 1 << 20;
/// Most bytes of a config.
pub(crate) const MAX_CONFIG: u64 = 1 << 20;

pub(crate) const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
pub(crate) const INDEX: &str = "application/vnd.oci.image.index.v1+json";
pub(super) const CONFIG: &str = "application/vnd.wasm.config.v0+json";
pub(super) const COMPONENT: &str = "application/wasm";
/// What else a registry may have under a version, so that it can be named: all of it is asked for.
pub(crate) const ACCEPTED: &str = "application/vnd.oci.image.manifest.v1+json, application/vnd.oci.image.index.v1+json, \
                                   application/vnd.docker.distribution.manifest.v2+json, \
                                   application/vnd.docker.distribution.manifest.list.v2+json";

/// Most characters of a media type in a message.
const MEDIA_TYPE: usize = 100;

/// The manifest of a plugin, as it was when its bytes were hashed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifest {
    /// Its own digest.
    pub digest: Digest,
    /// Its own bytes.
    pub size: usize,
    /// Its component.
    pub component: Component,
    pub(crate) config: Descriptor,
}

/// The component of a manifest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Component {
    /// Its digest.
    pub digest: Digest,
    /// Its bytes: at least 1, at most a gibibyte.
    pub size: u64,
}

/// A manifest as it is written. `urls` and `data` of descriptors are not read.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Written {
    schema_version: Option<u64>,
    media_type: Option<String>,
    artifact_type: Option<String>,
    config: Option<Descriptor>,
    layers: Option<Vec<Descriptor>>,
    manifests: Option<serde::de::IgnoredAny>,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Descriptor {
    pub(crate) media_type: String,
    pub(crate) digest: Digest,
    pub(crate) size: u64,
}

fn not_a_plugin(what: impl Into<String>) -> RegistryError {
    RegistryError::new(Code::NotAWasmArtifact, what).hint(
        "a plugin has a config of application/vnd.wasm.config.v0+json and one layer of application/wasm; `oras push \
         REFERENCE --config config.json:application/vnd.wasm.config.v0+json plugin.wasm:application/wasm` makes one",
    )
}

/// Reads a manifest. `content_type` is what the answer says that it is.
pub(crate) fn read(bytes: &[u8], content_type: Option<&str>) -> Result<Manifest> {
    let written: Written = strict(bytes).map_err(|error| {
        not_a_plugin(format!(
            "the manifest is not one: {}",
            wellhead_spec::sanitize_name(&error, 200)
        ))
    })?;
    let media_type = written.media_type.as_deref().unwrap_or(MANIFEST);
    let content_type = content_type.map(|it| it.split(';').next().unwrap_or_default().trim());
    // A reader that goes by the header, and one that goes by the body, see the same kind of document.
    if let Some(other) =
        content_type.filter(|it| it.starts_with("application/vnd.") && *it != media_type)
    {
        let [says, is] = [media_type, other].map(|it| in_code(it, MEDIA_TYPE));
        return Err(not_a_plugin(format!(
            "the manifest says that it is {says}, and the registry says {is}"
        )));
    }
    if written.manifests.is_some() || media_type.contains("index") || media_type.contains("list") {
        return Err(not_a_plugin(
            "it is an index of images, and a plugin has one component for all platforms",
        ));
    }
    if media_type != MANIFEST || written.schema_version != Some(2) {
        return Err(not_a_plugin(format!("it is {}", in_code(media_type, MEDIA_TYPE))));
    }
    let Some(config) = written.config else {
        return Err(not_a_plugin("the manifest has no config"));
    };
    if config.media_type != CONFIG {
        let kind = written.artifact_type.as_deref().unwrap_or(&config.media_type);
        return Err(not_a_plugin(format!("it is {}", in_code(kind, MEDIA_TYPE))));
    }
    let layers = written.layers.unwrap_or_default();
    let [layer] = &layers[..] else {
        return Err(not_a_plugin(format!("the manifest has {} layers", layers.len())));
    };
    if layer.media_type != COMPONENT {
        return Err(not_a_plugin(format!(
            "its layer is {}",
            in_code(&layer.media_type, MEDIA_TYPE)
        )));
    }
    if !(1..=MAX_COMPONENT).contains(&layer.size) || config.size > MAX_CONFIG {
        let message = format!("its layer has {} bytes, and its config {}", layer.size, config.size);
        return Err(RegistryError::new(Code::ContentTooLarge, message));
    }
    let component = Component { digest: layer.digest.clone(), size: layer.size };
    Ok(Manifest { digest: digest_of(bytes), size: bytes.len(), component, config })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    const DIGEST: &str = "sha256:24e90cb9078d778a84e2b9295678bbc3e36e997a1e984b97552d21340baa1912";

    fn good() -> Value {
        json!({
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": {"mediaType": CONFIG, "digest": DIGEST, "size": 2},
            "layers": [{"mediaType": COMPONENT, "digest": DIGEST, "size": 7,
                "annotations": {"org.opencontainers.image.title": "p.wasm"}}],
            "annotations": {"org.opencontainers.image.created": "1970-01-01T00:00:00Z"},
        })
    }

    #[test]
    fn the_layout_of_oras_and_wkg_is_read() {
        let bytes = good().to_string();
        let manifest = read(
            bytes.as_bytes(),
            Some("application/vnd.oci.image.manifest.v1+json; charset=utf-8"),
        );
        let manifest = manifest.unwrap();
        assert_eq!(manifest.component, Component { digest: DIGEST.parse().unwrap(), size: 7 });
        assert_eq!(manifest.digest, digest_of(bytes.as_bytes()));
        let mut short = good();
        short.as_object_mut().unwrap().remove("mediaType");
        assert!(read(short.to_string().as_bytes(), None).is_ok());
    }

    #[test]
    fn what_is_not_a_plugin_is_named() {
        let layer = || good()["layers"][0].clone();
        for (pointer, value, said) in [
            ("/mediaType", json!("application/vnd.oci.image.index.v1+json"), "an index"),
            ("/mediaType", json!("application/vnd.docker.distribution.manifest.v2+json"), "docker"),
            ("/schemaVersion", json!(1), "it is"),
            (
                "/config/mediaType",
                json!("application/vnd.oci.image.config.v1+json"),
                "image.config",
            ),
            ("/config/digest", json!("sha512:0"), "digest"),
            ("/layers", json!([]), "0 layers"),
            ("/layers", json!([layer(), layer()]), "2 layers"),
            (
                "/layers/0/mediaType",
                json!("application/vnd.oci.image.layer.v1.tar+gzip"),
                "tar+gzip",
            ),
            (
                "/layers/0/mediaType",
                json!("application/vnd.wasm.content.layer.v1+wasm"),
                "content.layer",
            ),
            ("/layers/0/digest", json!("sha256:../../x"), "digest"),
            ("/layers/0/digest", json!(DIGEST.to_uppercase()), "digest"),
            ("/layers/0/size", json!(-1), "manifest is not one"),
            ("/layers/0/size", json!(7.5), "manifest is not one"),
            ("/layers/0/size", json!("7"), "manifest is not one"),
            ("/layers/0/size", json!(u64::MAX), "18446744073709551615 bytes"),
            ("/layers/0/size", json!(0), "0 bytes"),
            ("/layers/0/mediaType", json!("\u{1b}[31m"), "\\u{1b}[31m"),
        ] {
            let mut manifest = good();
            *manifest.pointer_mut(pointer).unwrap() = value;
            let error = read(manifest.to_string().as_bytes(), None).unwrap_err();
            assert!(error.message.contains(said), "{pointer}: {error}");
        }
        let other =
            read(good().to_string().as_bytes(), Some("application/vnd.oci.image.index.v1+json"));
        assert!(other.unwrap_err().message.contains("the registry says"));
        let twice = good().to_string().replacen('{', r#"{"layers":[],"#, 1);
        assert!(read(twice.as_bytes(), None).unwrap_err().message.contains("twice"));
    }
}
