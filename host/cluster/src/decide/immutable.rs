//! The fields of a StatefulSet that Kubernetes never changes after creation.
//! <https://github.com/kubernetes/kubernetes/blob/v1.36.3/pkg/apis/apps/validation/validation.go>

use serde_json::Value;
use wellhead_diagnostics::Code;

use crate::model::error::Problem;
use crate::model::json;
use crate::model::json::TEMPLATES;
use crate::model::object::ObjectRef;
use crate::model::quantity::amount;
use crate::model::remedy::Remedy;

/// Pointer, name, and the server's default where it has one.
const FIELDS: [(&str, &str, Option<&str>); 3] = [
    ("/spec/serviceName", "spec.serviceName", Some("")),
    ("/spec/podManagementPolicy", "spec.podManagementPolicy", Some("OrderedReady")),
    (SELECTOR, "spec.selector", None),
];

pub(crate) const SELECTOR: &str = "/spec/selector";
pub(crate) const SERVICE_NAME: &str = "/spec/serviceName";

/// A field that cannot change, and should.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Fixed {
    pub(crate) pointer: &'static str,
    field: &'static str,
    pub(crate) live: Value,
    pub(crate) wanted: Value,
}

impl Fixed {
    /// The server would answer with the list of all fields that may change instead.
    pub(crate) fn problem(&self, object: &ObjectRef) -> Problem {
        if self.pointer == TEMPLATES {
            return self.templates(object);
        }
        let (was, is) = (shown(&self.live), shown(&self.wanted));
        let what = format!("{} of {object} cannot change from {was} to {is}", self.field);
        Problem::new(Code::ImmutableField, what)
            .on(object)
            .field(self.field)
            .why("the field of a StatefulSet is immutable")
            .remedy(Remedy::Recreate { restore: Some(was) })
    }

    fn templates(&self, object: &ObjectRef) -> Problem {
        let changes = [("added", self.added()), ("removed", self.removed())];
        let changes: Vec<_> = changes
            .iter()
            .filter(|(_, names)| !names.is_empty())
            .map(|(what, names)| format!("{what}: {}", names.join(", ")))
            .collect();
        let what = format!("the claim templates of {object} cannot change: {}", changes.join("; "));
        Problem::new(Code::ImmutableField, what)
            .on(object)
            .field(self.field)
            .why("claim templates of a StatefulSet are immutable, and its pods get their volumes from them")
            .remedy(Remedy::Recreate { restore: None })
    }

    /// Names of claim templates that pods which run have no volume of.
    pub(crate) fn added(&self) -> Vec<&str> {
        missing(&self.wanted, &self.live)
    }

    /// Names of claim templates that pods shall have no volume of any more.
    pub(crate) fn removed(&self) -> Vec<&str> {
        missing(&self.live, &self.wanted)
    }
}

/// The names in one list of templates that another has not. No other field is a list.
fn missing<'t>(of: &'t Value, from: &Value) -> Vec<&'t str> {
    let known = json::items(from, "");
    let names = json::items(of, "").iter().map(json::name);
    names.filter(|name| !known.iter().any(|other| json::name(other) == *name)).collect()
}

/// Every immutable field that differs, but for claim templates. What will be applied gets the live values, so that the
/// server can be asked about everything else.
pub(crate) fn keep(wanted: &mut Value, live: &Value) -> Vec<Fixed> {
    let mut differing = Vec::new();
    for (pointer, field, default) in FIELDS {
        let default = default.map(Value::from);
        let new = wanted.pointer(pointer).cloned().or_else(|| default.clone()).unwrap_or_default();
        let old = live.pointer(pointer).cloned().or(default).unwrap_or_default();
        if old != new {
            let name = pointer.rsplit('/').next().unwrap_or_default();
            wanted["spec"][name] = old.clone();
            if pointer == SELECTOR {
                keep_selected(wanted, live);
            }
            differing.push(Fixed { pointer, field, live: old, wanted: new });
        }
    }
    differing
}

