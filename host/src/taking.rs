//! Fields of pipelines and fields of objects: which ones a run takes over, and which one a finding is about.

use wellhead_cluster::{Kind, ObjectRef};
use wellhead_render::{OwnedField, ResourceSet, field_of, names_any};
use wellhead_spec::{FieldPath, Ownership, OwnershipPolicy, PathPattern, Pipeline};

use crate::Run;

/// The objects of a pipeline. Fields that the run takes stand behind those of which the pipeline has policies, so that
/// they decide.
pub(crate) fn render(pipeline: &Pipeline, take: &[PathPattern]) -> ResourceSet {
    let mut set = wellhead_render::render(pipeline);
    if take.is_empty() {
        return set;
    }
    let mut taking = pipeline.clone();
    let policy = OwnershipPolicy::Take;
    taking.spec.ownership =
        take.iter().map(|it| Ownership { field: it.to_string(), policy }).collect();
    let taken = wellhead_render::render(&taking).ownership.into_iter();
    set.ownership.extend(taken.map(|it| OwnedField { once: true, ..it }));
    set
}

impl Run {
    /// The fields to take that no object of the run has.
    pub fn taking_nothing(&self) -> Vec<&PathPattern> {
        if self.take.is_empty() {
            return Vec::new();
        }
        let sets: Vec<_> = self.sets().collect();
        let is_named = |pattern: &PathPattern| {
            let mut pipelines = self.outcomes.iter().map(|it| &it.pipeline).zip(&sets);
            pipelines.any(|(pipeline, set)| names_any(pipeline, set, pattern))
        };
        self.take.iter().filter(|pattern| !is_named(pattern)).collect()
    }

    /// The field of a pipeline that a field of an object is. `None` where Wellhead alone decides about it.
    pub fn field_of(&self, object: &ObjectRef, path: &FieldPath) -> Option<FieldPath> {
        let kind = match object.kind {
            Kind::Service => "Service",
            Kind::PersistentVolumeClaim => "PersistentVolumeClaim",
            Kind::StatefulSet => "StatefulSet",
            _ => return None,
        };
        self.outcomes.iter().find_map(|outcome| {
            let metadata = &outcome.pipeline.metadata;
            let namespace = metadata.namespace.as_ref().map_or("", |it| it.as_str());
            if namespace != object.namespace {
                return None;
            }
            let set = wellhead_render::render(&outcome.pipeline);
            field_of(&outcome.pipeline, &set, kind, &object.name, path)
        })
    }
}
