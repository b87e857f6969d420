//! The component of each entry that names a registry.

use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};

use wellhead_diagnostics::Code;
use wellhead_registry::{Pinned, Registry, RegistryError};
use wellhead_spec::{
    Consent, Customization, Digest, Finding, Loaded, Located, Lock, LockedPlugin, PluginEntry,
    PluginReference, TrustRules, growth_of_rights, in_code,
};

use super::locks::{Locks, path_of};
use super::policy::{at_source, check, check_file, denied, entry_path};
use super::settings::Distribution;
use super::signed::check_signatures;

/// The components of entries that name a registry, by the positions of customization and entry.
#[derive(Debug, Default)]
pub(crate) struct Resolved(HashMap<(usize, usize), Component>);

/// A component as a lock has it.
#[derive(Debug)]
pub(crate) struct Component {
    pub(crate) manifest: Digest,
    pub(crate) size: u64,
    path: PathBuf,
    digest: String,
}

impl Resolved {
    /// What the lock has of an entry's component, if the entry names a registry.
    pub(crate) fn component(&self, place: (usize, usize)) -> Option<&Component> {
        self.0.get(&place)
    }

    /// The file of an entry's component, if the entry names a registry.
    pub(crate) fn path(&self, place: (usize, usize)) -> Option<&Path> {
        self.0.get(&place).map(|it| &*it.path)
    }

    /// The digest that it must have.
    pub(crate) fn digest(&self, place: (usize, usize)) -> Option<&str> {
        self.0.get(&place).map(|it| &*it.digest)
    }
}

/// Why components cannot be had: findings, and the texts that some of them are about.
pub(crate) type Wrong = (Vec<Finding>, Vec<Loaded>);

/// Finds the component of each entry of some customizations that names a registry. All that is wrong is reported at once,
/// and no request is sent before nothing is.
pub(crate) fn resolve(
    customizations: &[Located<Customization>],
    needed: &[usize],
    distribution: &Distribution,
) -> Result<Resolved, Wrong> {
    let rules = distribution.policy.as_ref().map(|it| &it.spec);
    let mut run = Run { distribution, rules, locks: Locks::default(), used: BTreeSet::new() };
    let (mut findings, mut wanted) = (Vec::new(), Vec::new());
    for &at in needed {
        let customization = &customizations[at];
        for (index, entry) in customization.spec.plugins.iter().enumerate() {
            match run.look_at(customization, entry) {
                Ok(found) => wanted.extend(found.map(|it| ((at, index), it))),
                Err(wrong) => findings.extend(wrong.into_iter().map(|it| customization.locate(it))),
            }
        }
    }
    findings.extend(run.unused());
    if !findings.is_empty() || !run.locks.wrong.is_empty() {
        // With a lock that is wrong, nothing is in it: what misses there is not said.
        let of_locks: Vec<Finding> =
            run.locks.wrong.iter().flat_map(|it| it.findings.clone()).collect();
        let all = if of_locks.is_empty() { findings } else { of_locks };
        return Err((all, run.locks.wrong));
    }
    let registry = distribution.registry();
    let mut resolved = Resolved::default();
    for ((at, index), (source, plugin)) in wanted {
        let entry = &customizations[at].spec.plugins[index];
        let pinned = Pinned { digest: plugin.component, size: plugin.size };
        let signed = check_signatures(distribution, &registry, &source, &plugin.manifest);
        match signed.and_then(|_| bring(distribution, &registry, &source, &pinned)) {
            Ok(path) => {
                let Pinned { digest, size } = pinned;
                let component =
                    Component { manifest: plugin.manifest, size, path, digest: digest.into() };
                resolved.0.insert((at, index), component);
            }
            Err(error) => findings.push(customizations[at].locate(of_registry(entry, error))),
        }
    }
    if findings.is_empty() { Ok(resolved) } else { Err((findings, Vec::new())) }
}

/// A finding about the registry of an entry.
pub(super) fn of_registry(entry: &PluginEntry, error: RegistryError) -> Finding {
    let finding = at_source(error.code, entry, error.message);
    Finding { hint: error.hint, ..finding }
}

struct Run<'r> {
    distribution: &'r Distribution,
    rules: Option<&'r TrustRules>,
    locks: Locks,
    /// Plugins of locks that an entry runs: lock, source and entry.
    used: BTreeSet<(PathBuf, String, String)>,
}

