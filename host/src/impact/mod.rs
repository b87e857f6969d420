//! What another version of a plugin makes of pipelines that were applied: their recorded bases run through their recorded
//! chains once more, first as they were, then with the new component.
//!
//! A verdict is given only where the first run gives the recorded objects again. Else it is unknown what another version
//! changes, and why is said.

mod components;
mod releases;
mod replay;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use serde_json::Value;
use wellhead_chain::{Allocation, Engine, Facts, Plugin, PluginError};
use wellhead_cluster::{ChainEntry, Origin, PipelineRef};
use wellhead_diagnostics::Code;
use wellhead_registry::{Pinned, RegistryError};
use wellhead_render::ResourceSet;
use wellhead_spec::{Digest, PluginReference, load_facts};

use crate::distribution::{pull_plugin, wrong_version};
use crate::error::{Error, InvalidInput, Texts};
use crate::pipeline::Run;
use crate::request::Request;
use components::Components;

pub use releases::{Impact, Impacts, Verdict};

/// A pipeline that was applied, or would be, and what it was made from.
#[derive(Clone, Debug)]
pub struct Release {
    /// The pipeline.
    pub pipeline: PipelineRef,
    /// The base and the chain.
    pub origin: Origin,
    /// The objects that came out.
    pub objects: ResourceSet,
}

/// What a new version makes of a release.
#[derive(Clone, Debug, PartialEq)]
pub enum Replayed {
    /// The same objects.
    Unchanged,
    /// These objects.
    Changed(Box<ResourceSet>),
    /// It needs a right that the entry does not have.
    NeedsConsent {
        /// The code of the refusal.
        code: Code,
        /// Which one.
        why: String,
    },
    /// It sets a field otherwise than another plugin.
    Conflict {
        /// The code of the refusal.
        code: Code,
        /// Which one.
        why: String,
    },
    /// A render would fail.
    Fails {
        /// The code of the failure.
        code: Code,
        /// Why.
        why: String,
    },
    /// It cannot be said.
    Unknown {
        /// Why.
        why: String,
    },
}

/// The version whose impact is asked for.
#[derive(Debug)]
pub struct Candidate {
    /// What names it: a reference, or a file.
    pub source: String,
    /// The reference, if it is one.
    reference: Option<PluginReference>,
    /// The component's file.
    path: PathBuf,
    /// Digest of its component.
    pub digest: String,
    /// The version that it gives of itself.
    pub version: String,
}

/// Why nothing can be replayed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ImpactError {
    /// The version cannot be had, or is not allowed.
    #[error(transparent)]
    Registry(#[from] RegistryError),
    /// It cannot be used.
    #[error(transparent)]
    Plugin(#[from] PluginError),
    /// Something else is wrong.
    #[error(transparent)]
    Run(#[from] Error),
}

/// Replays releases with another version of a plugin.
#[derive(Debug)]
pub struct Replays<'r> {
    request: &'r Request,
    candidate: Candidate,
    /// The entries that are meant, where it is not those of the candidate's repository.
    name: Option<String>,
    components: Components<'r>,
    facts: Facts,
    /// Whether the candidate used up a budget: it would do so again and again.
    exhausted: AtomicBool,
}

impl<'r> Replays<'r> {
    /// Gets the version that a source names. `name`: the entries that are meant; omitted, those of the source's repository.
    /// `files`: components of releases that came from no registry.
    ///
    /// # Errors
    /// A version that cannot be had, that is not allowed, or that is not a plugin; facts and files that are not valid.
    pub fn new(
        request: &'r Request,
        source: &str,
        name: Option<&str>,
        files: &[PathBuf],
    ) -> Result<Self, ImpactError> {
        let engine =
            Engine::new(Allocation::OnDemand, request.compiler.clone()).map_err(Error::Engine)?;
        let (facts, told) = load_facts(&request.facts);
        if told.has_errors() {
            let findings = told.findings.clone();
            return Err(Error::Input(InvalidInput { findings, texts: Texts(vec![told]) }).into());
        }
        let components = Components::new(request, engine);
        components.add_files(files)?;
        let (candidate, plugin) = find(request, &components, source)?;
        components.add(&candidate.path, Arc::new(plugin));
        Ok(Self {
            request,
            candidate,
            name: name.map(str::to_owned),
            components,
            facts: Facts::new(&facts),
            exhausted: AtomicBool::new(false),
        })
    }

    /// The version whose impact is asked for.
    pub fn candidate(&self) -> &Candidate {
        &self.candidate
    }

    /// Takes the components of a run, so that its releases can be replayed.
    pub fn know(&self, run: &Run) {
        for plugin in &run.plugins {
            self.components.know(plugin.digest.clone(), plugin.path.clone());
        }
    }

    /// Whether an entry of a chain would run the version.
    pub fn concerns(&self, entry: &ChainEntry) -> bool {
        match (&self.name, &self.candidate.reference) {
            (Some(name), _) => entry.entry.name.as_str() == name,
            (None, Some(reference)) => {
                let source = entry.entry.source.parse::<PluginReference>();
                source.is_ok_and(|it| it.name() == reference.name())
            }
            (None, None) => false,
        }
    }

    /// What names the plugin whose releases are looked at.
    pub fn subject(&self) -> String {
        match (&self.name, &self.candidate.reference) {
            (Some(name), _) => name.clone(),
            (None, Some(reference)) => reference.name(),
            (None, None) => self.candidate.source.clone(),
        }
    }
}

/// The candidate of a source.
fn find(
    request: &Request,
    components: &Components<'_>,
    source: &str,
) -> Result<(Candidate, Plugin), ImpactError> {
    let reference = PluginReference::is_meant(source)
        .then(|| source.parse::<PluginReference>())
        .transpose()
        .map_err(|wrong| RegistryError {
            code: Code::InvalidReference,
            message: wrong.to_string(),
            hint: wrong.hint,
        })?;
    let (path, digest) = match &reference {
        Some(reference) => {
            let pulled = pull_plugin(&request.distribution, reference)?;
            (pulled.path, Some(pulled.component))
        }
        None => (PathBuf::from(source), None),
    };
    let plugin = components.read(&path, digest.as_ref().map(Digest::as_str))?;
    let version = plugin.description().version.clone();
    if let Some(error) = reference.as_ref().and_then(|it| wrong_version(it, &version)) {
        return Err(error.into());
    }
    let digest = plugin.digest().to_owned();
    let source = reference.as_ref().map_or_else(|| source.to_owned(), ToString::to_string);
    Ok((Candidate { source, reference, path, digest, version }, plugin))
}

impl Run {
    /// Each pipeline as a release that is not applied.
    pub fn releases(&self) -> impl Iterator<Item = Release> + '_ {
        self.sets().enumerate().map(|(at, objects)| {
            let metadata = &self.outcomes[at].pipeline.metadata;
            let namespace = metadata.namespace.as_ref().map_or("", |it| it.as_str()).to_owned();
            let pipeline = PipelineRef { namespace, name: metadata.name.to_string() };
            let mut origin = self.origin(at);
            if origin.base == Value::Null {
                origin = Origin::default();
            }
            Release { pipeline, origin, objects }
        })
    }
}

/// A component that a record names.
fn pinned(entry: &ChainEntry) -> Option<(Digest, Pinned)> {
    let manifest = entry.manifest.clone()?;
    let digest = entry.digest.parse().ok()?;
    Some((manifest, Pinned { digest, size: entry.size? }))
}
