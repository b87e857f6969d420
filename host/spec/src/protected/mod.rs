//! Protected fields: what no plugin writes, whatever its grants, unless its entry opens the field by
//! name.
//!
//! A grant such as `**` is a convenience; nobody who writes it means "may run as root on the node".
//! So some fields ask for a second, literal word: `opens` of the entry. [`PROTECTED`] is the whole
//! list. Its paths have two steps more than paths: `*` is the key of any item, `{..}` any key of the
//! named kind.
//!
//! A change is judged by what differs, not by what was called: an edit of a whole container is
//! searched for the protected fields that stand in it. It is judged twice: each edit by itself
//! ([`touched`]), so that a plugin hears of it, and all that a plugin did together ([`changed`]), because
//! edits that are harmless one by one need not be so in sum: an item that is removed and added again is
//! the same item.

mod mounts;
mod reserved;
mod table;
mod tree;
mod unless;

use std::borrow::Cow;

use serde_json::Value;

use crate::path::pattern::{PathPattern, Step};
use crate::{FieldPath, Segment};

pub use table::PROTECTED;
pub use unless::Unless;

/// Fields that are protected for one reason.
#[derive(Clone, Copy, Debug)]
pub struct Protected {
    /// The paths, with `*` for an item and `{..}` for keys of one kind.
    pub fields: &'static [&'static str],
    /// Which changes are ordinary ones nevertheless.
    pub unless: Unless,
    /// Why, as a sentence without a full stop.
    pub why: &'static str,
}

/// A protected field that an edit would change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Touched {
    /// The field.
    pub path: FieldPath,
    /// Why it is protected.
    pub why: Cow<'static, str>,
}

/// The protected fields in which a pipeline differs after a plugin's edits, by path. What a plugin
/// removed and added again counts as changed, and so does a mount that gives a container a protected
/// volume, or takes data from where it is.
pub fn changed(before: &Value, after: &Value) -> Vec<Touched> {
    let mut found = tree::touched(before, &FieldPath::root(), Some(before), Some(after));
    found.extend(mounts::touched(before, after));
    found.sort_by(|one, other| one.path.cmp(&other.path));
    found.dedup_by(|one, other| one.path == other.path);
    found
}

/// The protected fields that setting `path` to `new` (or removing it) would change. `draft` is the
/// pipeline before the edit, `old` the value there.
pub fn touched(
    draft: &Value,
    path: &FieldPath,
    old: Option<&Value>,
    new: Option<&Value>,
) -> Vec<Touched> {
    tree::touched(draft, path, old, new)
}

/// What a pattern in `opens` means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opening {
    /// It opens a protected field.
    Opens,
    /// It has a `*` where a name is expected, or a `**`.
    TooWide,
    /// It names nothing that is protected.
    NotProtected,
}

/// Whether a pattern opens a protected field. It must name the field step for step: `*` stands for
/// the name of an item only (a container, a volume), never for a field or a label.
pub fn opening(pattern: &PathPattern) -> Opening {
    let fields = || tree::fields().iter().map(|(steps, _)| &steps[..]);
    if fields().any(|steps| opens(pattern.steps(), steps, Strictness::ByName)) {
        Opening::Opens
    } else if pattern.steps().contains(&Step::Many)
        || fields().any(|steps| opens(pattern.steps(), steps, Strictness::Loose))
    {
        Opening::TooWide
    } else {
        Opening::NotProtected
    }
}

/// Whether a pattern names fields that are protected against every change. Others are protected
/// against some values only, and are granted like any field.
pub fn is_protected(pattern: &PathPattern) -> bool {
    let always = tree::fields().iter().filter(|(_, it)| it.unless.is_rare());
    always.into_iter().any(|(steps, _)| opens(pattern.steps(), steps, Strictness::ByName))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Strictness {
    ByName,
    Loose,
}

fn opens(pattern: &[Step], field: &[tree::Step], strictness: Strictness) -> bool {
    pattern.len() == field.len()
        && pattern.iter().zip(field).all(|(step, field)| match (step, field) {
            (Step::Many | Step::Added, _) => false,
            (Step::One, tree::Step::Item) => true,
            (Step::One, _) => strictness == Strictness::Loose,
            (Step::Exactly(segment), field) => field.matches(segment),
        })
}

/// Whether a field of a volume is a source that the restricted Pod Security Standard forbids.
/// <https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted>
fn is_node_volume(source: &str) -> bool {
    ![
        "name",
        "configMap",
        "csi",
        "downwardAPI",
        "emptyDir",
        "ephemeral",
        "image",
        "persistentVolumeClaim",
        "projected",
        "secret",
    ]
    .contains(&source)
}

/// Whether a selector of the pipeline looks for a label of the pods.
fn is_selected(draft: &Value, label: &str) -> bool {
    let has = |selector: Option<&Value>| selector.is_some_and(|it| it.get(label).is_some());
    has(draft.get("selector")) || has(draft.get("service").and_then(|it| it.get("selector")))
}

/// The key of a segment.
fn key(segment: &Segment) -> Option<&str> {
    match segment {
        Segment::Key(key) => Some(key),
        Segment::Index(_) => None,
    }
}

#[cfg(test)]
mod tests;
#[cfg(test)]
mod whole_tests;
