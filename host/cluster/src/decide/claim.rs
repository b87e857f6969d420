//! What a claim can become, and what its storage class allows.

use serde_json::Value;
use wellhead_diagnostics::Code;

use crate::managed_fields::owners;
use crate::model::error::Problem;
use crate::model::json;
use crate::model::json::class::HasStorageClass as _;
use crate::model::object::ObjectRef;
use crate::model::quantity::amount;
use crate::model::remedy::Remedy;

/// Fields that never change once a claim exists.
/// <https://kubernetes.io/docs/reference/kubernetes-api/config-and-storage-resources/persistent-volume-claim-v1/>
const FIXED: [&str; 5] = ["accessModes", "volumeMode", "selector", "dataSource", "volumeName"];

/// Every reason why an existing claim cannot become what is wanted.
pub(crate) fn unchangeable(object: &ObjectRef, wanted: &Value, live: &Value) -> Vec<Problem> {
    let mut problems = Vec::new();
    // The one spelling may take the place of the other, with the same class.
    let (new, old) = (wanted.storage_class(), live.storage_class());
    if let Some(new) = new.filter(|new| Some(*new) != old) {
        let (old, new) = (old.map(Value::from), Value::from(new));
        problems.push(fixed(object, live, "spec.storageClassName", old.as_ref(), &new));
    }
    let class = "storageClassName";
    let given_up = FIXED.into_iter().chain((new.is_none()).then_some(class));
    let given_up = given_up.filter(|field| is_given_up(field, wanted, live));
    problems.extend(given_up.map(|field| {
        let (at, old) = (format!("spec.{field}"), &live["spec"][field]);
        fixed(object, live, &at, Some(old), &Value::Null)
    }));
    for field in FIXED {
        let pointer = format!("/spec/{field}");
        let (new, old) = (wanted.pointer(&pointer), live.pointer(&pointer));
        if let Some(new) = new.filter(|new| Some(*new) != old) {
            problems.push(fixed(object, live, &format!("spec.{field}"), old, new));
        }
    }
    let (new, old) = (json::text(wanted, SIZE), json::text(live, SIZE));
    let (Some(wants), Some(has)) = (amount(new), amount(old)) else { return problems };
    if wants != has && !is_bound(live) {
        let (old, new) = (live.pointer(SIZE), &wanted.pointer(SIZE).cloned().unwrap_or_default());
        problems.push(fixed(object, live, "spec.resources.requests.storage", old, new));
    } else if wants < has {
        problems.extend(smaller(object, live, new));
    }
    problems
}

/// Whether nothing else of a claim changes that is fixed.
pub(crate) fn differs_in_class_or_size_alone(wanted: &Value, live: &Value) -> bool {
    FIXED.into_iter().all(|field| {
        let (new, old) = (wanted["spec"].get(field), live["spec"].get(field));
        new.is_none() || new == old
    })
}

/// Whether an apply would take a fixed field away: no other manager owns it, and it is no default of the server.
fn is_given_up(field: &str, wanted: &Value, live: &Value) -> bool {
    let owned = |record: &Value| {
        record.get("f:spec").is_some_and(|it| it.get(format!("f:{field}")).is_some())
    };
    let value = &live["spec"][field];
    wanted["spec"].get(field).is_none()
        && !value.is_null()
        && !(field == "volumeMode" && value == "Filesystem")
        && owned(&owners::ours(live))
        && !owners::records_of_others(live).any(|(_, record)| owned(record))
}

/// An expansion that failed may be taken back, but not all the way: to more than the volume has.
/// <https://kubernetes.io/docs/concepts/storage/persistent-volumes/#recovering-from-failure-when-expanding-volumes>
fn smaller(object: &ObjectRef, live: &Value, new: &str) -> Option<Problem> {
    let (asked, holds) = (json::text(live, SIZE), json::text(live, "/status/capacity/storage"));
    let (wants, has, requested) = (amount(new)?, amount(holds), amount(asked));
    if has.is_some_and(|has| wants > has) {
        return None;
    }
    let problem = |what: String| {
        Problem::new(Code::VolumeCannotShrink, what)
            .on(object)
            .field("spec.resources.requests.storage")
    };
    Some(if has.is_some() && has < requested {
        problem(format!("{object} holds {holds} and was to grow to {asked}; {new} was asked"))
            .why("Kubernetes takes an expansion back to no less than a little more than the volume has")
            .hint(format!("ask for more than {holds}"))
    } else {
        problem(format!("{object} holds {asked}; {new} was asked"))
            .why("volumes cannot shrink")
            .remedy(Remedy::AllowMigration { restore: asked.to_owned(), shrinks: true })
    })
}

pub(crate) fn is_bound(claim: &Value) -> bool {
    json::text(claim, "/status/phase") == "Bound"
}

