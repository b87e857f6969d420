//! Files of plugins: whatever one holds, it brings what its digests say or nothing.

use std::io::Write as _;

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tar::{Builder, Header};
use wellhead_diagnostics::Code;
use wellhead_registry::{Layout, RegistryError, Store};
use wellhead_spec::Digest;

/// Words of indexes and manifests, and of headers.
pub(crate) const WORDS: &[&str] = &[
    "\"subject\":{\"digest\":\"sha256:",
    "\"manifests\":[",
    "\"layers\":[]",
    "\"size\":",
    "\"annotations\":{\"org.opencontainers.image.ref.name\":\"sha256-",
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.dev.sigstore.bundle.v0.3+json",
    "application/wasm",
    "../",
    "blobs/sha256/",
    "ustar",
];

/// Takes an input as a whole file, as its list, and as a manifest that is listed.
pub(crate) fn run(data: &[u8]) {
    check(&with_sums(data));
    check(&file(data, &[MANIFEST.as_bytes()]));
    let listed =
        json!({"schemaVersion": 2, "manifests": [listed(data), listed(MANIFEST.as_bytes())]});
    check(&file(listed.to_string().as_bytes(), &[data, MANIFEST.as_bytes()]));
}

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    let index = json!({"schemaVersion": 2, "manifests": [listed(MANIFEST.as_bytes())]}).to_string();
    vec![
        file(index.as_bytes(), &[MANIFEST.as_bytes()]),
        index.into_bytes(),
        MANIFEST.into(),
        br#"{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[]}"#.to_vec(),
        signature(),
    ]
}

/// The manifest of what may be a signature of it.
fn signature() -> Vec<u8> {
    json!({
        "schemaVersion": 2, "artifactType": "application/vnd.dev.sigstore.bundle.v0.3+json",
        "layers": [{"mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json",
            "digest": digest(BUNDLE), "size": BUNDLE.len()}],
        "subject": {"digest": digest(MANIFEST.as_bytes())},
    })
    .to_string()
    .into_bytes()
}

/// A manifest of the component and the config of each file.
const MANIFEST: &str = concat!(
    r#"{"schemaVersion":2,"config":{"mediaType":"application/vnd.wasm.config.v0+json","#,
    r#""digest":"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a","size":2},"#,
    r#""layers":[{"mediaType":"application/wasm","#,
    r#""digest":"sha256:6985ca1f4daa5a584a28eae043a239cb96689af1337ea13afb63e00c2bf512fa","size":9}]}"#,
);
const CONFIG: &[u8] = b"{}";
const COMPONENT: &[u8] = b"component";
const BUNDLE: &[u8] = br#"{"dsseEnvelope":null}"#;

fn digest(bytes: &[u8]) -> Digest {
    Digest::of_sum(&Sha256::digest(bytes).into())
}

fn listed(manifest: &[u8]) -> Value {
    json!({"mediaType": "application/vnd.oci.image.manifest.v1+json", "digest": digest(manifest),
        "size": manifest.len(), "annotations": {"org.opencontainers.image.ref.name": "h.example/a/b:1"}})
}

/// A file with a list, and with these contents beside those that every file has.
fn file(index: &[u8], contents: &[&[u8]]) -> Vec<u8> {
    let mut tar = Builder::new(Vec::new());
    let mut add = |name: &str, content: &[u8]| {
        let mut header = Header::new_ustar();
        header.set_size(content.len() as u64);
        tar.append_data(&mut header, name, content).expect("a vector takes all bytes");
    };
    add("oci-layout", br#"{"imageLayoutVersion":"1.0.0"}"#);
    add("index.json", index);
    let mut contents = [contents, &[CONFIG, COMPONENT, BUNDLE]].concat();
    contents.sort_unstable();
    contents.dedup();
    for content in contents {
        add(&format!("blobs/sha256/{}", digest(content).hex()), content);
    }
    tar.into_inner().expect("a vector takes all bytes")
}

/// The same with right sums of what may be headers, so that a change of one gets past them.
fn with_sums(data: &[u8]) -> Vec<u8> {
    let mut bytes = data.to_vec();
    for block in bytes.chunks_exact_mut(512).filter(|it| it[257..].starts_with(b"ustar")) {
        let mut header = Header::from_byte_slice(block).clone();
        header.set_cksum();
        block.copy_from_slice(header.as_bytes());
    }
    bytes
}

fn check(bytes: &[u8]) {
    let folder = tempfile::tempdir().expect("there is a folder for temporary files");
    let path = folder.path().join("plugins.tar");
    std::fs::File::create(&path).and_then(|mut it| it.write_all(bytes)).expect("it is ours");
    let store = Store::new(folder.path().join("store"));
    match Layout::open(&path).and_then(|layout| brings(&layout, &store)) {
        Ok(()) => {}
        Err(RegistryError { code, message, .. }) => {
            let known = [Code::InvalidLayout, Code::WrongContent, Code::ContentTooLarge];
            let known = [&known[..], &[Code::NotAWasmArtifact, Code::RegistryFails]].concat();
            assert!(known.contains(&code), "{code:?}: {message}");
            assert!(message.chars().all(|it| matches!(it, ' '..='~')), "{message:?}");
            assert!(message.len() < 2_000, "{message}");
        }
    }
}

/// Brings all plugins into a store, and looks at what came.
fn brings(layout: &Layout, store: &Store) -> Result<(), RegistryError> {
    assert!(!layout.plugins().is_empty(), "a file has a plugin");
    for plugin in layout.plugins() {
        let path = layout.unpack(plugin, store)?;
        let component = std::fs::read(path).expect("it was written");
        assert_eq!(digest(&component), plugin.manifest.component.digest);
        assert_eq!(component.len() as u64, plugin.manifest.component.size);
        let found = layout.signatures(&plugin.manifest.digest)?;
        assert!(found.evidence.len() <= 100, "{}", found.evidence.len());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The seeds get as far as a plugin and a signature; else no change of one would.
    #[test]
    fn the_seeds_are_good() {
        let signature = signature();
        let index = json!({"schemaVersion": 2, "manifests": [listed(&signature), listed(MANIFEST.as_bytes())]});
        let bytes = file(index.to_string().as_bytes(), &[&signature, MANIFEST.as_bytes()]);
        let folder = tempfile::tempdir().expect("there is a folder for temporary files");
        let path = folder.path().join("plugins.tar");
        std::fs::write(&path, with_sums(&bytes)).expect("it is ours");
        let layout = Layout::open(&path).expect("it is good");
        assert_eq!(brings(&layout, &Store::new(folder.path().join("store"))), Ok(()));
        let found = layout.signatures(&layout.plugins()[0].manifest.digest).expect("it is good");
        assert_eq!((layout.plugins().len(), found.evidence.len()), (1, 1));
    }
}
