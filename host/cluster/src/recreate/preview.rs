//! Asking the server about a new StatefulSet before the old one is touched.

use serde_json::{Map, Value};

use crate::api::call::Mode;
use crate::api::client::Client;
use crate::api::failure::Failure;
use crate::api::warning::Heard;
use crate::decide::immutable::{Fixed, SELECTOR};
use crate::decide::leftover::take;
use crate::decide::plan::{Settled, Step};
use crate::model::error::Problem;
use crate::model::json;
use crate::model::json::TEMPLATES;
use crate::model::object::ObjectRef;
use crate::store::handover::{Replacement, without_server_fields};

/// The longest name of a StatefulSet, by the label `controller-revision-hash` of its pods: 63 − 1 − 10.
/// <https://github.com/kubernetes/kubernetes/issues/64023>
pub(crate) const LONGEST_NAME: usize = 52;

/// Characters of a uid that make a name unlike any other.
pub(crate) const SUFFIX_LENGTH: usize = 8;

/// What the server said of a StatefulSet that takes the place of another.
pub(crate) enum Preview {
    /// It would be stored like this. With the whole object to create, where other managers set fields of the one that
    /// exists.
    Stored { stored: Value, full: Option<Value> },
    /// It cannot be created.
    Refused(Box<Problem>),
}

/// Asks the server about the new object before the old one is touched: nothing is worse than pods whose StatefulSet is
/// gone and cannot come back. `updated` is what it would store of everything but the immutable fields.
///
/// While the old object is there, the server can only be asked about one of another name.
pub(crate) async fn preview(
    client: &Client<'_>,
    step: &Step<Settled>,
    replaced: Replaced<'_>,
    updated: Option<Value>,
) -> Option<Preview> {
    let aside = Heard::default();
    let preview = ask(&Client { heard: Some(&aside), ..*client }, step, replaced, updated).await;
    if let Some(heard) = client.heard {
        aside.pass_on(heard, &step.object);
    }
    preview
}

/// A StatefulSet that exists, and what is to be created in its place.
#[derive(Clone, Copy)]
pub(crate) struct Replaced<'s> {
    pub(crate) live: &'s Value,
    pub(crate) replacement: &'s Replacement,
    /// Whether that will be done. Otherwise it is only shown.
    pub(crate) is_done: bool,
}

/// None where it is known already that the object cannot be updated, which is reported.
async fn ask(
    client: &Client<'_>,
    step: &Step<Settled>,
    Replaced { live, replacement, is_done }: Replaced<'_>,
    updated: Option<Value>,
) -> Option<Preview> {
    let refused = |failure: Failure| {
        Some(Preview::Refused(Box::new(failure.problem("create", &step.object))))
    };
    let dry_run_name = dry_run_name(&step.object, live);
    let body = renamed(&replacement.body, &dry_run_name);
    let stored = match client.apply(&dry_run_name, &body, Mode::DryRun).await {
        Ok(stored) => stored,
        Err(failure) if is_quota(&failure) || !is_done => replacement.body.clone(),
        Err(failure) => return refused(failure),
    };
    let mut full = merge_immutable(updated?, &step.fixed, live, &stored);
    if is_done {
        take::hand_over(step, live, &mut full);
    }
    let mut created = None;
    if is_done && has_foreign_fields(&full, &stored) {
        let body = renamed(&without_server_fields(&full), &dry_run_name);
        match client.try_create(&dry_run_name, &body).await {
            Err(failure) if !is_quota(&failure) => return refused(failure),
            _ => created = Some(full.clone()),
        }
    }
    // What would be ours: the fields that are, and those that only the new object has.
    let fields = json::items(&stored, "/metadata/managedFields");
    if let Some(Value::Array(known)) = full.pointer_mut("/metadata/managedFields") {
        known.extend(fields.iter().cloned());
    }
    Some(Preview::Stored { stored: full, full: created })
}

/// The object that goes uses the quota that the new one needs.
pub(crate) fn is_quota(failure: &Failure) -> bool {
    failure.is_forbidden() && failure.reason().contains("exceeded quota")
}

/// A name that no object has.
pub(crate) fn dry_run_name(object: &ObjectRef, live: &Value) -> ObjectRef {
    let unlike: String = json::uid(live).chars().take(SUFFIX_LENGTH).collect();
    let room = LONGEST_NAME - 1 - SUFFIX_LENGTH;
    let stem: String = object.name.chars().take(room).collect();
    ObjectRef::new(object.kind, &object.namespace, &format!("{stem}-{unlike}"))
}

pub(crate) fn renamed(body: &Value, object: &ObjectRef) -> Value {
    let mut body = body.clone();
    body["metadata"]["name"] = object.name.as_str().into();
    body
}

/// An object with what it could not become by an update.
pub(crate) fn merge_immutable(
    mut updated: Value,
    fixed: &[Fixed],
    live: &Value,
    stored: &Value,
) -> Value {
    for fixed in fixed {
        let name = fixed.pointer.rsplit('/').next().unwrap_or_default();
        let Some(Value::Object(spec)) = updated.get_mut("spec") else { return updated };
        match stored.pointer(fixed.pointer) {
            Some(value) => spec.insert(name.to_owned(), value.clone()),
            None => spec.remove(name),
        };
        match fixed.pointer {
            SELECTOR => merge_labels(&mut updated, live, stored),
            TEMPLATES => merge_mounts(&mut updated, stored),
            _ => {}
        }
    }
    updated
}

