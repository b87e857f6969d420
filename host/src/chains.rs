//! Which plugins run on which pipeline, and running them.

mod location;
pub(crate) mod places;
mod waivers;

use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use wellhead_chain::{
    Allocation, Chain, Engine, Entry, Failure, Fault, Limits, LoadOptions, Outcome, Plugin,
    PluginError,
};
use wellhead_spec::{
    Customization, Form, Located, ObjectName, PipelineName, PluginEntry, parallel,
};

use crate::distribution::resolve::{Component, Resolved};
use crate::error::{Error, PluginFailure};
use crate::inputs::{Inputs, selections};
use crate::request::Request;
use location::{location, place_of};
use places::Places;

/// The chain of every pipeline.
#[derive(Debug)]
pub(crate) struct Chains {
    /// One for each set of customizations that some pipeline has.
    distinct: Vec<Chain>,
    /// For each pipeline, its chain.
    of: Vec<usize>,
    /// For each chain, where its entries are, in their order.
    places: Vec<Vec<Place>>,
    threads: NonZero<usize>,
    resolved: Resolved,
}

/// The component of a plugin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PluginFile {
    /// Where it was read.
    pub path: PathBuf,
    /// Its SHA-256, as [`Plugin::digest`] has it.
    pub digest: String,
}

/// An entry: the position of its customization, and its position there.
type Place = (usize, usize);

impl Chains {
    /// Loads every plugin that some pipeline needs, each file once, and joins them to chains.
    pub(crate) fn load<P: Form>(
        inputs: &Inputs<P>,
        resolved: Resolved,
        request: &Request,
    ) -> Result<Self, Error> {
        let (sets, of) = selections(&inputs.pipelines, &inputs.customizations);
        let indices = in_some(&sets, inputs);
        let threads = request.threads();
        let calls = |&set: &usize| {
            sets[set].iter().map(|it| entries_of(&inputs.customizations, *it)).sum::<usize>()
        };
        let allocation = allocation(threads, of.iter().map(calls).sum());
        let entries =
            load_entries((&inputs.customizations, &resolved), &indices, allocation, request)?;
        let told = |(place, entry): (Place, Entry)| (place, entry.with_facts(&inputs.facts));
        let entries: Vec<_> = entries.into_iter().map(told).collect();
        let mut chains = Vec::with_capacity(sets.len());
        let mut places = Vec::with_capacity(sets.len());
        for set in &sets {
            let mine = |place: &&(Place, Entry)| set.contains(&place.0.0);
            let chain = Chain::new(entries.iter().filter(mine).map(|it| it.1.clone()).collect());
            let chain = if request.trace { chain.tracing() } else { chain };
            chains.push(if request.verify_determinism {
                chain.verifying_determinism()
            } else {
                chain
            });
            places.push(entries.iter().filter(mine).map(|it| it.0).collect());
        }
        Ok(Self { distinct: chains, of, places, threads, resolved })
    }

    /// The components that were loaded, in the order in which entries name them.
    pub(crate) fn files(&self, inputs: &Inputs) -> Vec<PluginFile> {
        let chains = self.distinct.iter().zip(&self.places);
        let entries = chains.flat_map(|(chain, places)| chain.entries().iter().zip(places));
        let mut files: Vec<PluginFile> = Vec::new();
        for (entry, &place) in entries {
            let Some(path) = file((&inputs.customizations, &self.resolved), place) else {
                continue;
            };
            if files.iter().all(|it| it.path != path) {
                files.push(PluginFile { path, digest: entry.digest().to_owned() });
            }
        }
        files
    }

