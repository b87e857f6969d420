//! What a lock has to say: from customizations, the lock that there is, and the registries of plugins that it does not
//! have.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use wellhead_chain::{Allocation, Engine, LoadOptions, Plugin};
use wellhead_diagnostics::Code;
use wellhead_registry::{Pinned, Registry};
use wellhead_spec::{
    Consent, Customization, DefaultRule, Finding, Growth, Located, Lock, LockedPlugin,
    PluginReference, Source, Verdict, canonical_patterns, growth_of_plugin, growth_of_rights,
    load_on,
};

use super::locks::{Locks, MOST, path_of};
use super::policy::{at_source, check, denied};
use super::replayed::wrong_version;
use super::resolve::{bring, of_registry};
use super::signed::check_signatures;
use crate::chains::before_any_pipeline;
use crate::error::{Error, InvalidInput, PluginFailure, Texts};
use crate::request::Request;

/// What a lock becomes.
#[derive(Debug)]
pub struct LockDraft {
    /// Its file.
    pub path: PathBuf,
    /// What it holds.
    pub old: Lock,
    /// What it has to hold.
    pub lock: Lock,
    /// Whether the file holds something else.
    pub changed: bool,
    /// What has to be accepted.
    pub growth: Vec<Growth>,
    /// Plugins that no rule of the trust policy names, and that its `default: warn` lets run.
    pub not_named: Vec<PluginReference>,
}

/// An entry that runs a plugin of a registry: the positions of its customization and of itself.
type Place = (usize, usize);

/// What the locks of a request's customizations become. Nothing is written but components into the store.
///
/// # Errors
/// Customizations or locks that are not valid, plugins that the trust policy does not allow, that cannot be had, or that
/// are not what their references say.
pub fn draft_locks(request: &Request) -> Result<Vec<LockDraft>, Error> {
    draft_given(request, &request.customizations)
}

/// The same for customizations that were read from these sources.
pub(super) fn draft_given(request: &Request, given: &[Source]) -> Result<Vec<LockDraft>, Error> {
    let loaded = load_on::<wellhead_spec::Pipeline>(request.threads(), &request.customizations);
    if loaded.has_errors() {
        let findings = loaded.findings.clone();
        return Err(Error::Input(InvalidInput { findings, texts: Texts(vec![loaded]) }));
    }
    let engine =
        Engine::new(Allocation::OnDemand, request.compiler.clone()).map_err(Error::Engine)?;
    let registry = request.distribution.registry();
    let customizations = &loaded.customizations;
    let mut run = Drafting {
        request,
        engine,
        registry,
        given,
        customizations,
        findings: Vec::new(),
        failures: Vec::new(),
    };
    let mut locks = Locks::default();
    let mut drafts = Vec::new();
    for (path, sources) in run.sources() {
        let old = locks.get_merged(&path);
        let mut lock = Lock::default();
        let (mut growth, mut not_named) = (Vec::new(), Vec::new());
        for (source, places) in sources {
            let Some(mut plugin) = run.plugin(&old, &source, &places) else { continue };
            plugin.consent = places.iter().map(|it| run.consent(*it)).collect();
            growth.extend(growth_of(&old, &source, &plugin));
            if run.is_warned_of(&source) {
                not_named.push(source.clone());
            }
            lock.plugins.push(plugin);
        }
        run.keep(&path, &old, &mut lock);
        let text = lock.to_yaml();
        let is = wellhead_spec::read_text_file(&path, MOST).unwrap_or_default();
        let nothing = lock.plugins.is_empty() && !path.exists();
        let changed = is != text && !nothing;
        drafts.push(LockDraft { path, old, lock, changed, growth, not_named });
    }
    let Drafting { mut findings, failures, .. } = run;
    findings.extend(locks.wrong.iter().flat_map(|it| it.findings.clone()));
    if !findings.is_empty() {
        let mut texts = vec![loaded.emptied()];
        texts.append(&mut locks.wrong);
        return Err(Error::Input(InvalidInput { findings, texts: Texts(texts) }));
    }
    if failures.is_empty() { Ok(drafts) } else { Err(Error::Plugins(failures)) }
}

