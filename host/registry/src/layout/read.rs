//! Reads a layout: which plugins it has, and what may be signatures of them.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use serde::Deserialize;
use wellhead_diagnostics::Code;
use wellhead_spec::{Digest, PluginReference, sanitize_name};

use super::members::{Members, wrong};
use super::{Index, LAYOUT, LIST, Listed, REFERENCE, VERSION};
use crate::content::manifest::{self, Descriptor, INDEX, MAX_CONFIG, MAX_MANIFEST, Manifest};
use crate::content::{Hashed, check_config, strict};
use crate::error::Result;
use crate::signature::find::{Artifacts, FoundSignatures, MAX_SIGNATURE, find};
use crate::{RegistryError, Store};

/// Most bytes of the file that says which layout it is.
const MAX_LAYOUT: u64 = 1 << 10;
/// The only version that there is.
const VERSION_OF_LAYOUT: &str = "1.0.0";

/// A file with plugins, of which every content was compared with its digest.
#[derive(Debug)]
pub struct Layout {
    path: PathBuf,
    members: Members,
    plugins: Vec<LayoutPlugin>,
    /// What refers to a manifest.
    referrers: BTreeMap<Digest, Vec<Digest>>,
    /// What has a tag that is made of the digest of a manifest.
    tagged: BTreeMap<String, Digest>,
    not_plugins: usize,
}

/// A plugin of a layout.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LayoutPlugin {
    /// What the file calls it. No one vouches for that: only the digests are what they say.
    pub names: BTreeSet<PluginReference>,
    /// Its manifest.
    pub manifest: Manifest,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Version {
    image_layout_version: String,
}

/// What decides whether a manifest is a plugin.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Kind {
    #[serde(default)]
    media_type: Option<String>,
    #[serde(default)]
    subject: Option<Subject>,
}

#[derive(Deserialize)]
struct Subject {
    digest: Digest,
}

impl Layout {
    /// Reads a file, and compares all that it has with its digests.
    ///
    /// # Errors
    /// A file that is not a tar with a layout, or has something else in it, more than is read, or content that its
    /// digest does not name.
    pub fn open(path: &Path) -> Result<Self> {
        Self::read(path).map_err(|error| error.in_file(path))
    }

    fn read(path: &Path) -> Result<Self> {
        let members = Members::open(path)?;
        let version = members.named(LAYOUT, MAX_LAYOUT)?;
        let version: Version = strict(&version).map_err(|error| not_read(LAYOUT, &error))?;
        if version.image_layout_version != VERSION_OF_LAYOUT {
            let version = sanitize_name(&version.image_layout_version, 20);
            let message = format!(
                "it has version {version} of image layouts, and {VERSION_OF_LAYOUT} is read"
            );
            return Err(wrong(message));
        }
        let index = members.named(LIST, MAX_MANIFEST)?;
        let index: Index = strict(&index).map_err(|error| not_read(LIST, &error))?;
        let is_index = index.media_type.as_deref().is_none_or(|it| it == INDEX);
        if index.schema_version != 2 || !is_index {
            return Err(wrong(format!("`{LIST}` is not an image index")));
        }
        let mut layout = Self {
            path: path.to_owned(),
            members,
            plugins: Vec::new(),
            referrers: BTreeMap::new(),
            tagged: BTreeMap::new(),
            not_plugins: 0,
        };
        let mut known = BTreeMap::<Digest, LayoutPlugin>::new();
        for listed in &index.manifests {
            layout.add(listed, &mut known)?;
        }
        layout.plugins = known.into_values().collect();
        if layout.plugins.is_empty() {
            return Err(wrong("it has no plugin"));
        }
        Ok(layout)
    }

