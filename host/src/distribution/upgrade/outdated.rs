//! Which plugins of customizations have newer versions, and what became of those that are locked.

use std::collections::BTreeMap;

use serde::Serialize;
use wellhead_registry::RegistryError;
use wellhead_spec::{
    Customization, Digest, Finding, Located, LockedPlugin, PluginReference, load_on,
};

use super::super::locks::{Locks, path_of};
use super::super::resolve::of_registry;
use super::catalog::{Catalog, Denied};
use super::entries;
use crate::error::{Error, InvalidInput, Texts};
use crate::request::Request;

/// What registries have of the plugins of some customizations.
#[derive(Debug)]
pub struct Outdated {
    /// Each plugin, by its source.
    pub plugins: Vec<OutdatedPlugin>,
    /// Why others could not be looked up.
    pub problems: InvalidInput,
}

/// A plugin, and what its registry has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OutdatedPlugin {
    /// The reference, in its one spelling.
    pub source: String,
    /// The entries that run it: `CUSTOMIZATION/ENTRY`.
    pub entries: Vec<String>,
    /// The version that the lock has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locked: Option<String>,
    /// The newest version that is compatible, if one is newer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub compatible: Option<String>,
    /// The newest version, if one is newer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub newest: Option<String>,
    /// What else there is to know.
    pub notes: Vec<OutdatedNote>,
}

/// What there is to know of a plugin beside its versions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "note", rename_all = "kebab-case")]
pub enum OutdatedNote {
    /// The lock does not have it.
    NotLocked,
    /// The registry has another plugin under the version than the lock.
    Republished {
        /// Digest of the manifest that the lock has.
        locked: Digest,
        /// Digest of the manifest that the registry has.
        registry: Digest,
    },
    /// The registry does not list the version any more.
    NotListed,
    /// The trust policy denies the plugin that is locked.
    LockedDenied {
        /// Why.
        reason: String,
    },
    /// The trust policy denies a newer version, which is passed over.
    Denied {
        /// The version.
        version: String,
        /// Why.
        reason: String,
    },
    /// The version is not a semantic version, or the reference has none: nothing comes after it.
    NoOrder,
}

impl OutdatedPlugin {
    /// Whether there is something to do.
    pub fn needs_attention(&self) -> bool {
        let idle =
            |it: &OutdatedNote| matches!(it, OutdatedNote::NoOrder | OutdatedNote::Denied { .. });
        self.newest.is_some() || !self.notes.iter().all(idle)
    }
}

/// Looks up what the registries have of the plugins of a request's customizations.
///
/// # Errors
/// Customizations or locks that are not valid.
pub fn outdated_plugins(request: &Request) -> Result<Outdated, Error> {
    let loaded = load_on::<wellhead_spec::Pipeline>(request.threads(), &request.customizations);
    if loaded.has_errors() {
        let findings = loaded.findings.clone();
        return Err(Error::Input(InvalidInput { findings, texts: Texts(vec![loaded]) }));
    }
    let customizations = &loaded.customizations;
    let mut all = BTreeMap::<PluginReference, Vec<(usize, usize)>>::new();
    for ((at, index), source) in entries(customizations) {
        all.entry(source).or_default().push((at, index));
    }
    let mut locks = Locks::default();
    let mut catalog = Catalog::new(&request.distribution);
    let (mut plugins, mut findings) = (Vec::new(), Vec::new());
    for (source, places) in &all {
        let Some(&(at, index)) = places.first() else { continue };
        let customization: &Located<Customization> = &customizations[at];
        let lock = locks.get(&path_of(customization, &request.distribution));
        match look_up(&mut catalog, source, lock.plugin(source)) {
            Ok(plugin) => {
                let name = |&(at, index): &(usize, usize)| {
                    let customization = &customizations[at];
                    let entry = &customization.spec.plugins[index];
                    format!("{}/{}", customization.metadata.name, entry.name)
                };
                plugins
                    .push(OutdatedPlugin { entries: places.iter().map(name).collect(), ..plugin });
            }
            Err(error) => {
                let entry = &customization.spec.plugins[index];
                findings.push(customization.locate(of_registry(entry, error)));
            }
        }
    }
    let wrong: Vec<Finding> = locks.wrong.iter().flat_map(|it| it.findings.clone()).collect();
    let mut texts = vec![loaded.emptied()];
    texts.append(&mut locks.wrong);
    let texts = Texts(texts);
    if !wrong.is_empty() {
        return Err(Error::Input(InvalidInput { findings: wrong, texts }));
    }
    Ok(Outdated { plugins, problems: InvalidInput { findings, texts } })
}

fn look_up(
    catalog: &mut Catalog<'_>,
    source: &PluginReference,
    locked: Option<&LockedPlugin>,
) -> Result<OutdatedPlugin, RegistryError> {
    let mut notes = Vec::new();
    match locked {
        None => notes.push(OutdatedNote::NotLocked),
        Some(plugin) => {
            let reason = catalog.denied(&plugin.manifest, &plugin.component);
            notes.extend(reason.map(|reason| OutdatedNote::LockedDenied { reason }));
        }
    }
    let tags = catalog.tags(source)?;
    let listed = source.tag().is_none_or(|tag| tags.iter().any(|it| it == tag));
    if listed {
        let found = locked.map(|_| catalog.find(source)).transpose()?;
        let moved = locked.zip(found).filter(|(locked, found)| locked.manifest != found.manifest);
        notes.extend(moved.map(|(locked, found)| OutdatedNote::Republished {
            locked: locked.manifest.clone(),
            registry: found.manifest,
        }));
    } else {
        notes.push(OutdatedNote::NotListed);
    }
    let newer = catalog.newer(source)?;
    if newer.is_none() {
        notes.push(OutdatedNote::NoOrder);
    }
    let newer = newer.unwrap_or_default();
    let (newest, mut denied) = catalog.allowed(source, newer.iter())?;
    let (compatible, more) = catalog.allowed(source, newer.iter().filter(|it| it.compatible))?;
    denied.extend(more.into_iter().filter(|it| !denied.contains(it)).collect::<Vec<_>>());
    let note = |(version, reason): Denied| OutdatedNote::Denied { version, reason };
    notes.extend(denied.into_iter().map(note));
    Ok(OutdatedPlugin {
        source: source.to_string(),
        entries: Vec::new(),
        locked: locked.map(|it| it.version.clone()),
        compatible: compatible.map(|it| it.tag.clone()),
        newest: newest.map(|it| it.tag.clone()),
        notes,
    })
}