/// What is more than a lock has.
fn growth_of(old: &Lock, source: &PluginReference, plugin: &LockedPlugin) -> Vec<Growth> {
    let mut growth = Vec::new();
    if let Some(before) = old.previous(source) {
        growth.extend(growth_of_plugin(before, plugin));
    }
    let same = |it: &&LockedPlugin| it.reference().is_some_and(|it| it.name() == source.name());
    for now in &plugin.consent {
        let of_entry = |it: &&Consent| it.entry == now.entry;
        let own = old.plugin(source).and_then(|it| it.consent.iter().find(of_entry));
        let others =
            || old.plugins.iter().filter(same).find_map(|it| it.consent.iter().find(of_entry));
        growth.extend(growth_of_rights(own.or_else(others), now));
    }
    growth
}

struct Drafting<'r> {
    request: &'r Request,
    /// Where the customizations are from.
    given: &'r [Source],
    engine: Engine,
    registry: Registry,
    customizations: &'r [Located<Customization>],
    findings: Vec<Finding>,
    failures: Vec<PluginFailure>,
}

impl Drafting<'_> {
    /// Each lock, with the references of its customizations, and the entries that have them.
    fn sources(&self) -> BTreeMap<PathBuf, BTreeMap<PluginReference, Vec<Place>>> {
        let mut all = BTreeMap::<_, BTreeMap<_, Vec<Place>>>::new();
        for (at, customization) in self.customizations.iter().enumerate() {
            let of_lock =
                all.entry(path_of(customization, &self.request.distribution)).or_default();
            for (index, entry) in customization.spec.plugins.iter().enumerate() {
                if let Ok(source) = entry.source.parse::<PluginReference>() {
                    of_lock.entry(source).or_default().push((at, index));
                }
            }
        }
        all
    }

    /// Keeps what a lock has of customizations that are not given. Where its folder is given, there are no others.
    fn keep(&self, path: &Path, old: &Lock, lock: &mut Lock) {
        let is_folder = |it: &Source| matches!(it, Source::Path(it) if it.is_dir() && path.parent() == Some(it));
        if self.given.iter().any(is_folder) {
            return;
        }
        let given = |it: &&Consent| {
            let name = it.entry.split('/').next().unwrap_or_default();
            self.customizations.iter().any(|it| it.metadata.name.as_str() == name)
        };
        for plugin in &old.plugins {
            let others: Vec<_> = plugin.consent.iter().filter(|it| !given(it)).cloned().collect();
            match lock.plugins.iter_mut().find(|it| it.source == plugin.source) {
                Some(one) => one.consent.extend(others),
                None if others.is_empty() => {}
                None => lock.plugins.push(LockedPlugin { consent: others, ..plugin.clone() }),
            }
        }
    }

    /// Whether a plugin runs only because the trust policy warns instead of refusing.
    fn is_warned_of(&self, source: &PluginReference) -> bool {
        let rules = self.request.distribution.policy.as_ref().map(|it| &it.spec);
        rules.is_some_and(|it| it.verdict(source) == Verdict::Default(DefaultRule::Warn))
    }

    fn consent(&self, (at, index): Place) -> Consent {
        let customization = &self.customizations[at];
        Consent::of(customization, &customization.spec.plugins[index])
    }

    /// A plugin as the lock has it, or as its registry has it; none where something forbids it, which is then noted.
    fn plugin(
        &mut self,
        old: &Lock,
        source: &PluginReference,
        places: &[Place],
    ) -> Option<LockedPlugin> {
        let rules = self.request.distribution.policy.as_ref().map(|it| &it.spec);
        let before = self.findings.len();
        for &(at, index) in places {
            let customization = &self.customizations[at];
            let entry = &customization.spec.plugins[index];
            let wrong = rules.map(|it| check(it, entry, source)).unwrap_or_default();
            self.findings.extend(wrong.into_iter().map(|it| customization.locate(it)));
        }
        let place = *places.first()?;
        if self.findings.len() > before {
            return None;
        }
        let mut plugin = match old.plugin(source) {
            Some(locked) => locked.clone(),
            None => self.look_up(source, place)?,
        };
        let (customization, entry) = self.entry(place);
        let denied = rules.and_then(|it| denied(it, entry, &plugin.manifest, &plugin.component));
        if let Some(denied) = denied {
            self.findings.push(customization.locate(denied));
            return None;
        }
        let manifest = &plugin.manifest;
        match check_signatures(&self.request.distribution, &self.registry, source, manifest) {
            Ok(rule) => plugin.signed_by = rule,
            Err(error) => {
                self.findings.push(customization.locate(of_registry(entry, error)));
                return None;
            }
        }
        Some(plugin)
    }

    fn entry(&self, (at, index): Place) -> (&Located<Customization>, &wellhead_spec::PluginEntry) {
        let customization = &self.customizations[at];
        (customization, &customization.spec.plugins[index])
    }

    /// A plugin as its registry has it now.
    fn look_up(&mut self, source: &PluginReference, place: Place) -> Option<LockedPlugin> {
        let (customization, entry) = self.entry(place);
        if self.request.distribution.offline {
            let message = format!("{source} is not in the lock, and --offline asks no registry");
            self.findings.push(customization.locate(at_source(Code::NotInStore, entry, message)));
            return None;
        }
        let found = self.registry.resolve(source).and_then(|manifest| {
            let component = Pinned::from(&manifest.component);
            let path = bring(&self.request.distribution, &self.registry, source, &component)?;
            Ok((manifest, path))
        });
        let (manifest, path) = match found {
            Ok(found) => found,
            Err(error) => {
                self.findings.push(customization.locate(of_registry(entry, error)));
                return None;
            }
        };
        match self.load(entry.name.as_str(), &path, manifest.component.digest.as_str()) {
            Ok(plugin) => {
                let locked = describe(source, &manifest, &plugin);
                if let Some(error) = wrong_version(source, &locked.version) {
                    self.findings.push(customization.locate(of_registry(entry, error)));
                    return None;
                }
                Some(locked)
            }
            Err(error) => {
                self.failures.push(before_any_pipeline(self.customizations, place, error));
                None
            }
        }
    }

    fn load(
        &self,
        name: &str,
        path: &Path,
        digest: &str,
    ) -> Result<Plugin, wellhead_chain::PluginError> {
        let options = LoadOptions { cache: self.request.cache.as_ref(), ..LoadOptions::default() };
        Plugin::load_pinned(&self.engine, name, path, digest, &options)
    }
}

fn describe(
    source: &PluginReference,
    manifest: &wellhead_registry::Manifest,
    plugin: &Plugin,
) -> LockedPlugin {
    let about = plugin.description();
    let exports = [("transform", about.transforms), ("validate", about.validates)];
    let mut imports = plugin.imports();
    imports.sort();
    imports.dedup();
    let asks: Vec<String> = about.writes.iter().chain(&about.opens).cloned().collect();
    let is_pattern = |it: &String| it.parse::<wellhead_spec::PathPattern>().is_ok();
    LockedPlugin {
        source: source.to_string(),
        manifest: manifest.digest.clone(),
        component: manifest.component.digest.clone(),
        size: manifest.component.size,
        name: about.name.clone(),
        version: about.version.clone(),
        contract: format!("wellhead:plugin@{}", plugin.contract_version()),
        exports: exports.iter().filter(|it| it.1).map(|it| it.0.to_owned()).collect(),
        imports,
        asks_facts: about.facts.clone(),
        asks: canonical_patterns(&asks).into_iter().filter(is_pattern).collect(),
        signed_by: None,
        consent: Vec::new(),
    }
}