    fn add(&mut self, listed: &Listed, known: &mut BTreeMap<Digest, LayoutPlugin>) -> Result<()> {
        let Listed { digest, size, .. } = listed;
        let bytes = self.manifest_bytes(digest)?.ok_or_else(|| absent(digest))?;
        if bytes.len() as u64 != *size {
            return Err(wrong(format!("`{LIST}` says that {digest} has {size} bytes")));
        }
        let tag = listed.tag().filter(|it| it.starts_with("sha256-"));
        let kind: Kind = strict(&bytes).map_err(|error| not_read(digest.as_str(), &error))?;
        if let Some(subject) = kind.subject {
            self.refers(subject.digest, digest);
        } else if let Some(tag) = tag {
            if kind.media_type.as_deref() == Some(INDEX) {
                self.add_list(tag, &bytes);
            } else {
                self.tagged.insert(tag.to_owned(), digest.clone());
            }
        } else if let Some(plugin) = known.get_mut(digest) {
            plugin.names.extend(listed.reference());
        } else {
            match manifest::read(&bytes, None) {
                Ok(manifest) => {
                    self.check(&manifest)?;
                    let names = listed.reference().into_iter().collect();
                    known.insert(digest.clone(), LayoutPlugin { names, manifest });
                }
                Err(error) if error.code == Code::NotAWasmArtifact => self.not_plugins += 1,
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// The list of referrers that clients keep under a tag. What it lists may be elsewhere.
    fn add_list(&mut self, tag: &str, bytes: &[u8]) {
        let subject = format!("sha256:{}", &tag["sha256-".len()..]);
        let (Ok(subject), Ok(index)) = (subject.parse::<Digest>(), strict::<Index>(bytes)) else {
            return;
        };
        for listed in index.manifests {
            if self.members.size(&listed.digest).is_some() {
                self.refers(subject.clone(), &listed.digest);
            }
        }
    }

    fn refers(&mut self, subject: Digest, referrer: &Digest) {
        let all = self.referrers.entry(subject).or_default();
        if !all.contains(referrer) {
            all.push(referrer.clone());
        }
    }

    /// Checks that all that a plugin consists of is there.
    fn check(&self, manifest: &Manifest) -> Result<()> {
        let Manifest { config, component, .. } = manifest;
        for (digest, size) in [(&config.digest, config.size), (&component.digest, component.size)] {
            match self.members.size(digest) {
                None => return Err(absent(digest)),
                Some(is) if is != size => {
                    let message = format!("{digest} has {is} bytes, and the manifest says {size}");
                    return Err(RegistryError::new(Code::WrongContent, message));
                }
                Some(_) => {}
            }
        }
        let config = self.members.small(&config.digest, MAX_CONFIG)?;
        check_config(&config.unwrap_or_default(), manifest)
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The plugins, sorted by their digests.
    pub fn plugins(&self) -> &[LayoutPlugin] {
        &self.plugins
    }

    /// How many artifacts are something else, such as images.
    pub fn not_plugins(&self) -> usize {
        self.not_plugins
    }

    /// Everything that may be a signature of a manifest.
    ///
    /// # Errors
    /// A file that changes while it is read.
    pub fn signatures(&self, manifest: &Digest) -> Result<FoundSignatures> {
        find(self, manifest).map_err(|error| error.in_file(&self.path))
    }

    /// Puts a component into a store, in the place of one that may be there.
    ///
    /// # Errors
    /// A store that cannot be written, and a file that changes while it is read.
    pub fn unpack(&self, plugin: &LayoutPlugin, store: &Store) -> Result<PathBuf> {
        let digest = &plugin.manifest.component.digest;
        let content = self.members.content(digest).ok_or_else(|| absent(digest));
        let written = content.and_then(|content| {
            store.write(digest, |to| {
                let unreadable = |error: &io::Error| wrong(format!("it cannot be read: {error}"));
                let mut content = Hashed::new(content.map_err(|error| unreadable(&error))?);
                let mut buffer = vec![0; 64 << 10];
                loop {
                    let read = content.read(&mut buffer).map_err(|error| unreadable(&error))?;
                    if read == 0 {
                        break;
                    }
                    to.write_all(&buffer[..read]).map_err(|error| store.unusable(&error))?;
                }
                let is_same = content.digest() == *digest;
                if is_same { Ok(()) } else { Err(wrong("it changes while it is read")) }
            })
        });
        written.map_err(|error| error.in_file(&self.path))
    }

    fn manifest_bytes(&self, digest: &Digest) -> Result<Option<Vec<u8>>> {
        self.members.small(digest, MAX_MANIFEST)
    }
}

impl Artifacts for Layout {
    fn referrers(&self, manifest: &Digest) -> Result<Vec<Digest>> {
        Ok(self.referrers.get(manifest).cloned().unwrap_or_default())
    }

    fn document(&self, name: &str) -> Result<Option<Vec<u8>>> {
        let digest = self.tagged.get(name).cloned().or_else(|| name.parse().ok());
        digest.map_or(Ok(None), |it| self.manifest_bytes(&it))
    }

    fn small(&self, descriptor: &Descriptor) -> Result<Option<Vec<u8>>> {
        let is_as_said = self.members.size(&descriptor.digest) == Some(descriptor.size);
        if is_as_said { self.members.small(&descriptor.digest, MAX_SIGNATURE) } else { Ok(None) }
    }
}

impl Listed {
    /// The version, or the tag that is made of a digest.
    fn tag(&self) -> Option<&str> {
        let name = self.annotations.get(VERSION).or_else(|| self.annotations.get(REFERENCE))?;
        name.rsplit([':', '/']).next()
    }

    /// The whole reference, if that is what it is called.
    fn reference(&self) -> Option<PluginReference> {
        let mut names = [REFERENCE, VERSION].into_iter().filter_map(|it| self.annotations.get(it));
        names.find_map(|it| format!("oci://{it}").parse().ok())
    }
}

fn absent(digest: &Digest) -> RegistryError {
    wrong(format!("it does not have {digest}")).hint("get the file again: it was not complete")
}

fn not_read(what: &str, error: &str) -> RegistryError {
    wrong(format!("`{what}` cannot be read: {}", sanitize_name(error, 200)))
}