    /// The entries of the chain of the pipeline at a position, in their order, each with the name of its customization, and
    /// what the lock has of its plugin.
    pub(crate) fn entries_of<'a>(
        &'a self,
        inputs: &'a Inputs,
        pipeline: usize,
    ) -> impl Iterator<Item = (&'a ObjectName, &'a PluginEntry, &'a Entry, Option<&'a Component>)>
    {
        let chain = self.of[pipeline];
        let entries = self.distinct[chain].entries().iter().zip(&self.places[chain]);
        entries.filter_map(|(loaded, &place)| {
            let customization = &inputs.customizations[place.0].metadata.name;
            let locked = self.resolved.component(place);
            Some((customization, entry(&inputs.customizations, place)?, loaded, locked))
        })
    }

    /// Runs every pipeline through its chain, on all threads, and hands each outcome to `finish` on the thread that has
    /// it. Pipelines that fail are reported together.
    pub(crate) fn run<P: Form, R: Send>(
        &self,
        inputs: &Inputs<P>,
        finish: impl Fn(&Located<P>, Outcome) -> R + Sync,
    ) -> Result<Vec<R>, Error> {
        // A plugin over its budget would use it up again and again: pipelines behind the first one are left out.
        let last = AtomicUsize::new(usize::MAX);
        let run_one = |at: usize, (pipeline, &chain): (&Located<P>, &usize)| {
            if at > last.load(Ordering::Relaxed) {
                return None;
            }
            let result = self.distinct[chain].observe(&pipeline.value.pipeline());
            let is_costly = |it: &PluginError| matches!(it.fault, Fault::OverBudget { .. });
            if result.as_ref().is_err_and(|failure| failure.errors.iter().any(is_costly)) {
                last.fetch_min(at, Ordering::Relaxed);
            }
            Some(result.map(|outcome| finish(pipeline, outcome)))
        };
        let pipelines = inputs.pipelines.iter().zip(&self.of);
        let results = parallel::map(self.threads, parallel::SMALL, pipelines, run_one);
        let mut finished = Vec::with_capacity(results.len());
        let mut failures = Vec::new();
        for (at, result) in
            results.into_iter().enumerate().take(last.into_inner().saturating_add(1))
        {
            match result {
                Some(Ok(done)) => finished.push(done),
                Some(Err(failure)) => self.add(failure, (inputs, at), &mut failures),
                None => {}
            }
        }
        if failures.is_empty() { Ok(finished) } else { Err(Error::Plugins(failures)) }
    }

    /// Adds what went wrong with the pipeline at a position.
    fn add<P: Form>(
        &self,
        Failure { errors, runs, provenance }: Failure,
        (inputs, at): (&Inputs<P>, usize),
        failures: &mut Vec<PluginFailure>,
    ) {
        let first = failures.len();
        let (base, customizations) = (&inputs.pipelines[at], &*inputs.customizations);
        let places = Places { base, provenance: &provenance, customizations };
        let failure = |mut error| {
            let place = places.locate_error(&mut error);
            let name = &base.value.metadata().name;
            let failure = self.failure(customizations, self.of[at], name, error);
            let Some(location) = place else { return failure };
            let in_pipeline = location.file == *base.file();
            let text = if in_pipeline { base.text().clone() } else { failure.text };
            PluginFailure { location, text, ..failure }
        };
        failures.extend(errors.into_iter().map(failure));
        if let Some(first) = failures.get_mut(first) {
            first.runs = runs;
        }
    }

    fn failure(
        &self,
        customizations: &[Located<Customization>],
        chain: usize,
        pipeline: &PipelineName,
        error: PluginError,
    ) -> PluginFailure {
        let place = error.entry.map(|at| self.places[chain][at]).unwrap_or_default();
        let pipeline = Some(pipeline.clone());
        PluginFailure { pipeline, ..before_any_pipeline(customizations, place, error) }
    }
}

/// Calls from which on the slots of a pool save more than they cost to set up.
const MANY_CALLS: usize = 100;

/// How instances of so many calls get their memory.
fn allocation(threads: NonZero<usize>, calls: usize) -> Allocation {
    let slots = u32::try_from(threads.get()).unwrap_or(u32::MAX);
    if calls < MANY_CALLS { Allocation::OnDemand } else { Allocation::Pool { slots } }
}

