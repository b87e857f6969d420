//! Writes a layout: the same plugins give the same bytes.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Read, Write};

use tar::{Builder, EntryType, Header};
use wellhead_diagnostics::Code;
use wellhead_spec::{Digest, PluginReference, open_file};

use super::collect::PackedPlugin;
use super::{BLOBS, Index, LAYOUT, LAYOUT_TEXT, LIST, REFERENCE, VERSION};
use crate::content::manifest::INDEX;
use crate::content::{Hashed, strict};
use crate::error::Result;
use crate::{RegistryError, Store};

/// Writes plugins into one file. Their components come from the store.
///
/// # Errors
/// A store whose component is another one than it was, and what cannot be written.
pub fn write_layout(plugins: &[PackedPlugin], store: &Store, to: &mut dyn Write) -> Result<()> {
    let index = index(plugins);
    if strict::<Index>(&index).is_err() {
        let message = "these are more plugins and signatures than one file may list";
        return Err(
            RegistryError::new(Code::ContentTooLarge, message).hint("save them into several files")
        );
    }
    let mut tar = Builder::new(to);
    add(&mut tar, LAYOUT, LAYOUT_TEXT.len() as u64, LAYOUT_TEXT)?;
    add(&mut tar, LIST, index.len() as u64, &index[..])?;
    let small = plugins.iter().flat_map(|it| &it.contents);
    let small: BTreeMap<&Digest, &Vec<u8>> = small.collect();
    let components: BTreeMap<&Digest, u64> = plugins
        .iter()
        .map(|it| (&it.manifest.component.digest, it.manifest.component.size))
        .collect();
    let all: BTreeSet<&Digest> = small.keys().chain(components.keys()).copied().collect();
    for digest in all {
        let name = format!("{BLOBS}{}", digest.hex());
        match (small.get(digest), components.get(digest)) {
            (Some(bytes), _) => add(&mut tar, &name, bytes.len() as u64, &bytes[..])?,
            (None, Some(size)) => add_component(&mut tar, &name, digest, *size, store)?,
            (None, None) => {}
        }
    }
    tar.into_inner().and_then(Write::flush).map_err(|error| unwritten(&error))
}

fn add_component(
    tar: &mut Builder<&mut dyn Write>,
    name: &str,
    digest: &Digest,
    size: u64,
    store: &Store,
) -> Result<()> {
    let changed = || {
        let message = format!("the component {digest} in the store is not what it was");
        let removed = store.remove(digest);
        let error = RegistryError::new(Code::WrongContent, message);
        if removed.is_ok() {
            error.hint("it is removed: run the same command again")
        } else {
            error
        }
    };
    let path = store.path(digest, size).ok_or_else(changed)?;
    let file = open_file(&path).map_err(|error| store.unusable(&error))?;
    let mut hashed = Hashed::new(file.take(size));
    add(tar, name, size, &mut hashed)?;
    if hashed.digest() == *digest { Ok(()) } else { Err(changed()) }
}

/// Adds a member of which nothing but name and content is told: not who wrote it, and not when.
fn add(tar: &mut Builder<&mut dyn Write>, name: &str, size: u64, content: impl Read) -> Result<()> {
    let mut header = Header::new_ustar();
    let named = header.set_path(name);
    header.set_entry_type(EntryType::Regular);
    header.set_size(size);
    header.set_mode(0o644);
    for set in [Header::set_uid, Header::set_gid, Header::set_mtime] {
        set(&mut header, 0);
    }
    header.set_cksum();
    named.and_then(|()| tar.append(&header, content)).map_err(|error| unwritten(&error))
}

fn unwritten(error: &io::Error) -> RegistryError {
    RegistryError::new(Code::OutputFailed, format!("the plugins cannot be written: {error}"))
}

fn index(plugins: &[PackedPlugin]) -> Vec<u8> {
    let mut manifests = BTreeSet::new();
    for plugin in plugins {
        let of = |it: &&PackedPlugin| it.source.tag() == plugin.source.tag();
        let alone = plugins.iter().filter(of).count() == 1;
        for (tag, listed) in &plugin.listed {
            let mut listed = listed.clone();
            if let Some(tag) = tag {
                let whole = whole(&plugin.source, tag);
                // One version of two plugins would be one name of two manifests.
                let version = if alone || tag.starts_with("sha256-") { tag } else { &whole };
                listed.annotations.insert(VERSION.to_owned(), version.clone());
                listed.annotations.insert(REFERENCE.to_owned(), whole);
            }
            manifests.insert(listed);
        }
    }
    let manifests = manifests.into_iter().collect();
    let index = Index { schema_version: 2, media_type: Some(INDEX.to_owned()), manifests };
    serde_json::to_vec(&index).expect("texts and numbers are JSON")
}

fn whole(source: &PluginReference, tag: &str) -> String {
    format!("{}:{tag}", source.name())
}
