//! What only the sum of a plugin's edits can tell: an item that went and came back, a volume and who
//! mounts it, a container that was not there before.

use std::collections::HashSet;

use serde_json::{Value, json};
use wellhead_spec::draft::{ListKey, list_key};
use wellhead_spec::protected::Touched;
use wellhead_spec::{FieldPath, Segment, protected};

use super::draft::Fields;
use super::violation::Violation;
use super::{REPORTED_VIOLATIONS, Session};
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
        _ => {
            let segments = path.segments();
            let above = segments.len().saturating_sub(1);
            let is_item = || list_key(&segments[..above]) != ListKey::Index;
            // A whole list that has keys may lack items that it had.
            list_key(segments) != ListKey::Index || (new.is_none() && is_item())
        }
    }
}

impl Session {
    /// Notes the protected fields that the edits changed in sum.
    pub(super) fn judge_whole(&mut self, before: &Value) {
        for Touched { path, why } in protected::changed(before, self.draft.draft()) {
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
            let added: Vec<_> = names(self.draft.draft(), list)
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
        if self.draft.put(&path, value.clone()) {
            let reason = Some(COMPLETES.into());
            let write = Write { reason, completes: true, ..Write::of(writer, path, Some(value)) };
            self.provenance.writes.push(write);
        }
    }
}

pub(super) fn names<'v>(draft: &'v Value, list: &str) -> impl Iterator<Item = &'v str> {
    let items = draft.get(list).and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    items.iter().filter_map(|it| it.get("name")?.as_str())
}

/// The fields that a container lacks for the restricted profile, with their values.
fn missing(fields: &Fields, container: &FieldPath) -> Vec<(FieldPath, Value)> {
    let at = container.key("securityContext");
    let draft = fields.draft();
    let own = |pointer: &str| fields.get(&at).and_then(|it| it.pointer(pointer));
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
