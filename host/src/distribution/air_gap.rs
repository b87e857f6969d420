//! Plugins in a file, for machines that reach no registry: what locks pin is saved, and loaded into a store elsewhere.
//!
//! A file is as little trusted as a registry. What it calls a plugin, and whether it has signatures, is held to the trust policy
//! when it is loaded; the lock decides what runs, as always.

use std::collections::{BTreeMap, BTreeSet};

use wellhead_diagnostics::Code;
use wellhead_registry::{
    Evidence, FoundSignatures, Layout, LayoutPlugin, Manifest, PackedPlugin, RegistryError, Store,
};
use wellhead_spec::{LockedPlugin, PluginReference, load_on, sanitize};

use super::locks::{Locks, path_of};
use super::policy::not_named;
use super::publish::may_ask;
use super::resolve::not_locked;
use super::settings::Distribution;
use super::signed::{Place, check_found};
use crate::error::{Error, InvalidInput, Texts};
use crate::request::Request;

/// Most signatures that the store keeps of a plugin: as many as are looked at.
const MOST_SIGNATURES: usize = 100;

/// A plugin that is saved.
#[derive(Clone, Debug)]
pub struct WantedPlugin {
    /// Where it is.
    pub source: PluginReference,
    /// What a lock has of it.
    pub locked: Option<LockedPlugin>,
}

/// A plugin that was loaded into the store.
#[derive(Clone, Debug)]
pub struct LoadedPlugin {
    /// What the file calls it.
    pub names: BTreeSet<PluginReference>,
    /// Its manifest.
    pub manifest: Manifest,
    /// How many signatures it may have.
    pub signatures: usize,
    /// Rules of the trust policy whose signatures it has.
    pub rules: BTreeSet<String>,
}

/// All plugins of the locks of a request's customizations, sorted by their sources.
///
/// # Errors
/// Customizations or locks that are not valid, and plugins of registries that are not in the lock.
pub fn locked_plugins(request: &Request) -> Result<Vec<WantedPlugin>, Error> {
    let loaded = load_on::<wellhead_spec::Pipeline>(request.threads(), &request.customizations);
    if loaded.has_errors() {
        let findings = loaded.findings.clone();
        return Err(Error::Input(InvalidInput { findings, texts: Texts(vec![loaded]) }));
    }
    let mut locks = Locks::default();
    let (mut all, mut findings) = (BTreeMap::new(), Vec::new());
    for customization in &loaded.customizations {
        let path = path_of(customization, &request.distribution);
        let lock = locks.get(&path);
        for entry in &customization.spec.plugins {
            if let Ok(source) = entry.source.parse::<PluginReference>()
                && lock.plugin(&source).is_none()
            {
                let finding = not_locked(customization, entry, &source, &path);
                findings.push(customization.locate(finding));
            }
        }
        let plugins = lock.plugins.iter().filter_map(|it| Some((it.reference()?, it)));
        all.extend(plugins.map(|(source, it)| ((source, it.manifest.clone()), it.clone())));
    }
    if !locks.wrong.is_empty() {
        findings = locks.wrong.iter().flat_map(|it| it.findings.clone()).collect();
    }
    if !findings.is_empty() {
        let mut texts = vec![loaded.emptied()];
        texts.append(&mut locks.wrong);
        return Err(Error::Input(InvalidInput { findings, texts: Texts(texts) }));
    }
    let wanted = |((source, _), locked)| WantedPlugin { source, locked: Some(locked) };
    Ok(all.into_iter().map(wanted).collect())
}

/// Gathers plugins from their registries, with their signatures; components go into the store. No registry is asked before
/// the trust policy allows all of them.
///
/// # Errors
/// What the trust policy, the network or a registry refuses, of each plugin.
pub fn pack_plugins(
    distribution: &Distribution,
    wanted: &[WantedPlugin],
) -> Result<Vec<PackedPlugin>, Vec<RegistryError>> {
    let refused = wanted.iter().filter_map(|it| may_ask(distribution, &it.source).err());
    let refused: Vec<_> = refused.collect();
    if !refused.is_empty() {
        return Err(refused);
    }
    let registry = distribution.registry();
    let one = |WantedPlugin { source, locked }: &WantedPlugin| {
        let store = store(distribution)?;
        let locked = locked.as_ref();
        let packed = registry.pack(source, locked.map(|it| &it.manifest), store)?;
        let component = &packed.manifest.component;
        if locked.is_some_and(|it| it.component != component.digest || it.size != component.size) {
            let message = format!(
                "{source}: the lock has another component than the manifest {}",
                packed.manifest.digest
            );
            let hint = "the lock was edited: take its last version of git, or write it again by `wellhead lock`";
            return Err(failed(Code::WrongContent, message, hint));
        }
        let names = [source.clone()].into();
        check(distribution, &names, &packed.manifest, (&packed.signatures, Place::Registry))?;
        Ok(packed)
    };
    all_or_errors(wanted.iter().map(one))
}

