//! What is rendered on top of what was rendered before, so that the API server takes it.
//!
//! Kubernetes fixes some fields of an object when it is created. Whoever applies rendered objects for us, such as a
//! GitOps tool, has them refused when such a field differs, and every later sync with them. So these fields stay as they
//! were rendered, and the caller is told. What cannot stay, because the rest would not work with it, is told, too, and
//! nothing of it should be applied.
//!
//! Nothing here knows a cluster: what was rendered before stands for what is there.

mod claim;
mod previous;
mod stateful_set;

use serde_json::Value;

use crate::Object;

pub use previous::Previous;

const CLAIM: &str = "PersistentVolumeClaim";

/// A field that stays as it was rendered before.
#[derive(Clone, Debug, PartialEq)]
pub struct Kept {
    /// Kind of the object, e.g. `PersistentVolumeClaim`.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// The field, e.g. `spec.storageClassName`. Of claim templates: the list, a dot, and the name of one.
    pub field: String,
    /// The value that stays; `null` where there was none.
    pub stays: Value,
    /// The value that the pipeline asks for; `null` where it asks for none.
    pub asked: Value,
}

/// A change that cannot be made to what was rendered before, nor passed over.
#[derive(Clone, Debug, PartialEq)]
pub struct Refused {
    /// Kind of the object.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// The field.
    pub field: String,
    /// What is asked for, e.g. `the claim "cache" is new`.
    pub what: String,
    /// Why it can neither change nor stay, as a sentence without a full stop.
    pub why: &'static str,
}

/// An object by its kind and name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// Its kind.
    pub kind: String,
    /// Its name.
    pub name: String,
}

/// What comes of [`keep_immutable`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Frozen {
    /// The objects to render.
    pub objects: Vec<Object>,
    /// What of them stays as it was.
    pub kept: Vec<Kept>,
    /// What cannot be. Where there is any, the objects should not be applied.
    pub refused: Vec<Refused>,
    /// What the pipeline does not ask for any more, and is rendered as it was: the Service by which pods have their DNS
    /// names, where the StatefulSet cannot take another one.
    pub retained: Vec<Named>,
    /// What is not rendered any more.
    pub left: Vec<Named>,
    /// New claims that the StatefulSet's controller would make otherwise, if it came before them: it goes by the template,
    /// and such a claim would be refused then.
    pub differing: Vec<String>,
    /// The claims of replicas that are gone, now or earlier. They stay in a cluster and come back as they are, so they
    /// must be among what was rendered before the next time; see [`Previous::note`].
    pub gone: Vec<Value>,
}

impl Frozen {
    /// Whether the claims of replicas that go are deleted, whatever their annotations say.
    pub fn deletes_when_scaled(&self) -> bool {
        self.objects.iter().any(|it| stateful_set::deletes_when_scaled(&it.value))
    }
}

/// Puts the fields that cannot change as they were rendered before. `next` are the objects of one pipeline;
/// `previous` may hold those of others, too.
pub fn keep_immutable(previous: &Previous, next: Vec<Object>) -> Frozen {
    let mut frozen = Frozen::default();
    let Some(set) = next.iter().find(|it| it.kind == "StatefulSet").cloned() else {
        return Frozen { objects: next, ..frozen };
    };
    let before = previous.of(&set);
    for mut object in next {
        match object.kind.as_str() {
            "Service" => service(previous, &mut object, &mut frozen.kept),
            "StatefulSet" => stateful_set::keep(before, &mut object, &mut frozen),
            _ => {
                if let Some(was) = previous.claim(&object) {
                    claim::keep(was, &mut object, &mut frozen.kept);
                }
            }
        }
        frozen.objects.push(object);
    }
    if let Some(service) = stateful_set::other_service(previous, before, &set) {
        frozen.retained.push(Named { kind: service.kind.clone(), name: service.name.clone() });
        frozen.objects.insert(0, service);
    }
    frozen.differing = claim::unlike_templates(previous, &set.name, &frozen.objects);
    (frozen.left, frozen.gone) = previous.left_by(&set, &frozen.objects);
    frozen.refused.extend(stateful_set::deletes_claims(before, &set, &frozen.left));
    frozen
}

/// The first address family of a Service is fixed, and the policy goes with it.
/// <https://github.com/kubernetes/kubernetes/blob/v1.36.3/pkg/apis/core/validation/validation.go>,
/// `ValidateServiceClusterIPsRelatedFields`.
fn service(previous: &Previous, next: &mut Object, kept: &mut Vec<Kept>) {
    let Some(was) = previous.of(next) else { return };
    let family = |of: &Value| of["spec"]["ipFamilies"][0].clone();
    if family(was).is_null() || family(was) == family(&next.value) {
        return;
    }
    for field in ["ipFamilies", "ipFamilyPolicy"] {
        keep_field(&was["spec"], next, field, kept);
    }
}

/// Puts one field of `spec` as it was. Whether that is told is up to the caller, who knows what is the same.
fn put(spec: &Value, next: &mut Value, field: &str) {
    let Some(fields) = next["spec"].as_object_mut() else { return };
    match spec.get(field) {
        Some(value) => fields.insert(field.to_owned(), value.clone()),
        None => fields.remove(field),
    };
}

/// Puts one field of `spec` as it was, and tells where it differs.
fn keep_field(spec: &Value, next: &mut Object, field: &str, kept: &mut Vec<Kept>) {
    let (stays, asked) = (spec[field].clone(), next.value["spec"][field].clone());
    put(spec, &mut next.value, field);
    if stays != asked {
        let (kind, name) = (next.kind.clone(), next.name.clone());
        kept.push(Kept { kind, name, field: format!("spec.{field}"), stays, asked });
    }
}