fn fixed(
    object: &ObjectRef,
    live: &Value,
    field: &str,
    old: Option<&Value>,
    new: &Value,
) -> Problem {
    let old = old.map_or_else(|| "nothing".to_owned(), shown_or_empty);
    let what = format!("{field} of {object} cannot change from {old} to {}", shown_or_empty(new));
    let problem = Problem::new(Code::ImmutableClaimField, what).on(object).field(field);
    if is_bound(live) {
        let problem = problem.why("the field of a claim is immutable");
        if field == "spec.storageClassName" && !new.is_null() {
            problem.remedy(Remedy::AllowMigration { restore: old, shrinks: false })
        } else {
            problem.hint(format!("put {old} back, or move the data to a claim of another name"))
        }
    } else {
        problem
            .why(format!(
                "the field is immutable; this claim is {} and holds no data",
                json::text(live, "/status/phase")
            ))
            .hint(object.kubectl("delete"))
    }
}

fn shown_or_empty(value: &Value) -> String {
    match value {
        Value::Null => "nothing".to_owned(),
        Value::String(text) if !text.is_empty() => text.clone(),
        other => other.to_string(),
    }
}

pub(crate) const SIZE: &str = "/spec/resources/requests/storage";

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use wellhead_diagnostics::Code;

    use super::unchangeable;
    use crate::model::object::{Kind, ObjectRef};

    fn claim(size: &str, phase: &str, capacity: &str) -> Value {
        json!({
            "spec": {"accessModes": ["ReadWriteOnce"], "storageClassName": "standard",
                     "resources": {"requests": {"storage": size}}},
            "status": {"phase": phase, "capacity": {"storage": capacity}}})
    }

    fn codes(wanted: &Value, live: &Value) -> Vec<Code> {
        let object = ObjectRef::new(Kind::PersistentVolumeClaim, "ns", "data-db-0");
        unchangeable(&object, wanted, live).iter().map(|problem| problem.code).collect()
    }

    #[test]
    fn a_bound_claim_grows_but_does_not_shrink() {
        let live = claim("2Gi", "Bound", "2Gi");
        assert_eq!(codes(&claim("3Gi", "Bound", ""), &live), []);
        assert_eq!(codes(&claim("2048Mi", "Bound", ""), &live), []);
        assert_eq!(codes(&claim("1Gi", "Bound", ""), &live), [Code::VolumeCannotShrink]);
    }

    #[test]
    fn a_failed_expansion_can_be_taken_back() {
        let live = claim("9Gi", "Bound", "2Gi");
        assert_eq!(codes(&claim("3Gi", "Bound", ""), &live), []);
        assert_eq!(codes(&claim("2Gi", "Bound", ""), &live), [Code::VolumeCannotShrink]);
        assert_eq!(codes(&claim("1Gi", "Bound", ""), &live), [Code::VolumeCannotShrink]);
    }

    #[test]
    fn an_unbound_claim_changes_nothing() {
        let live = claim("2Gi", "Pending", "");
        let mut wanted = claim("3Gi", "", "");
        wanted["spec"]["storageClassName"] = "fast".into();
        assert_eq!(codes(&wanted, &live), [Code::ImmutableClaimField, Code::ImmutableClaimField]);
    }

    #[test]
    fn what_is_left_to_the_server_is_no_change() {
        let live = claim("2Gi", "Bound", "2Gi");
        let mut wanted = live.clone();
        wanted["spec"].as_object_mut().expect("an object").remove("storageClassName");
        assert_eq!(codes(&wanted, &live), []);
    }

    #[test]
    fn what_was_said_once_cannot_be_taken_back() {
        let entry = |manager: &str, fields: Value| {
            json!({
            "manager": manager, "operation": "Apply", "apiVersion": "v1", "fieldsType": "FieldsV1",
            "fieldsV1": {"f:spec": fields}})
        };
        let ours = entry("wellhead", json!({"f:storageClassName": {}, "f:volumeMode": {}}));
        let mut live = claim("2Gi", "Bound", "2Gi");
        live["spec"]["volumeMode"] = "Filesystem".into();
        live["metadata"]["managedFields"] = json!([ours]);
        let mut wanted = claim("2Gi", "", "");
        wanted["spec"].as_object_mut().expect("an object").remove("storageClassName");
        let object = ObjectRef::new(Kind::PersistentVolumeClaim, "ns", "data-db-0");
        let found = unchangeable(&object, &wanted, &live);
        assert_eq!(found.len(), 1, "the server fills the mode in again");
        let what =
            "spec.storageClassName of claim/data-db-0 cannot change from standard to nothing";
        assert_eq!(found[0].what, what);
        assert!(found[0].hints[0].starts_with("put standard back"));
        live["spec"]["volumeMode"] = "Block".into();
        assert_eq!(codes(&wanted, &live), [Code::ImmutableClaimField, Code::ImmutableClaimField]);
        // Another manager keeps them.
        let other = entry("other", json!({"f:storageClassName": {}, "f:volumeMode": {}}));
        live["metadata"]["managedFields"] = json!([ours, other]);
        assert_eq!(codes(&wanted, &live), []);
    }
}
