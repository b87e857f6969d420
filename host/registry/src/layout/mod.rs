//! Plugins with their signatures in one file: an OCI image layout in a tar, for machines that reach no registry.
//! <https://github.com/opencontainers/image-spec/blob/v1.1.1/image-layout.md>
//!
//! `oras`, `crane` and `skopeo` read and write such files, too. One that comes from elsewhere is as little trusted as a
//! registry is.

pub(crate) mod collect;
mod members;
pub(crate) mod read;
pub(crate) mod write;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use wellhead_spec::Digest;

/// The name of the file that says which layout it is, and its text.
const LAYOUT: &str = "oci-layout";
const LAYOUT_TEXT: &[u8] = br#"{"imageLayoutVersion":"1.0.0"}"#;
/// The name of the list of everything.
const LIST: &str = "index.json";
/// How names of contents begin.
const BLOBS: &str = "blobs/sha256/";
/// The annotation with a version, and the one with the whole reference, as containerd writes them.
const VERSION: &str = "org.opencontainers.image.ref.name";
const REFERENCE: &str = "io.containerd.image.name";

/// The list of a layout.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Index {
    #[serde(default)]
    schema_version: u64,
    #[serde(default)]
    media_type: Option<String>,
    manifests: Vec<Listed>,
}

/// A manifest or an index that is listed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Listed {
    #[serde(default)]
    media_type: String,
    digest: Digest,
    size: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    artifact_type: Option<String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    annotations: BTreeMap<String, String>,
}
