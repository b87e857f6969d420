//! What only the sum of a plugin's edits can tell: an item that went and came back, a volume and who
//! mounts it, a container that was not there before.

use std::collections::HashSet;

use serde_json::{Value, json};
use wellhead_spec::draft::{ListKey, get, list_key};
use wellhead_spec::mount_path::overlap;
use wellhead_spec::protected::{self, Touched};
use wellhead_spec::{FieldPath, Segment};

use super::{REPORTED_VIOLATIONS, Session, Violation, matches_any, shown};
use crate::draft;
use crate::provenance::Write;

/// Why the host gives fields to a container that a plugin added.
pub(crate) const COMPLETES: &str =
    "Wellhead: an added container gets the restricted Pod Security profile";

/// Whether an edit by itself does not tell what it comes to. Most edits do, and cost no copy of the draft.
pub(super) fn decides(path: &FieldPath, new: Option<&Value>) -> bool {
    let mut names = [""; 3];
    for (name, segment) in names.iter_mut().zip(path.segments()) {
        if let Segment::Key(key) = segment {
            *name = key;
        }
    }
    let [list, _, field] = names;
    match (list, path.segments().len()) {
        (_, 0) | ("volumes", _) | ("containers" | "initContainers" | "claims", 1 | 2) => true,
        ("containers" | "initContainers", _)
            if matches!(field, "volumeMounts" | "volumeDevices") =>
        {
            true
        }
        ("claims", _) if field == "mountPath" => true,
        _ => new.is_none() && is_item(path),
    }
}

/// Whether a path names an item of a list that has keys, or a whole list.
fn is_item(path: &FieldPath) -> bool {
    let segments = path.segments();
    let above = segments.len().saturating_sub(1);
    list_key(&segments[..above]) != ListKey::Index || list_key(segments) != ListKey::Index
}

/// Whether an edit at `path` mounts something at, above or below the mount that another plugin made.
pub(super) fn covers(path: &FieldPath, theirs: &FieldPath, left: Option<&Value>) -> bool {
    let mount = |path: &FieldPath| match path.segments() {
        [list, container, Segment::Key(field), Segment::Key(place)] if field == "volumeMounts" => {
            Some((list.clone(), container.clone(), place.clone()))
        }
        _ => None,
    };
    let (Some(ours), Some(theirs), Some(_)) = (mount(path), mount(theirs), left) else {
        return false;
    };
    (ours.0, ours.1) == (theirs.0, theirs.1) && overlap(&ours.2, &theirs.2)
}

impl Session {
    /// The earlier plugin's edit that this one would undo, if it may not.
    pub(super) fn conflict(
        &self,
        path: &FieldPath,
        exists: bool,
        new: Option<&Value>,
    ) -> Option<Violation> {
        if matches_any(&self.rights.overrides, path) {
            return None;
        }
        let this = self.provenance.writers.len() - 1;
        let mut completed = false;
        let earlier = self.provenance.writes.iter().rev().find(|write| {
            if write.writer == this {
                return false;
            }
            if write.completes {
                // What the host completed, no plugin decided.
                completed |= path.contains(&write.path) || write.path.contains(path);
                return false;
            }
            // An item that another plugin added may get fields that it does not have yet.
            path.contains(&write.path)
                || (exists && !completed && write.path.contains(path))
                || (new.is_some() && covers(path, &write.path, write.new.as_ref()))
        })?;
        Some(Violation::Conflict {
            path: path.clone(),
            earlier: self.provenance.writers[earlier.writer].name.clone(),
            theirs: shown(path, get(&self.draft, path)),
            ours: shown(path, new),
        })
    }

    /// Notes the protected fields that the edits changed in sum.
    pub(super) fn judge_whole(&mut self, before: &Value) {
        for Touched { path, why } in protected::changed(before, &self.draft) {
            if self.opened(&path) || self.told(&path) {
                continue;
            }
            if self.violations.len() < REPORTED_VIOLATIONS {
                self.violations.push(Violation::Protected { path, why });
            }
        }
    }

    /// Whether an edit of this field was refused already.
    fn told(&self, path: &FieldPath) -> bool {
        self.violations
            .iter()
            .any(|it| matches!(it, Violation::Protected { path: at, .. } if at == path))
    }

    /// Gives what the restricted profile asks for to the containers that were not there before, but for
    /// what the entry opens and what the pod has for all of them.
    /// <https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted>
    pub(super) fn complete_added(&mut self, before: &Value) {
        for list in ["containers", "initContainers"] {
            let had: HashSet<&str> = names(before, list).collect();
            let added: Vec<_> = names(&self.draft, list)
                .filter(|name| !had.contains(name))
                .map(|name| FieldPath::of([list, name]))
                .collect();
            for container in added {
                for (path, value) in missing(&self.draft, &container) {
                    if !self.opened(&path) {
                        self.complete(path, value);
                    }
                }
            }
        }
    }

    fn complete(&mut self, path: FieldPath, value: Value) {
        let writer = self.provenance.writers.len() - 1;
        if draft::put(&mut self.draft, &path, value.clone()) {
            let reason = Some(COMPLETES.into());
            let new = Some(value);
            self.provenance.writes.push(Write { path, writer, new, reason, completes: true });
        }
    }
}

fn names<'v>(draft: &'v Value, list: &str) -> impl Iterator<Item = &'v str> {
    let items = draft.get(list).and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    items.iter().filter_map(|it| it.get("name")?.as_str())
}

/// The fields that a container lacks for the restricted profile, with their values.
fn missing(draft: &Value, container: &FieldPath) -> Vec<(FieldPath, Value)> {
    let at = container.key("securityContext");
    let own = |pointer: &str| draft::find(draft, &at).0.and_then(|it| it.pointer(pointer));
    let pod = |pointer: &str| draft.get("securityContext").and_then(|it| it.pointer(pointer));
    let is = |value: Option<&Value>, other: Value| value == Some(&other);
    let mut missing = Vec::new();
    // A container that is made root on purpose, which is protected, could not start otherwise.
    let root = is(own("/runAsUser").or_else(|| pod("/runAsUser")), json!(0));
    if !root && own("/runAsNonRoot").is_none() && !is(pod("/runAsNonRoot"), json!(true)) {
        missing.push((at.key("runAsNonRoot"), json!(true)));
    }
    // Windows has none of the others.
    if is(draft.pointer("/os/name"), json!("windows")) {
        return missing;
    }
    let adds = |name: &str| {
        let added = own("/capabilities/add").and_then(Value::as_array);
        added.is_some_and(|it| it.iter().any(|it| it == name))
    };
    // Kubernetes takes `false` beside neither of these, which are protected.
    let all_rights =
        is(own("/privileged"), json!(true)) || adds("SYS_ADMIN") || adds("CAP_SYS_ADMIN");
    if !all_rights && own("/allowPrivilegeEscalation").is_none() {
        missing.push((at.key("allowPrivilegeEscalation"), json!(false)));
    }
    let dropped = own("/capabilities/drop").and_then(Value::as_array);
    if !dropped.is_some_and(|it| it.iter().any(|it| it == "ALL")) {
        missing.push((at.key("capabilities").then("drop"), json!(["ALL"])));
    }
    let confined =
        |value: Option<&Value>| value.is_some_and(|it| it == "RuntimeDefault" || it == "Localhost");
    if own("/seccompProfile/type").is_none() && !confined(pod("/seccompProfile/type")) {
        missing.push((at.key("seccompProfile").then("type"), json!("RuntimeDefault")));
    }
    missing
}
