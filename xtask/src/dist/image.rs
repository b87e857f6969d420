//! The container image, as an OCI layout in a tar archive that podman, skopeo, crane and oras read. Nothing of it needs a daemon.
//!
//! <https://github.com/opencontainers/image-spec/blob/v1.1.1/image-layout.md>

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::files::{File, gzip, tar};
use super::package::{Package, REPOSITORY, sha256, time};
use super::payload::Payload;

/// Who runs in it: a user without rights, with the number that the images called distroless give it.
const USER: &str = "65532";

/// Where programs find the authorities of the web.
const AUTHORITIES: &str = "etc/ssl/certs/ca-certificates.crt";

/// Builds it: the command alone, and the plugins in a layer of their own.
pub(super) fn package(payload: &Payload, plugins: &[File]) -> Result<Package, String> {
    let mut layout = Layout::default();
    let mut layers = Vec::new();
    let mut diff_ids = Vec::new();
    for files in [root(payload), plugins.to_vec()] {
        if !files.is_empty() {
            let layer = tar(&files, "", payload.epoch)?;
            diff_ids.push(format!("sha256:{}", sha256(&layer)));
            layers.push(layout.add("application/vnd.oci.image.layer.v1.tar+gzip", gzip(&layer)?));
        }
    }
    let config = serde_json::to_vec(&config(payload, &diff_ids)?).map_err(|it| it.to_string())?;
    let config = layout.add("application/vnd.oci.image.config.v1+json", config);
    let manifest = json!({
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "config": config,
        "layers": layers,
        "annotations": labels(payload),
    });
    let manifest = serde_json::to_vec(&manifest).map_err(|it| it.to_string())?;
    let mut manifest = layout.add(MANIFEST, manifest);
    manifest["platform"] = json!({"os": "linux", "architecture": payload.target.arch});
    manifest["annotations"] = json!({"org.opencontainers.image.ref.name": payload.version});
    let index = json!({
        "schemaVersion": 2,
        "mediaType": "application/vnd.oci.image.index.v1+json",
        "manifests": [manifest],
    });
    layout.files.push(File::data("index.json", index.to_string()));
    layout.files.push(File::data("oci-layout", r#"{"imageLayoutVersion":"1.0.0"}"#));
    let bytes = tar(&layout.files, "", payload.epoch)?;
    Ok(Package { name: format!("{}.oci.tar", payload.stem()), bytes })
}

const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";

/// The files of a layout.
#[derive(Default)]
struct Layout {
    files: Vec<File>,
}

impl Layout {
    /// Adds a blob, and returns its descriptor.
    fn add(&mut self, media_type: &str, bytes: Vec<u8>) -> Value {
        let digest = sha256(&bytes);
        let size = bytes.len();
        self.files.push(File::data(format!("blobs/sha256/{digest}"), bytes));
        json!({"mediaType": media_type, "digest": format!("sha256:{digest}"), "size": size})
    }
}

/// The layer of the command.
fn root(payload: &Payload) -> Vec<File> {
    let passwd = format!("root:x:0:0:root:/:\nnonroot:x:{USER}:{USER}:nonroot:/:\n");
    vec![
        File::program("usr/bin/wellhead", payload.binary.as_slice()),
        File::data(AUTHORITIES, authorities()),
        File::data("etc/passwd", passwd),
        File::data("usr/share/doc/wellhead/LICENSE", payload.document("LICENSE")),
    ]
}

/// The authorities of Mozilla, in the release that Cargo.lock has.
fn authorities() -> String {
    let mut text = String::new();
    for authority in webpki_root_certs::TLS_SERVER_ROOT_CERTS {
        text += "-----BEGIN CERTIFICATE-----\n";
        let encoded = STANDARD.encode(authority);
        for line in encoded.as_bytes().chunks(64) {
            text += &String::from_utf8_lossy(line);
            text += "\n";
        }
        text += "-----END CERTIFICATE-----\n";
    }
    text
}

fn config(payload: &Payload, diff_ids: &[String]) -> Result<Value, String> {
    Ok(json!({
        "created": time(payload.epoch)?,
        "architecture": payload.target.arch,
        "os": "linux",
        "config": {
            "User": format!("{USER}:{USER}"),
            "Entrypoint": ["/usr/bin/wellhead"],
            "Env": [
                "PATH=/usr/bin",
                format!("SSL_CERT_FILE=/{AUTHORITIES}"),
                // The root is read-only in a careful cluster: mount a volume here to keep what is compiled.
                "XDG_CACHE_HOME=/cache",
            ],
            "WorkingDir": "/work",
            "Labels": labels(payload),
        },
        "rootfs": {"type": "layers", "diff_ids": diff_ids},
    }))
}

/// <https://github.com/opencontainers/image-spec/blob/v1.1.1/annotations.md>
fn labels(payload: &Payload) -> Value {
    json!({
        "org.opencontainers.image.title": "wellhead",
        "org.opencontainers.image.version": payload.version,
        "org.opencontainers.image.licenses": "Apache-2.0",
        "org.opencontainers.image.source": REPOSITORY,
    })
}