fn entries_of(customizations: &[Located<Customization>], customization: usize) -> usize {
    customizations[customization].spec.plugins.len()
}

/// An engine with this allocation where each entry fits into a slot and the machine has the addresses; without a pool
/// otherwise.
fn engine(
    allocation: Allocation,
    mut limits: impl Iterator<Item = Limits>,
    request: &Request,
) -> Result<Engine, Error> {
    if allocation != Allocation::OnDemand && limits.all(|it| Engine::fits_a_slot(&it)) {
        match Engine::new(allocation, request.compiler.clone()) {
            Ok(engine) => return Ok(engine),
            Err(error) => tracing::debug!(%error, "no pool of instances"),
        }
    }
    Engine::new(Allocation::OnDemand, request.compiler.clone()).map_err(Error::Engine)
}

/// Customizations, and the components of their entries that name a registry.
type Components<'a> = (&'a [Located<Customization>], &'a Resolved);

/// The customizations that some pipeline has, by their positions.
pub(crate) fn needed<P: Form>(inputs: &Inputs<P>) -> Vec<usize> {
    in_some(&selections(&inputs.pipelines, &inputs.customizations).0, inputs)
}

fn in_some<P: Form>(sets: &[Vec<usize>], inputs: &Inputs<P>) -> Vec<usize> {
    let is_needed = |index: &usize| sets.iter().any(|set| set.contains(index));
    (0..inputs.customizations.len()).filter(is_needed).collect()
}

/// The entries of these customizations, in order, with their plugins loaded.
fn load_entries(
    all: Components<'_>,
    needed: &[usize],
    allocation: Allocation,
    request: &Request,
) -> Result<Vec<(Place, Entry)>, Error> {
    let customizations = all.0;
    let places: Vec<Place> = needed
        .iter()
        .flat_map(|&it| (0..entries_of(customizations, it)).map(move |at| (it, at)))
        .collect();
    let (files, file_of) = distinct_files(all, &places);
    if files.is_empty() {
        return Ok(Vec::new());
    }
    let cache = request.cache.as_ref();
    let limits = |place: Place| {
        let limits = entry(customizations, place).map(|entry| Limits::from(&entry.limits));
        limits.unwrap_or_default()
    };
    let engine = engine(allocation, places.iter().map(|it| limits(*it)), request)?;
    let options = |place: Place| LoadOptions { cache, limits: limits(place) };
    let pinned = |place| pinned(all, place);
    // What the cache has of another file than the entry's is left to `load`, which tells both digests.
    let right = |found: Option<Plugin>, place: Place| {
        let is_it = |it: &Plugin| pinned(place).is_none_or(|digest| it.digest() == digest);
        found.filter(is_it).map(Arc::new)
    };
    let cached = |(path, place): &(PathBuf, Place)| {
        right(Plugin::load_cached(&engine, path, &options(*place)), *place)
    };
    let load = |_, at: usize| {
        let (path, place) = &files[at];
        let name = entry(customizations, *place).map_or("", |entry| entry.name.as_str());
        let loaded = match pinned(*place) {
            Some(digest) => Plugin::load_pinned(&engine, name, path, digest, &options(*place)),
            None => Plugin::load(&engine, name, path, &options(*place)),
        };
        (at, loaded.map(Arc::new))
    };
    let recalled = |(path, place): &(PathBuf, Place)| {
        right(Plugin::recall(&engine, path, &options(*place)), *place)
    };
    let mut failures = Vec::new();
    let mut loaded: Vec<Option<Arc<Plugin>>> = files.iter().map(recalled).collect();
    let missing = |loaded: &[Option<_>]| -> Vec<usize> {
        (0..files.len()).filter(|&at| loaded[at].is_none()).collect()
    };
    // A thread takes a tenth of the time to start that reading a compiled plugin takes, so one more is
    // worth it; plugins that must be compiled take seconds, each in a process of its own.
    let unread = missing(&loaded);
    let two = NonZero::<usize>::MIN.saturating_add(1);
    let read = |_, at: usize| (at, cached(&files[at]));
    for (at, plugin) in parallel::map(two, 1, unread.into_iter(), read) {
        loaded[at] = plugin;
    }
    let missing = missing(&loaded);
    let all = NonZero::new(missing.len()).unwrap_or(NonZero::<usize>::MIN);
    for (at, plugin) in parallel::map(all, 1, missing.into_iter(), load) {
        match plugin {
            Ok(plugin) => loaded[at] = Some(plugin),
            Err(error) => failures.push(before_any_pipeline(customizations, files[at].1, error)),
        }
    }
    let mut entries = Vec::new();
    for (place, at) in places.into_iter().zip(file_of) {
        let plugin = at.and_then(|at| loaded[at].as_ref());
        if let (Some(plugin), Some(entry)) = (plugin, entry(customizations, place)) {
            let customization = customizations[place.0].metadata.name.as_str();
            match Entry::new(entry, customization, Arc::clone(plugin)) {
                Ok(entry) => entries.push((place, entry)),
                Err(error) => failures.push(before_any_pipeline(customizations, place, error)),
            }
        }
    }
    if failures.is_empty() { Ok(entries) } else { Err(Error::Plugins(failures)) }
}

