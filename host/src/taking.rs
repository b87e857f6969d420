//! Fields of pipelines and fields of objects: which ones a run takes over, and which one a finding is about.

use wellhead_cluster::{Kind, ObjectRef};
use wellhead_render::{OwnedField, ResourceSet, TakenFields, field_of, names_any};
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
    let take = take.iter().map(|pattern| {
        let set = names_any(pipeline, &set, pattern);
        TakenFields { pattern: pattern.clone(), set }
    });
    set.take = take.collect();
    set
}

impl Run {
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
