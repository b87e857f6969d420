//! The fields of a StatefulSet that Kubernetes never changes after creation.
//! <https://github.com/kubernetes/kubernetes/blob/v1.36.3/pkg/apis/apps/validation/validation.go>

use serde_json::Value;

use crate::error::Problem;
use crate::json;
use crate::object::ObjectRef;
use crate::quantity::amount;

/// Pointer, name, and the server's default where it has one.
const FIELDS: [(&str, &str, Option<&str>); 3] = [
    ("/spec/serviceName", ".spec.serviceName", None),
    ("/spec/podManagementPolicy", ".spec.podManagementPolicy", Some("OrderedReady")),
    ("/spec/selector", ".spec.selector", None),
];

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
        let (was, is) = (shown(&self.live), shown(&self.wanted));
        let what = format!("{} of {object} cannot change from {was} to {is}", self.field);
        Problem::new("WH0201", what)
            .on(object)
            .field(self.field)
            .why("Kubernetes fixes this field when a StatefulSet is created")
            .hint(format!("put {was} back, or give the pipeline another name"))
    }
}

/// Every immutable field that differs. What will be applied gets the live values, so that the server
/// can be asked about everything else.
pub(crate) fn keep(wanted: &mut Value, live: &Value) -> Vec<Fixed> {
    let mut differing = Vec::new();
    for (pointer, field, default) in FIELDS {
        let default = default.map(Value::from);
        let new = wanted.pointer(pointer).cloned().or_else(|| default.clone()).unwrap_or_default();
        let old = live.pointer(pointer).cloned().or(default).unwrap_or_default();
        if old != new {
            let name = pointer.rsplit('/').next().unwrap_or_default();
            wanted["spec"][name] = old.clone();
            differing.push(Fixed { pointer, field, live: old, wanted: new });
        }
    }
    differing
}

fn shown(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), |text| format!("\"{text}\""))
}

/// Puts the live claim templates into what will be applied, and says when they differ.
///
/// Templates only serve replicas that something other than Wellhead adds; the claims of our own replicas are applied
/// one by one. So a template that cannot change is no reason to refuse.
pub(crate) fn keep_templates(
    object: &ObjectRef,
    wanted: &mut Value,
    live: &Value,
) -> Option<Problem> {
    let new = json::items(wanted, "/spec/volumeClaimTemplates");
    let old = json::items(live, "/spec/volumeClaimTemplates");
    let names = differing_templates(new, old);
    let kept = Value::from(old);
    let spec = wanted.get_mut("spec")?.as_object_mut()?;
    if old.is_empty() {
        spec.remove("volumeClaimTemplates");
    } else {
        spec.insert("volumeClaimTemplates".to_owned(), kept);
    }
    (!names.is_empty()).then(|| {
        let what = format!("the claim templates of {object} stay as they are: {}", names.join(", "));
        Problem::new("WH0201", what)
            .on(object)
            .field(".spec.volumeClaimTemplates")
            .why("Kubernetes fixes them when a StatefulSet is created; the claims of this pipeline are applied as asked")
            .hint("only replicas that something else adds, such as an autoscaler, still use the old templates")
    })
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

    use super::{keep, keep_templates};
    use crate::object::{Kind, ObjectRef};

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
        assert_eq!(problem.field.as_deref(), Some(".spec.serviceName"));
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
        let warning = keep_templates(&object(), &mut wanted, &live).expect("sizes differ");
        assert!(warning.what.ends_with(": data"), "{}", warning.what);
        assert_eq!(wanted["spec"]["volumeClaimTemplates"], live["spec"]["volumeClaimTemplates"]);
    }

    #[test]
    fn another_spelling_of_a_size_is_no_difference() {
        let live = stateful_set("1Gi");
        assert_eq!(keep_templates(&object(), &mut stateful_set("1024Mi"), &live), None);
    }
}