/// A template must have the labels that the selector asks for.
fn keep_selected(wanted: &mut Value, live: &Value) {
    let Some(Value::Object(selected)) = live.pointer("/spec/selector/matchLabels") else { return };
    for (key, value) in selected {
        wanted["spec"]["template"]["metadata"]["labels"][key] = value.clone();
    }
}

fn shown(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), |text| format!("\"{text}\""))
}

/// What becomes of claim templates that differ.
#[derive(Debug, PartialEq)]
pub(crate) enum Templates {
    /// They mean the same.
    Same,
    /// The live ones stay, which a user should know.
    Kept(Box<Problem>),
    /// They can only change with a new StatefulSet.
    Fixed(Fixed),
}

/// Puts the live claim templates into what will be applied, and says when they differ.
///
/// The claims of our own replicas are applied one by one, and templates only serve replicas that something other than
/// Wellhead adds. So another size or class of a template is no reason to refuse; one that is added or removed is, for
/// pods get their volumes by them. `may_recreate`: whether a new StatefulSet may be made for any difference.
pub(crate) fn keep_templates(
    object: &ObjectRef,
    wanted: &mut Value,
    live: &Value,
    may_recreate: bool,
) -> Templates {
    let list = |of: &Value| Value::from(json::items(of, TEMPLATES));
    let (new, old) = (list(wanted), list(live));
    let names = differing_templates(json::items(&new, ""), json::items(&old, ""));
    if let Some(spec) = wanted.get_mut("spec").and_then(Value::as_object_mut) {
        if json::items(&old, "").is_empty() {
            spec.remove("volumeClaimTemplates");
        } else {
            spec.insert("volumeClaimTemplates".to_owned(), old.clone());
        }
    }
    if names.is_empty() {
        return Templates::Same;
    }
    let fixed =
        Fixed { pointer: TEMPLATES, field: "spec.volumeClaimTemplates", live: old, wanted: new };
    if may_recreate || !fixed.added().is_empty() || !fixed.removed().is_empty() {
        unmount(wanted, &fixed.added());
        return Templates::Fixed(fixed);
    }
    let what = format!("the claim templates of {object} are kept unchanged: {}", names.join(", "));
    Templates::Kept(Box::new(
        Problem::new(Code::ImmutableField, what)
            .on(object)
            .field("spec.volumeClaimTemplates")
            .why("claim templates of a StatefulSet are immutable; the claims of this pipeline are applied as it sets them")
            .hint("only replicas that something else adds, such as an autoscaler, still use the old templates; `--recreate` changes them, too"),
    ))
}

/// A container can only mount what there is a template of.
fn unmount(wanted: &mut Value, templates: &[&str]) {
    for list in ["initContainers", "containers"] {
        let containers = wanted.pointer_mut(&format!("/spec/template/spec/{list}"));
        for container in containers.and_then(Value::as_array_mut).into_iter().flatten() {
            if let Some(Value::Array(mounts)) = container.get_mut("volumeMounts") {
                mounts.retain(|mount| !templates.contains(&json::name_of(mount)));
            }
        }
    }
}

fn differing_templates(new: &[Value], old: &[Value]) -> Vec<String> {
    let mut names = Vec::new();
    for template in new.iter().chain(old) {
        let name = json::name(template);
        let find =
            |list: &[Value]| list.iter().find(|other| json::name(other) == name).map(comparable);
        if !names.iter().any(|known| known == name) && find(new) != find(old) {
            names.push(name.to_owned());
        }
    }
    names
}