impl Run<'_> {
    /// What an entry runs of a registry, if anything; or all that forbids it.
    fn look_at(
        &mut self,
        customization: &Located<Customization>,
        entry: &PluginEntry,
    ) -> Result<Option<(PluginReference, LockedPlugin)>, Vec<Finding>> {
        if !PluginReference::is_meant(&entry.source) {
            let refused = self.rules.and_then(|rules| check_file(rules, entry));
            return refused.map_or(Ok(None), |it| Err(vec![it]));
        }
        // A customization that was loaded has valid references.
        let Ok(source) = entry.source.parse::<PluginReference>() else { return Ok(None) };
        let mut findings = self.rules.map(|it| check(it, entry, &source)).unwrap_or_default();
        let path = path_of(customization, self.distribution);
        let lock = self.locks.get(&path);
        let Some(plugin) = lock.plugin(&source).cloned() else {
            findings.push(not_locked(customization, entry, &source, &path));
            return Err(findings);
        };
        let now = Consent::of(customization, entry);
        self.used.insert((path.clone(), plugin.source.clone(), now.entry.clone()));
        let before = plugin.consent.iter().find(|it| it.entry == now.entry);
        for growth in growth_of_rights(before, &now) {
            let message = format!("{growth}, and {} has no consent to that", path.display());
            let finding = Finding::error(Code::RightsGrew, entry_path(entry), message);
            findings.push(finding.hint(how(customization, " --accept=grants")));
        }
        if findings.is_empty() && self.distribution.locked && before != Some(&now) {
            let message = format!("the consent in {} is not up to date", path.display());
            findings.push(at_source(Code::NotLocked, entry, message).hint(how(customization, "")));
        }
        if let Some(digest) = entry.digest.as_ref().filter(|it| **it != plugin.component.as_str()) {
            let message = format!(
                "the lock has the component {}, and the entry {}",
                plugin.component,
                in_code(digest, 80)
            );
            findings.push(Finding::error(
                Code::WrongDigest,
                entry_path(entry).key("digest"),
                message,
            ));
        }
        findings.extend(
            self.rules.and_then(|it| denied(it, entry, &plugin.manifest, &plugin.component)),
        );
        if findings.is_empty() { Ok(Some((source, plugin))) } else { Err(findings) }
    }

    /// Plugins and consents that no entry uses, where the lock has to be up to date to the letter.
    fn unused(&mut self) -> Vec<Finding> {
        if !self.distribution.locked {
            return Vec::new();
        }
        let paths: BTreeSet<PathBuf> = self.used.iter().map(|it| it.0.clone()).collect();
        let mut findings = Vec::new();
        for path in paths {
            let uses = |it: &LockedPlugin| {
                let of = |entry: &str| (path.clone(), it.source.clone(), entry.to_owned());
                it.consent.iter().all(|one| self.used.contains(&of(&one.entry)))
                    && !it.consent.is_empty()
            };
            let lock: Lock = self.locks.get(&path).clone();
            for plugin in lock.plugins.iter().filter(|it| !uses(it)) {
                let message =
                    format!("{} has {}, which no given entry uses", path.display(), plugin.source);
                let finding =
                    Finding::error(Code::NotLocked, wellhead_spec::FieldPath::root(), message);
                findings.push(
                    finding.hint("give all customizations of its folder, or write the lock again"),
                );
            }
        }
        findings
    }
}

/// A lock does not have the plugin of an entry.
pub(super) fn not_locked(
    customization: &Located<Customization>,
    entry: &PluginEntry,
    source: &PluginReference,
    lock: &Path,
) -> Finding {
    let message = format!("{source} is not in {}", lock.display());
    at_source(Code::NotLocked, entry, message).hint(how(customization, ""))
}

/// How a lock is written, for a customization.
fn how(customization: &Located<Customization>, options: &str) -> String {
    format!("run `wellhead lock -c {}{options}`", customization.file().display())
}

/// The file of a component, which is fetched where it is not in the store.
pub(super) fn bring(
    distribution: &Distribution,
    registry: &Registry,
    source: &PluginReference,
    component: &Pinned,
) -> Result<PathBuf, RegistryError> {
    let fails = |code, message: &str| RegistryError {
        code,
        message: format!("{source}: {message}"),
        hint: None,
    };
    let Some(store) = &distribution.store else {
        return Err(fails(
            Code::StoreUnusable,
            "there is no folder for the store, for there is no home directory",
        ));
    };
    match store.path(&component.digest, component.size) {
        Some(path) => Ok(path),
        None if distribution.offline => {
            let error = fails(
                Code::NotInStore,
                "the store does not have it, and --offline asks no registry",
            );
            let hint = "save it where its registry is reached (`wellhead plugin save`), and load the file: \
                        `wellhead plugin load FILE`";
            Err(RegistryError { hint: Some(hint.to_owned()), ..error })
        }
        None => registry.fetch(source, component, store),
    }
}
