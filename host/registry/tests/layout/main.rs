//! Files of plugins: what a registry has comes out of them again, and nothing else does.

#![expect(clippy::unwrap_used, reason = "a failed step of a test ends the test")]

mod flips;
mod hostile;
mod whole;

use std::path::{Path, PathBuf};
use std::time::Duration;

use tar::{EntryType, Header};
use wellhead_harness::registry::digest;
use wellhead_harness::registry::writable::{Habits, Writable};
use wellhead_registry::{
    Artifact, Claims, Deadlines, Evidence, Layout, LayoutPlugin, Options, PackedPlugin, Registry,
    RegistryError, SigningKey, Store, write_layout,
};
use wellhead_spec::{PluginReference, RegistrySettings};

/// Keys that OpenSSL made for these tests, and that sign nothing else.
const KEY: &str = include_str!("../keys/private-ed25519.pem");

/// A registry with signed plugins, and a folder with a store.
struct Setup {
    double: Writable,
    folder: tempfile::TempDir,
}

impl Setup {
    fn new(habits: Habits) -> Self {
        let double = Writable::start(habits).unwrap();
        Self { double, folder: tempfile::tempdir().unwrap() }
    }

    fn client(&self) -> Registry {
        let text = format!(r#"{{"host": "{}", "plainHttp": true}}"#, self.double.registry.host());
        let settings: RegistrySettings = serde_json::from_str(&text).unwrap();
        let deadlines = Deadlines { retry: Duration::from_millis(1), ..Deadlines::default() };
        Registry::new(Options { registries: vec![settings], deadlines, ..Options::default() })
    }

    fn store(&self, name: &str) -> Store {
        Store::new(self.folder.path().join(name))
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Pushes and signs a plugin.
    fn publish(&self, name: &str, version: &str) -> PluginReference {
        let source = format!("oci://{}/acme/{name}:{version}", self.double.registry.host());
        let source: PluginReference = source.parse().unwrap();
        let claims = Claims {
            created: "1970-01-01T00:00:00Z".into(),
            file: format!("{name}.wasm"),
            ..Claims::default()
        };
        let component = format!("component of {name} {version}").into_bytes();
        self.client().push(&source, &Artifact::new(component, &claims), false).unwrap();
        self.client().sign(&source, &SigningKey::from_pem(KEY.as_bytes()).unwrap()).unwrap();
        source
    }

    fn pack(&self, source: &PluginReference) -> PackedPlugin {
        self.client().pack(source, None, &self.store("store")).unwrap()
    }

    fn saved(&self, plugins: &[PackedPlugin]) -> Vec<u8> {
        let mut bytes = Vec::new();
        write_layout(plugins, &self.store("store"), &mut bytes).unwrap();
        bytes
    }

    /// A file with one signed plugin, and its bytes.
    fn one() -> (Self, Vec<u8>) {
        let setup = Self::new(Habits::default());
        let bytes = setup.saved(&[setup.pack(&setup.publish("a", "0.1.0"))]);
        (setup, bytes)
    }
}

/// All that a file brings into a store.
type Brought = Vec<(LayoutPlugin, Vec<Evidence>, Vec<u8>)>;

fn brought(path: &Path, store: &Store) -> Result<Brought, RegistryError> {
    let layout = Layout::open(path)?;
    let one = |plugin: &LayoutPlugin| {
        let evidence = layout.signatures(&plugin.manifest.digest)?.evidence;
        let component = std::fs::read(layout.unpack(plugin, store)?).unwrap();
        Ok((plugin.clone(), evidence, component))
    };
    layout.plugins().iter().map(one).collect()
}

/// What a file of these bytes brings into a store.
fn brought_by(folder: &Path, bytes: &[u8]) -> Result<Brought, RegistryError> {
    let path = folder.join("plugins.tar");
    std::fs::write(&path, bytes).unwrap();
    brought(&path, &Store::new(folder.join("other")))
}

/// A member of a tar, with the name as it is.
#[derive(Clone)]
struct Member {
    name: String,
    kind: EntryType,
    content: Vec<u8>,
}

impl Member {
    fn file(name: &str, content: impl Into<Vec<u8>>) -> Self {
        Self { name: name.to_owned(), kind: EntryType::Regular, content: content.into() }
    }

    fn of_kind(name: &str, kind: EntryType) -> Self {
        Self { name: name.to_owned(), kind, content: Vec::new() }
    }

    fn blob(content: impl Into<Vec<u8>>) -> Self {
        let content = content.into();
        Self::file(&digest(&content).replace("sha256:", "blobs/sha256/"), content)
    }

    fn header(&self, size: u64) -> Header {
        let mut header = Header::new_gnu();
        header.as_old_mut().name[..self.name.len()].copy_from_slice(self.name.as_bytes());
        header.set_entry_type(self.kind);
        header.set_size(size);
        header.set_mode(0o644);
        header.set_cksum();
        header
    }
}

/// A tar of members, with its end.
fn tar(members: &[Member]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for member in members {
        bytes.extend_from_slice(member.header(member.content.len() as u64).as_bytes());
        bytes.extend_from_slice(&member.content);
        bytes.resize(bytes.len().next_multiple_of(512), 0);
    }
    bytes.resize(bytes.len() + 1024, 0);
    bytes
}

/// The members of a tar.
fn members(bytes: &[u8]) -> Vec<Member> {
    let mut archive = tar::Archive::new(bytes);
    let entries = archive.entries().unwrap().map(|entry| {
        let mut entry = entry.unwrap();
        let mut content = Vec::new();
        std::io::Read::read_to_end(&mut entry, &mut content).unwrap();
        Member::file(&String::from_utf8_lossy(&entry.path_bytes()), content)
    });
    entries.collect()
}