/// A template without what the server adds, with sizes as numbers.
fn comparable(template: &Value) -> Value {
    let mut copy = template.clone();
    if let Some(fields) = copy.as_object_mut() {
        fields.retain(|key, _| key == "metadata" || key == "spec");
    }
    if let Some(metadata) = copy.get_mut("metadata").and_then(Value::as_object_mut) {
        metadata.retain(|key, value| key != "creationTimestamp" && !value.is_null());
    }
    if let Some(spec) = copy.get_mut("spec").and_then(Value::as_object_mut) {
        spec.entry("volumeMode").or_insert_with(|| "Filesystem".into());
    }
    if let Some(Value::Object(requests)) = copy.pointer_mut("/spec/resources/requests") {
        for size in requests.values_mut() {
            if let Some(exact) = size.as_str().and_then(amount) {
                *size = exact.to_string().into();
            }
        }
    }
    copy
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Templates, keep, keep_templates};
    use crate::model::object::{Kind, ObjectRef};

    fn stateful_set(size: &str) -> Value {
        json!({"spec": {
            "serviceName": "db",
            "selector": {"matchLabels": {"app": "db"}},
            "volumeClaimTemplates": [{"metadata": {"name": "data"}, "spec": {
                "accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": size}}}}]}})
    }

    fn object() -> ObjectRef {
        ObjectRef::new(Kind::StatefulSet, "ns", "db")
    }

    #[test]
    fn names_exactly_the_changed_field_with_both_values() {
        let live = stateful_set("1Gi");
        let mut wanted = live.clone();
        wanted["spec"]["serviceName"] = "other".into();
        let fixed = keep(&mut wanted, &live);
        assert_eq!(fixed.len(), 1);
        let problem = fixed[0].problem(&object());
        assert_eq!(problem.field.as_deref(), Some("spec.serviceName"));
        assert!(problem.what.contains("from \"db\" to \"other\""), "{}", problem.what);
        assert_eq!(wanted["spec"]["serviceName"], "db");
    }

    #[test]
    fn a_default_that_is_written_out_is_no_change() {
        let live = stateful_set("1Gi");
        let mut wanted = live.clone();
        wanted["spec"]["podManagementPolicy"] = "OrderedReady".into();
        assert_eq!(keep(&mut wanted, &live), []);
    }

    #[test]
    fn live_templates_stay_and_a_difference_is_told() {
        let mut live = stateful_set("1Gi");
        live["spec"]["volumeClaimTemplates"][0]["status"] = json!({"phase": "Pending"});
        let mut wanted = stateful_set("2Gi");
        let Templates::Kept(warning) = keep_templates(&object(), &mut wanted, &live, false) else {
            panic!("sizes differ");
        };
        assert!(warning.what.ends_with(": data"), "{}", warning.what);
        assert_eq!(wanted["spec"]["volumeClaimTemplates"], live["spec"]["volumeClaimTemplates"]);
    }

    #[test]
    fn another_spelling_of_a_size_is_no_difference() {
        let live = stateful_set("1Gi");
        let mut wanted = stateful_set("1024Mi");
        assert_eq!(keep_templates(&object(), &mut wanted, &live, true), Templates::Same);
    }

    #[test]
    fn a_template_that_is_added_or_removed_needs_a_new_stateful_set() {
        let live = stateful_set("1Gi");
        let mut wanted = live.clone();
        wanted["spec"]["volumeClaimTemplates"][0]["metadata"]["name"] = "cache".into();
        let Templates::Fixed(fixed) = keep_templates(&object(), &mut wanted, &live, false) else {
            panic!("the names differ");
        };
        assert_eq!((fixed.added(), fixed.removed()), (vec!["cache"], vec!["data"]));
        let problem = fixed.problem(&object());
        assert!(problem.what.ends_with("cannot change: added: cache; removed: data"), "{problem}");
        assert_eq!(wanted["spec"]["volumeClaimTemplates"], live["spec"]["volumeClaimTemplates"]);
    }

    #[test]
    fn another_size_needs_a_new_stateful_set_only_where_one_may_be_made() {
        let live = stateful_set("1Gi");
        let kept = keep_templates(&object(), &mut stateful_set("2Gi"), &live, true);
        assert!(matches!(kept, Templates::Fixed(_)), "{kept:?}");
    }

    #[test]
    fn the_server_is_asked_with_the_labels_that_the_old_selector_wants() {
        let live = stateful_set("1Gi");
        let mut wanted = live.clone();
        wanted["spec"]["selector"] = json!({"matchLabels": {"tier": "a"}});
        wanted["spec"]["template"] = json!({"metadata": {"labels": {"tier": "a"}}});
        assert_eq!(keep(&mut wanted, &live).len(), 1);
        let labels = json!({"tier": "a", "app": "db"});
        assert_eq!(wanted["spec"]["template"]["metadata"]["labels"], labels);
    }
}