/// The files to load, each with the first entry that names it, and for each entry its file. A file
/// counts as another under other budgets or another digest, which may refuse it.
fn distinct_files(
    all: Components<'_>,
    places: &[Place],
) -> (Vec<(PathBuf, Place)>, Vec<Option<usize>>) {
    let limits = |place: Place| entry(all.0, place).map(|entry| &entry.limits);
    let mut files: Vec<(PathBuf, Place)> = Vec::new();
    let file_of = |&place: &Place| {
        let path = file(all, place)?;
        let pinned = |place| pinned(all, place);
        let same = |it: &(PathBuf, Place)| {
            it.0 == path && limits(it.1) == limits(place) && pinned(it.1) == pinned(place)
        };
        let known = files.iter().position(same);
        Some(known.unwrap_or_else(|| {
            files.push((path, place));
            files.len() - 1
        }))
    };
    let file_of = places.iter().map(file_of).collect();
    (files, file_of)
}

fn entry(
    customizations: &[Located<Customization>],
    (customization, at): Place,
) -> Option<&PluginEntry> {
    customizations.get(customization)?.spec.plugins.get(at)
}

/// The digest that an entry's component must have.
fn pinned((customizations, resolved): Components<'_>, place: Place) -> Option<&str> {
    resolved.digest(place).or_else(|| entry(customizations, place)?.digest.as_deref())
}

/// The file of an entry: its source, relative to the customization's file, or what is resolved of a registry.
fn file((customizations, resolved): Components<'_>, place: Place) -> Option<PathBuf> {
    if let Some(path) = resolved.path(place) {
        return Some(path.to_owned());
    }
    let folder = customizations.get(place.0)?.file().parent();
    let source = Path::new(&entry(customizations, place)?.source);
    Some(folder.map_or_else(|| source.to_owned(), |folder| folder.join(source)))
}

/// A failure of a plugin that has seen no pipeline.
pub(crate) fn before_any_pipeline(
    customizations: &[Located<Customization>],
    place: Place,
    mut error: PluginError,
) -> PluginFailure {
    let customization = &customizations[place.0];
    let location = location(customization, &error);
    if let Fault::BadConfig { violations } = &mut error.fault {
        // The first one is where the whole error is.
        for (path, _) in violations.iter_mut().skip(1) {
            let at = place_of(customization, &error.plugin, path);
            if let Some(at) = at.filter(|it| it.line != location.line) {
                *path = format!("{at}: {path}");
            }
        }
    }
    let text = customization.text().clone();
    PluginFailure { error, location, text, pipeline: None, runs: Vec::new() }
}
