//! One release: as it was, and with the new component.

use std::sync::atomic::Ordering;

use wellhead_chain::{Chain, Entry, Fault, PluginError, Violation};
use wellhead_cluster::ChainEntry;
use wellhead_render::ResourceSet;
use wellhead_spec::{Finding, Pipeline, PluginEntry, in_code};

use super::{Release, Replayed, Replays};
use crate::distribution::refusals;
use crate::taking::render;

/// Most characters of what is said of a release.
const SAID: usize = 1_000;
/// Most characters of a name in it.
const NAME: usize = 200;

impl Replays<'_> {
    /// What the candidate makes of a release. `None` where no entry of the release would run it.
    pub fn replay(&self, release: &Release) -> Option<Replayed> {
        let Release { origin, objects, .. } = release;
        if !origin.chain.iter().any(|it| self.concerns(it)) {
            return None;
        }
        let base = match Pipeline::from_draft(origin.base.clone()) {
            Ok(base) => base,
            Err(findings) => return Some(unknown(unreadable(&findings))),
        };
        let replayed = self.as_it_was(&base, &origin.chain, objects).and_then(|()| {
            if self.exhausted.load(Ordering::Relaxed) {
                return Err(
                    "the plugin used up a budget in another release, and was not run again"
                        .to_owned(),
                );
            }
            Ok(self.with_candidate(&base, &origin.chain, objects))
        });
        Some(replayed.unwrap_or_else(unknown))
    }

    /// Whether the chain gives the recorded objects once more.
    fn as_it_was(
        &self,
        base: &Pipeline,
        chain: &[ChainEntry],
        objects: &ResourceSet,
    ) -> Result<(), String> {
        let mut entries = Vec::with_capacity(chain.len());
        for one in chain {
            let plugin = self.components.get(one)?;
            let entry = Entry::new(&one.entry, &one.customization, plugin);
            let entry = entry.map_err(|error| error.to_string())?.with_facts(&self.facts);
            if entry.facts_digest() != one.facts_digest.as_deref() {
                let name = in_code(one.entry.name.as_str(), NAME);
                return Err(format!("plugin {name} got other facts than those that are given"));
            }
            entries.push(entry);
        }
        let outcome = Chain::new(entries).observe(base);
        let outcome = outcome.map_err(|failure| {
            let why = failure.errors.first().map(ToString::to_string).unwrap_or_default();
            format!("the recorded chain fails now: {why}")
        })?;
        if same(&render(&outcome.pipeline, &[]), objects) {
            Ok(())
        } else {
            Err("the recorded chain does not give the recorded objects again: another version of Wellhead or `--take` made them".to_owned())
        }
    }

    fn with_candidate(
        &self,
        base: &Pipeline,
        chain: &[ChainEntry],
        objects: &ResourceSet,
    ) -> Replayed {
        let mut entries = Vec::with_capacity(chain.len());
        for one in chain {
            let prepared = if self.concerns(one) { self.upgraded(one) } else { self.kept(one) };
            match prepared {
                Ok(entry) => entries.push(entry.with_facts(&self.facts)),
                Err(replayed) => return replayed,
            }
        }
        match Chain::new(entries).observe(base) {
            Ok(outcome) => {
                let after = render(&outcome.pipeline, &[]);
                if same(&after, objects) {
                    Replayed::Unchanged
                } else {
                    Replayed::Changed(Box::new(after))
                }
            }
            Err(failure) => {
                let costly = |it: &PluginError| matches!(it.fault, Fault::OverBudget { .. });
                if failure.errors.iter().any(costly) {
                    self.exhausted.store(true, Ordering::Relaxed);
                }
                failure.errors.first().map_or_else(|| unknown(String::new()), of_error)
            }
        }
    }

    /// An entry that runs what it ran.
    fn kept(&self, one: &ChainEntry) -> Result<Entry, Replayed> {
        let plugin = self.components.get(one).map_err(unknown)?;
        Entry::new(&one.entry, &one.customization, plugin).map_err(|error| of_error(&error))
    }

    /// An entry that runs the candidate, with the rights that it has.
    fn upgraded(&self, one: &ChainEntry) -> Result<Entry, Replayed> {
        let candidate = &self.candidate;
        let source = candidate.source.clone();
        let digest = one.entry.digest.as_ref().map(|_| candidate.digest.clone());
        let entry = PluginEntry { source, digest, ..one.entry.clone() };
        let refused = refusals(&self.request.distribution, &entry, candidate.reference.as_ref());
        if let Some(Finding { code, message, .. }) = refused.into_iter().next() {
            return Err(Replayed::Fails { code, why: message });
        }
        let path = candidate.path.clone();
        let plugin = self.components.get_by(&candidate.digest, &entry.limits, || Ok(path));
        let plugin = plugin.map_err(unknown)?;
        Entry::new(&entry, &one.customization, plugin).map_err(|error| of_error(&error))
    }
}

/// Whether two sets say the same. What is written decides, as it does for the digest of a record.
fn same(one: &ResourceSet, other: &ResourceSet) -> bool {
    let text = |set: &ResourceSet| serde_json::to_vec(set).ok();
    one == other || text(one).is_some_and(|it| Some(it) == text(other))
}

fn unknown(why: String) -> Replayed {
    Replayed::Unknown { why }
}

fn unreadable(findings: &[Finding]) -> String {
    let first = findings.first().map(|it| format!(": {}: {}", it.path, it.message));
    format!("this version of Wellhead cannot read its base{}", first.unwrap_or_default())
}

/// What a failure of a chain means.
fn of_error(error: &PluginError) -> Replayed {
    let mut why = error.to_string();
    for cause in error.fault.causes() {
        why += "; ";
        why += &cause;
    }
    let why = wellhead_spec::sanitize(&why, SAID);
    let code = error.fault.code();
    let Fault::Forbidden { violations } = &error.fault else {
        return Replayed::Fails { code, why };
    };
    match violations.first() {
        Some(Violation::Conflict { .. }) => Replayed::Conflict { code, why },
        Some(
            Violation::Denied { .. }
            | Violation::Protected { .. }
            | Violation::UngrantedFact { .. },
        ) => Replayed::NeedsConsent { code, why },
        _ => Replayed::Fails { code, why },
    }
}
