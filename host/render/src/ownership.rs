//! The fields of objects of which the pipeline says whose value stands.

use std::collections::HashMap;
use std::sync::Arc;

use wellhead_spec::{FieldPath, PathMap, PathPattern, PatternSet, Pipeline};

use crate::origins;
use crate::origins::{Alike, ObjectOrigins, Origin};
use crate::set::OwnedField;

/// The fields for which the pipeline has a policy, in the order of the objects.
pub(crate) fn owned_fields(pipeline: &Pipeline) -> Vec<OwnedField> {
    let policies = pipeline.spec.ownership_policies();
    if policies.is_empty() {
        return Vec::new();
    }
    let patterns: PatternSet = policies.iter().map(|(pattern, _)| pattern).collect();
    let policy = |origin: &Origin| Some(policies[naming(&patterns, origin).max()?].1);
    let mut alike = OfAlike::default();
    let mut owned = Vec::new();
    for object in origins::origins(pipeline) {
        let ObjectOrigins { kind, name, own, .. } = &object;
        let shared = alike.get(&object, |leaves| {
            let leaves = leaves.iter();
            leaves.filter_map(|it| Some((it.path.clone(), policy(it)?))).collect::<Vec<_>>()
        });
        let own = own.iter().filter_map(|it| Some((it.path.clone(), policy(it)?)));
        owned.extend(shared.iter().cloned().chain(own).map(|(path, policy)| OwnedField {
            kind: kind.clone(),
            name: name.clone(),
            path,
            policy,
            once: false,
        }));
    }
    owned
}

/// What is made of the leaves that objects in a row have alike.
struct OfAlike<T>(Option<(Arc<Alike>, T)>);

impl<T> Default for OfAlike<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T> OfAlike<T> {
    fn get(&mut self, object: &ObjectOrigins, make: impl FnOnce(&[Origin]) -> T) -> &T {
        let alike = &object.alike;
        let known = match self.0.take() {
            Some((of, known)) if Arc::ptr_eq(&of, alike) => known,
            _ => make(&alike.leaves),
        };
        &self.0.insert((Arc::clone(alike), known)).1
    }
}

/// The patterns of fields of the spec that name a leaf. Claim templates never change, so that nobody
/// can set them to something else.
fn naming(patterns: &PatternSet, origin: &Origin) -> impl Iterator<Item = usize> {
    let fields = origin.field.iter().chain(origin.given_by());
    let fields = fields.filter(|_| !origins::is_of_template(&origin.path));
    fields.flat_map(|field| patterns.matching(field))
}

/// Of each pattern of fields of the spec, whether it names any field of the objects, with what stands in it.
pub fn names_any(pipeline: &Pipeline, patterns: &[PathPattern]) -> Vec<bool> {
    let mut named = vec![false; patterns.len()];
    let patterns: PatternSet = patterns.iter().collect();
    let mut alike = OfAlike::default();
    for object in origins::origins(pipeline) {
        let mut name = |leaves: &[Origin]| {
            leaves.iter().flat_map(|it| naming(&patterns, it)).for_each(|at| named[at] = true);
        };
        alike.get(&object, &mut name);
        name(&object.own);
    }
    named
}

/// Leads from fields of the objects back to fields of the pipeline.
#[derive(Debug)]
pub struct FieldsOf {
    /// By kind and name.
    objects: HashMap<(String, String), Leaves>,
    /// The leaves that objects have alike, and their positions by their paths.
    alike: Vec<(Arc<Alike>, PathMap<usize>)>,
}

/// The leaves of one object.
#[derive(Debug)]
struct Leaves {
    /// What it has alike with others, as a position in [`FieldsOf::alike`].
    alike: usize,
    /// What it has for itself.
    own: Vec<Origin>,
}

impl FieldsOf {
    /// For the objects that a pipeline renders to.
    pub fn new(pipeline: &Pipeline) -> Self {
        let mut fields = Self { objects: HashMap::new(), alike: Vec::new() };
        for object in origins::origins(pipeline) {
            let ObjectOrigins { kind, name, alike, own, .. } = object;
            if fields.alike.last().is_none_or(|(last, _)| !Arc::ptr_eq(last, &alike)) {
                let mut positions = PathMap::default();
                for (at, origin) in alike.leaves.iter().enumerate() {
                    *positions.entry(origin.path.clone()) = at;
                }
                fields.alike.push((alike, positions));
            }
            fields.objects.insert((kind, name), Leaves { alike: fields.alike.len() - 1, own });
        }
        fields
    }

    /// The field of the spec that gives a field of an object its value, or would if it were written.
    /// `None` where Wellhead alone decides, and for fields that the object does not have.
    pub fn field(&self, kind: &str, name: &str, path: &FieldPath) -> Option<FieldPath> {
        let Leaves { alike, own } = self.objects.get(&(kind.to_owned(), name.to_owned()))?;
        let (alike, positions) = &self.alike[*alike];
        let shared = positions.at_or_below(path).map(|it| *it.1).min();
        let own = || own.iter().find(|it| path.contains(&it.path));
        let leaf = shared.map(|at| &alike.leaves[at]).or_else(own)?;
        let field = leaf.given_by().or(leaf.field.as_ref())?;
        // A list that is owned as a whole is named as a whole.
        let below = leaf.path.segments().strip_prefix(path.segments())?;
        let whole = field.segments().strip_suffix(below).filter(|it| !it.is_empty());
        Some(whole.map_or_else(|| field.clone(), |it| it.iter().cloned().collect()))
    }
}
