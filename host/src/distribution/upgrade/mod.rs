//! Other versions of plugins: which there are, and what customizations and locks become with them.

mod catalog;
mod edit;
pub(super) mod outdated;
pub(crate) mod versions;

use std::collections::BTreeMap;
use std::path::PathBuf;

use wellhead_diagnostics::Code;
use wellhead_registry::RegistryError;
use wellhead_spec::{
    Customization, Finding, Loaded, Located, Lock, PluginEntry, PluginReference, Source, load_on,
};

use super::draft::{LockDraft, draft_given};
use super::policy::{at_source, entry_path};
use super::resolve::of_registry;
use crate::error::{Error, InvalidInput, Texts};
use crate::request::Request;
use catalog::{Catalog, Found};
use edit::Edits;

pub use edit::EditedFile;

/// Which version a plugin gets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UpgradeTarget {
    /// The newest that is compatible.
    Compatible,
    /// The newest.
    Newest,
    /// This one.
    Version(String),
}

/// What customizations and locks become by an upgrade. Nothing is written.
#[derive(Debug)]
pub struct UpgradeDraft {
    /// Each entry that gets another version.
    pub edits: Vec<SourceEdit>,
    /// Each entry that was asked for, and whose plugin comes from a registry: `CUSTOMIZATION/ENTRY`.
    pub entries: Vec<String>,
    /// The customizations, where they change.
    pub files: Vec<EditedFile>,
    /// The locks of all customizations, whether they change or not.
    pub locks: Vec<LockDraft>,
}

/// An entry that gets another version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceEdit {
    /// `CUSTOMIZATION/ENTRY`.
    pub entry: String,
    /// The file of the customization.
    pub file: PathBuf,
    /// The line of its source.
    pub line: usize,
    /// The source now.
    pub from: String,
    /// The source then.
    pub to: String,
}

impl UpgradeDraft {
    /// What has to be written, in this order: path and text. After each of them, every entry runs a plugin that its lock has,
    /// so that a process may end in between: the locks have both versions until the customizations have the new one.
    pub fn writes(&self) -> Vec<(PathBuf, String)> {
        let both = self.locks.iter().filter(|it| !self.files.is_empty() && it.path.exists());
        let both = both.map(|draft| {
            let mut plugins = draft.lock.plugins.clone();
            let is_gone = |it: &&_| !draft.lock.plugins.iter().any(|new| same(new, it));
            plugins.extend(draft.old.plugins.iter().filter(is_gone).cloned());
            (draft.path.clone(), Lock { plugins }.to_yaml())
        });
        let files = self.files.iter().map(|it| (it.path.clone(), it.after.clone()));
        let locks = self.locks.iter().filter(|it| it.changed);
        let locks = locks.map(|it| (it.path.clone(), it.lock.to_yaml()));
        both.chain(files).chain(locks).collect()
    }
}

fn same(one: &wellhead_spec::LockedPlugin, other: &wellhead_spec::LockedPlugin) -> bool {
    one.source == other.source
}

/// The entries that run a plugin of a registry: positions of customization and entry, and the reference.
fn entries(
    customizations: &[Located<Customization>],
) -> impl Iterator<Item = ((usize, usize), PluginReference)> {
    customizations.iter().enumerate().flat_map(|(at, customization)| {
        let entries = customization.spec.plugins.iter().enumerate();
        entries.filter_map(move |(index, entry)| Some(((at, index), entry.source.parse().ok()?)))
    })
}

/// What customizations and locks become where entries of these names (all, where none is given) run another version.
///
/// # Errors
/// Customizations or locks that are not valid, versions that the trust policy does not allow or that cannot be had, and sources
/// that cannot be edited in place.
pub fn draft_upgrade(
    request: &Request,
    names: &[String],
    target: &UpgradeTarget,
) -> Result<UpgradeDraft, Error> {
    let loaded = load(request, &request.customizations)?;
    let customizations = &loaded.customizations;
    let mut catalog = Catalog::new(&request.distribution);
    let mut targets = BTreeMap::<PluginReference, Option<Target>>::new();
    let (mut findings, mut edits, mut known) = (Vec::new(), Vec::new(), Vec::new());
    let mut texts = Edits::default();
    for ((at, index), source) in entries(customizations) {
        let customization = &customizations[at];
        let entry = &customization.spec.plugins[index];
        let name = format!("{}/{}", customization.metadata.name, entry.name);
        let is_meant = |it: &String| *it == name || *it == entry.name.as_str();
        if !names.is_empty() && !names.iter().any(is_meant) {
            continue;
        }
        known.push(name.clone());
        if !targets.contains_key(&source) {
            match find(&mut catalog, &source, target) {
                Ok(found) => drop(targets.insert(source.clone(), found)),
                Err(error) => {
                    findings.push(customization.locate(of_registry(entry, error)));
                    targets.insert(source.clone(), None);
                }
            }
        }
        let Some(Some(target)) = targets.get(&source) else { continue };
        let Some(to) = edit(&mut texts, customization, entry, (&source, target)) else {
            findings.push(customization.locate(not_editable(entry, &source, target)));
            continue;
        };
        let place = customization.nearest(&entry_path(entry).key("source"));
        let from = entry.source.clone();
        let file = customization.file().to_path_buf();
        edits.push(SourceEdit { entry: name, file, line: place.line, from, to });
    }
    let fails = |findings: Vec<Finding>, loaded: Loaded| {
        Error::Input(InvalidInput { findings, texts: Texts(vec![loaded.emptied()]) })
    };
    if !findings.is_empty() {
        return Err(fails(findings, loaded));
    }
    let files = texts.files();
    let after: Vec<Source> = sources(customizations, &files);
    let edited = Request { customizations: after, ..request.clone() };
    let again = load(&edited, &edited.customizations)?;
    if let Some(wrong) = differing(customizations, &again.customizations, &edits) {
        return Err(fails(vec![wrong], loaded));
    }
    let locks = draft_given(&edited, &request.customizations)?;
    Ok(UpgradeDraft { edits, entries: known, files, locks })
}

