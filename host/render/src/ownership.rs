//! The fields of objects of which the pipeline says whose value stands.

use std::collections::HashMap;

use wellhead_spec::{FieldPath, PathMap, PathPattern, PatternSet, Pipeline};

use crate::origins::Origin;
use crate::set::{OwnedField, ResourceSet};
use crate::{Object, origins};

/// The fields for which the pipeline has a policy, in the order of the objects.
pub(crate) fn owned_fields(pipeline: &Pipeline, set: &ResourceSet) -> Vec<OwnedField> {
    let policies = pipeline.spec.ownership_policies();
    if policies.is_empty() {
        return Vec::new();
    }
    let objects = set.objects();
    let patterns: PatternSet = policies.iter().map(|(pattern, _)| pattern).collect();
    let owned = origins::origins(pipeline, set).into_iter().filter_map(|origin| {
        let (_, policy) = &policies[naming(&patterns, &origin).max()?];
        let Object { kind, name, .. } = &objects[origin.object];
        let (kind, name) = (kind.clone(), name.clone());
        Some(OwnedField { kind, name, path: origin.path, policy: *policy, once: false })
    });
    owned.collect()
}

/// The patterns of fields of the spec that name a leaf. Claim templates never change, so that nobody
/// can set them to something else.
fn naming(patterns: &PatternSet, origin: &Origin) -> impl Iterator<Item = usize> {
    let fields = origin.field.iter().chain(origin.given_by());
    let fields = fields.filter(|_| !origins::is_of_template(&origin.path));
    fields.flat_map(|field| patterns.matching(field))
}

/// Of each pattern of fields of the spec, whether it names any field of the objects, with what stands in it.
pub fn names_any(pipeline: &Pipeline, set: &ResourceSet, patterns: &[PathPattern]) -> Vec<bool> {
    let mut named = vec![false; patterns.len()];
    let patterns: PatternSet = patterns.iter().collect();
    for origin in origins::origins(pipeline, set) {
        naming(&patterns, &origin).for_each(|at| named[at] = true);
    }
    named
}

/// Leads from fields of the objects back to fields of the pipeline.
#[derive(Debug)]
pub struct FieldsOf {
    /// By kind and name.
    objects: HashMap<(String, String), usize>,
    /// The leaves of each object, as positions in `origins`.
    leaves: Vec<PathMap<usize>>,
    origins: Vec<Origin>,
}

impl FieldsOf {
    /// For the objects that a pipeline renders to.
    pub fn new(pipeline: &Pipeline, set: &ResourceSet) -> Self {
        let named = set.objects().into_iter().map(|it| (it.kind, it.name));
        let objects: HashMap<_, _> = named.zip(0..).collect();
        let origins = origins::origins(pipeline, set);
        let mut leaves: Vec<_> = objects.values().map(|_| PathMap::default()).collect();
        for (at, origin) in origins.iter().enumerate() {
            *leaves[origin.object].entry(origin.path.clone()) = at;
        }
        Self { objects, leaves, origins }
    }

    /// The field of the spec that gives a field of an object its value, or would if it were written.
    /// `None` where Wellhead alone decides, and for fields that the object does not have.
    pub fn field(&self, kind: &str, name: &str, path: &FieldPath) -> Option<FieldPath> {
        let object = *self.objects.get(&(kind.to_owned(), name.to_owned()))?;
        let first = self.leaves[object].at_or_below(path).map(|it| *it.1).min()?;
        let leaf = &self.origins[first];
        let field = leaf.given_by().or(leaf.field.as_ref())?;
        // A list that is owned as a whole is named as a whole.
        let below = leaf.path.segments().strip_prefix(path.segments())?;
        let whole = field.segments().strip_suffix(below).filter(|it| !it.is_empty());
        Some(whole.map_or_else(|| field.clone(), |it| it.iter().cloned().collect()))
    }
}
