//! The fields of objects of which the pipeline says whose value stands.

use serde::{Deserialize, Serialize};
use wellhead_spec::{FieldPath, OwnershipPolicy, PathPattern, Pipeline};

use crate::origin::{self, Origin};
use crate::{Object, ResourceSet};

/// A field of an object, and whose value stands when somebody else sets it, too.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct OwnedField {
    /// Kind of the object, e.g. `StatefulSet`.
    pub kind: String,
    /// Name of the object.
    pub name: String,
    /// The field, a leaf of the object as [`object_leaves`](crate::object_leaves) names it.
    pub path: FieldPath,
    /// Whose value stands.
    pub policy: OwnershipPolicy,
    /// Whether one run alone says so: it decides over what the pipeline says, and no history keeps it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub once: bool,
}

/// Fields of a pipeline that one run takes over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TakenFields {
    /// The pattern that names them.
    pub pattern: PathPattern,
    /// Whether the pipeline sets any of them.
    pub set: bool,
}

/// The fields for which the pipeline has a policy, in the order of the objects.
pub(crate) fn owned_fields(pipeline: &Pipeline, set: &ResourceSet) -> Vec<OwnedField> {
    let policies = pipeline.spec.ownership_policies();
    if policies.is_empty() {
        return Vec::new();
    }
    let objects = set.objects();
    let owned = origin::origins(pipeline, set).into_iter().filter_map(|origin| {
        let (_, policy) = policies.iter().rev().find(|(pattern, _)| names(pattern, &origin))?;
        let Object { kind, name, .. } = &objects[origin.object];
        let (kind, name) = (kind.clone(), name.clone());
        Some(OwnedField { kind, name, path: origin.path, policy: *policy, once: false })
    });
    owned.collect()
}

/// Whether a pattern of fields of the spec names a leaf. Claim templates never change, so that nobody
/// can set them to something else.
fn names(pattern: &PathPattern, origin: &Origin) -> bool {
    let is_named = |field: &FieldPath| pattern.matches(field);
    !origin::is_of_template(&origin.path)
        && (origin.field.as_ref().is_some_and(is_named) || origin.given_by().is_some_and(is_named))
}

/// Whether a pattern of fields of the spec names any field of the objects, with what stands in it.
pub fn names_any(pipeline: &Pipeline, set: &ResourceSet, pattern: &PathPattern) -> bool {
    let pattern = pattern.and_below();
    origin::origins(pipeline, set).iter().any(|it| names(&pattern, it))
}

/// The field of the spec that gives a field of an object its value, or would if it were written.
/// `None` where Wellhead alone decides, and for fields that the object does not have.
pub fn field_of(
    pipeline: &Pipeline,
    set: &ResourceSet,
    kind: &str,
    name: &str,
    path: &FieldPath,
) -> Option<FieldPath> {
    let objects = set.objects();
    let object = objects.iter().position(|it| it.kind == kind && it.name == name)?;
    let origins = origin::origins(pipeline, set);
    let leaf = origins.iter().find(|it| it.object == object && path.contains(&it.path))?;
    let field = leaf.given_by().or(leaf.field.as_ref())?;
    // A list that is owned as a whole is named as a whole.
    let below = leaf.path.segments().strip_prefix(path.segments())?;
    let whole = field.segments().strip_suffix(below).filter(|it| !it.is_empty());
    Some(whole.map_or_else(|| field.clone(), |it| it.iter().cloned().collect()))
}