fn load(request: &Request, sources: &[Source]) -> Result<Loaded, Error> {
    let loaded = load_on::<wellhead_spec::Pipeline>(request.threads(), sources);
    if loaded.has_errors() {
        let findings = loaded.findings.clone();
        return Err(Error::Input(InvalidInput { findings, texts: Texts(vec![loaded]) }));
    }
    Ok(loaded)
}

/// A version that an entry gets.
struct Target {
    tag: String,
    found: Found,
}

/// The version that a plugin gets; `None` where it has it.
fn find(
    catalog: &mut Catalog<'_>,
    source: &PluginReference,
    target: &UpgradeTarget,
) -> Result<Option<Target>, RegistryError> {
    let tag = match target {
        UpgradeTarget::Version(tag) => Some(tag.clone()),
        UpgradeTarget::Newest | UpgradeTarget::Compatible => {
            let newer = catalog.newer(source)?.unwrap_or_default();
            let all = *target == UpgradeTarget::Newest;
            let wanted = newer.iter().filter(|it| all || it.compatible);
            catalog.allowed(source, wanted)?.0.map(|it| it.tag.clone())
        }
    };
    let Some(tag) = tag.filter(|it| source.tag() != Some(it)) else { return Ok(None) };
    let found = catalog.find(&source.at_tag(&tag))?;
    Ok(Some(Target { tag, found }))
}

/// Notes what an entry becomes, and returns its source. `None` where it cannot be edited in place.
fn edit(
    texts: &mut Edits,
    customization: &Located<Customization>,
    entry: &PluginEntry,
    (source, target): (&PluginReference, &Target),
) -> Option<String> {
    let to = with_tag(&entry.source, source, target)?;
    let at = entry_path(entry);
    texts.replace(customization, &at.key("source"), [&entry.source, &to])?;
    if let Some(old) = &entry.digest {
        let new = target.found.component.as_str();
        texts.replace(customization, &at.key("digest"), [old, new])?;
    }
    Some(to)
}

/// A source as it is written, with another version: the rest keeps its spelling.
fn with_tag(written: &str, source: &PluginReference, target: &Target) -> Option<String> {
    let Target { tag, found } = target;
    let (tagged, digest) = written.split_once('@').map_or((written, None), |it| (it.0, Some(it.1)));
    let stem = match source.tag() {
        Some(old) => tagged.strip_suffix(old)?.strip_suffix(':')?,
        None => tagged,
    };
    Some(match digest {
        None => format!("{stem}:{tag}"),
        Some(_) => format!("{stem}:{tag}@{}", found.manifest),
    })
}

fn not_editable(entry: &PluginEntry, source: &PluginReference, target: &Target) -> Finding {
    let to = source.at_tag(&target.tag);
    let message = "the source cannot be edited in place: the file spells it with escapes, over several lines, or as an alias";
    at_source(Code::NotEditable, entry, message.to_owned())
        .hint(format!("write `source: {to}` and run `wellhead lock`"))
}

/// Every customization with the files that are edited, as texts.
fn sources(customizations: &[Located<Customization>], files: &[EditedFile]) -> Vec<Source> {
    let mut sources: Vec<Source> = Vec::new();
    let mut seen = Vec::new();
    for customization in customizations {
        let path = customization.file();
        if seen.contains(&path) {
            continue;
        }
        seen.push(path);
        let edited = files.iter().find(|it| it.path == **path);
        let text = edited.map_or_else(|| customization.text().to_string(), |it| it.after.clone());
        sources.push(Source::Text { name: path.to_path_buf(), text });
    }
    sources
}

/// What the edits changed beside what they were to change, if anything: an anchor that several entries refer to, say.
fn differing(
    before: &[Located<Customization>],
    after: &[Located<Customization>],
    edits: &[SourceEdit],
) -> Option<Finding> {
    for (customization, new) in before.iter().zip(after) {
        for (entry, new) in customization.spec.plugins.iter().zip(&new.spec.plugins) {
            let name = format!("{}/{}", customization.metadata.name, entry.name);
            let edit = edits.iter().find(|it| it.entry == name);
            let source = edit.map_or(&entry.source, |it| &it.to);
            let digest = if edit.is_some() { &new.digest } else { &entry.digest };
            let wanted =
                PluginEntry { source: source.clone(), digest: digest.clone(), ..entry.clone() };
            if wanted != *new {
                let message =
                    "another entry would change, too: it refers to the same text by an alias";
                let finding = at_source(Code::NotEditable, entry, message.to_owned());
                return Some(customization.locate(finding.hint(
                    "upgrade all entries that share it, or write the source of each entry out",
                )));
            }
        }
    }
    None
}