/// The template kept the labels of the old selector while the server was asked.
pub(crate) fn merge_labels(updated: &mut Value, live: &Value, stored: &Value) {
    const LABELS: &str = "/spec/template/metadata/labels";
    let Some(Value::Object(labels)) = updated.pointer_mut(LABELS) else { return };
    let kept = live.pointer("/spec/selector/matchLabels").and_then(Value::as_object);
    for key in kept.into_iter().flat_map(Map::keys) {
        labels.remove(key);
    }
    if let Some(Value::Object(new)) = stored.pointer(LABELS) {
        labels.extend(new.clone());
    }
}

/// Mounts of claims by a template that is added were left out while the server was asked.
pub(crate) fn merge_mounts(updated: &mut Value, stored: &Value) {
    for list in ["/spec/template/spec/initContainers", "/spec/template/spec/containers"] {
        let containers = updated.pointer_mut(list).and_then(Value::as_array_mut);
        for container in containers.into_iter().flatten() {
            let same = |it: &&Value| json::name_of(it) == json::name_of(container);
            let Some(new) = json::items(stored, list).iter().find(same) else { continue };
            let mut mounts = json::items(new, "/volumeMounts").to_vec();
            let path = |mount: &Value| json::text(mount, "/mountPath").to_owned();
            let others = json::items(container, "/volumeMounts").iter();
            let others: Vec<_> = others
                .filter(|old| !mounts.iter().any(|new| path(new) == path(old)))
                .cloned()
                .collect();
            mounts.extend(others);
            if let (Some(fields), false) = (container.as_object_mut(), mounts.is_empty()) {
                fields.insert("volumeMounts".to_owned(), mounts.into());
            }
        }
    }
}

/// Whether an object has more than what we would create.
pub(crate) fn has_foreign_fields(full: &Value, stored: &Value) -> bool {
    let parts = ["labels", "annotations", "finalizers", "ownerReferences"];
    full.get("spec") != stored.get("spec")
        || parts.iter().any(|part| full["metadata"].get(part) != stored["metadata"].get(part))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{dry_run_name, has_foreign_fields, merge_immutable};
    use crate::decide::immutable::{Templates, keep, keep_templates};
    use crate::decide::recreation::fixture::{live, object};
    use crate::model::object::{Kind, ObjectRef};
    use crate::store::handover::without_server_fields;

    #[test]
    fn what_could_not_be_updated_is_put_in_and_the_old_labels_go() {
        let live = live();
        let mut wanted = live.clone();
        wanted["spec"]["selector"] = json!({"matchLabels": {"tier": "x"}});
        wanted["spec"]["template"]["metadata"]["labels"] = json!({"tier": "x", "team": "a"});
        let stored = wanted.clone();
        let fixed = keep(&mut wanted, &live);
        assert_eq!(merge_immutable(wanted, &fixed, &live, &stored), stored);
    }

    #[test]
    fn mounts_of_a_new_template_are_put_in_beside_those_of_others() {
        let mount = |name: &str| json!({"name": name, "mountPath": format!("/{name}")});
        let with = |mounts: &[&str]| {
            let mounts: Vec<_> = mounts.iter().map(|name| mount(name)).collect();
            let mut set = live();
            set["spec"]["template"]["spec"] =
                json!({"containers": [{"name": "c", "volumeMounts": mounts}]});
            set
        };
        let live = with(&["data", "injected"]);
        let mut wanted = with(&["cache", "data"]);
        wanted["spec"]["volumeClaimTemplates"] = json!([{"metadata": {"name": "cache"}},
            {"metadata": {"name": "data"}}, {"metadata": {"name": "logs"}}]);
        let stored = wanted.clone();
        let kept = keep_templates(&object(), &mut wanted, &live, false);
        let Templates::Fixed(fixed) = kept else { panic!("one is added") };
        let mounts = "/spec/template/spec/containers/0/volumeMounts";
        assert_eq!(wanted.pointer(mounts), Some(&json!([mount("data")])));
        let full = merge_immutable(live.clone(), &[fixed], &live, &stored);
        let expected = json!([mount("cache"), mount("data"), mount("injected")]);
        assert_eq!(full.pointer(mounts), Some(&expected));
    }

    #[test]
    fn a_field_of_somebody_else_is_carried_over() {
        let stored = live();
        assert!(!has_foreign_fields(&live(), &stored));
        let mut full = live();
        full["spec"]["replicas"] = 5.into();
        assert!(has_foreign_fields(&full, &stored));
        let mut full = live();
        full["metadata"]["annotations"] = json!({"note": "x"});
        assert!(has_foreign_fields(&full, &stored));
        let body = without_server_fields(&full);
        assert_eq!(body["metadata"].get("uid"), None);
        assert_eq!(body.get("status"), None);
        assert_eq!(body["metadata"]["annotations"]["note"], "x");
    }

    #[test]
    fn a_stand_in_is_no_longer_than_a_name_may_be() {
        let object = ObjectRef::new(Kind::StatefulSet, "ns", &"a".repeat(52));
        let name = dry_run_name(&object, &live()).name;
        assert_eq!(name.len(), 52);
        assert!(name.ends_with("-01234567"), "{name}");
    }
}