/// Loads the plugins of a file into the store. Nothing is loaded unless the trust policy allows all of it.
///
/// # Errors
/// What the trust policy refuses, of each plugin, or the store.
pub fn load_plugins(
    distribution: &Distribution,
    layout: &Layout,
) -> Result<Vec<LoadedPlugin>, Vec<RegistryError>> {
    let store = store(distribution).map_err(|error| vec![error])?;
    let checked =
        all_or_errors(layout.plugins().iter().map(|it| may_load(distribution, layout, it)))?;
    for plugin in layout.plugins() {
        let loaded = layout.signatures(&plugin.manifest.digest).and_then(|found| {
            keep(store, &plugin.manifest, found.evidence)?;
            layout.unpack(plugin, store)
        });
        loaded.map_err(|error| vec![error])?;
    }
    Ok(checked)
}

fn may_load(
    distribution: &Distribution,
    layout: &Layout,
    plugin: &LayoutPlugin,
) -> Result<LoadedPlugin, RegistryError> {
    let LayoutPlugin { names, manifest } = plugin;
    let found = layout.signatures(&manifest.digest)?;
    let rules = distribution.policy.as_ref().map(|it| &it.spec);
    let mut refused = names.iter().filter_map(|name| {
        let (message, hint) = rules.and_then(|it| not_named(it, name))?;
        Some(failed(Code::NotTrusted, format!("{name}: {message}"), &hint))
    });
    let checked = match refused.next() {
        Some(refused) => Err(refused),
        None => check(distribution, names, manifest, (&found, Place::File)),
    };
    let rules = checked.map_err(|error| {
        let message = format!("{}: {}", layout.path().display(), error.message);
        RegistryError { message, ..error }
    })?;
    let signatures = found.evidence.len();
    Ok(LoadedPlugin { names: names.clone(), manifest: manifest.clone(), signatures, rules })
}

/// What the trust policy says of a plugin that has these names: which of its rules require signatures that it has.
fn check(
    distribution: &Distribution,
    names: &BTreeSet<PluginReference>,
    manifest: &Manifest,
    (found, place): (&FoundSignatures, Place),
) -> Result<BTreeSet<String>, RegistryError> {
    let rules = distribution.policy.as_ref().map(|it| &it.spec);
    let denied = rules.and_then(|it| it.denied(Some(&manifest.digest), &manifest.component.digest));
    if let Some(denied) = denied {
        let name = names.first().map_or_else(|| manifest.digest.to_string(), ToString::to_string);
        let reason = sanitize(&denied.reason, 200);
        let message = format!("{name}: the trust policy denies this plugin: {reason}");
        return Err(RegistryError { code: Code::NotTrusted, message, hint: None });
    }
    let rules =
        names.iter().map(|it| check_found(distribution, it, &manifest.digest, found, place));
    let rules: Vec<_> = rules.collect::<Result<_, _>>()?;
    Ok(rules.into_iter().flatten().collect())
}

/// Keeps signatures beside those that the store has: another file may have others.
fn keep(store: &Store, manifest: &Manifest, found: Vec<Evidence>) -> Result<(), RegistryError> {
    let before = store.evidence(&manifest.digest).unwrap_or_default();
    let more = before.iter().filter(|it| !found.contains(it)).cloned().collect::<Vec<_>>();
    let mut all = found;
    all.extend(more);
    all.truncate(MOST_SIGNATURES);
    if all == before { Ok(()) } else { store.keep_evidence(&manifest.digest, &all) }
}

fn store(distribution: &Distribution) -> Result<&Store, RegistryError> {
    distribution.store.as_ref().ok_or_else(|| {
        let message = "there is no folder for the store, for there is no home directory".to_owned();
        failed(Code::StoreUnusable, message, "name a directory by WELLHEAD_CACHE_DIR")
    })
}

/// All results, or all errors.
fn all_or_errors<T>(
    all: impl Iterator<Item = Result<T, RegistryError>>,
) -> Result<Vec<T>, Vec<RegistryError>> {
    let (mut good, mut wrong) = (Vec::new(), Vec::new());
    for one in all {
        match one {
            Ok(one) => good.push(one),
            Err(error) => wrong.push(error),
        }
    }
    if wrong.is_empty() { Ok(good) } else { Err(wrong) }
}

fn failed(code: Code, message: String, hint: &str) -> RegistryError {
    RegistryError { code, message, hint: Some(hint.to_owned()) }
}
