//! Fields of pipelines and fields of objects: which ones a run takes over, and which one a finding is about.

use std::collections::HashMap;

use wellhead_chain::Outcome;
use wellhead_cluster::{Kind, ObjectRef, Problem, Remedy};
use wellhead_render::{OwnedField, ResourceSet, TakenFields, names_any, object_names};
use wellhead_spec::{FieldPath, Ownership, OwnershipPolicy, PathPattern, Pipeline};

use crate::pipeline::Run;

/// The objects of a pipeline. Fields that the run takes come after those of which the pipeline has policies, so that
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
    let named = names_any(pipeline, take).into_iter();
    let taken = take.iter().cloned().zip(named);
    set.take = taken.map(|(pattern, set)| TakenFields { pattern, set }).collect();
    set
}

/// Leads from fields of objects back to the pipelines of a run.
pub struct FieldsOf<'r> {
    run: &'r Run,
    /// Which pipeline renders to an object: by namespace, kind and name.
    outcomes: HashMap<(&'r str, &'static str, String), usize>,
    /// Of the pipelines that were asked for.
    fields: HashMap<usize, wellhead_render::FieldsOf>,
}

impl Run {
    /// What leads from fields of objects back to the pipelines. Making it names the objects of each pipeline, so make it once.
    pub fn fields_of(&self) -> FieldsOf<'_> {
        let mut outcomes = HashMap::new();
        for (at, Outcome { pipeline, .. }) in self.outcomes.iter().enumerate() {
            let namespace = pipeline.metadata.namespace.as_ref().map_or("", |it| it.as_str());
            for (kind, name) in object_names(pipeline) {
                outcomes.entry((namespace, kind, name)).or_insert(at);
            }
        }
        FieldsOf { run: self, outcomes, fields: HashMap::new() }
    }
}

/// Names fields of pipelines in remedies that name fields of objects.
pub(crate) struct Remedies<'r> {
    run: &'r Run,
    /// Made once it is needed.
    fields: Option<FieldsOf<'r>>,
}

impl<'r> Remedies<'r> {
    pub(crate) fn of(run: &'r Run) -> Self {
        Self { run, fields: None }
    }

    /// The problem, with the field of the pipeline that it is about.
    pub(crate) fn name_field(&mut self, mut problem: Problem) -> Problem {
        let (Some(Remedy::SetPolicy { manager, .. }), Some(object)) =
            (&problem.remedy, &problem.object)
        else {
            return problem;
        };
        let fields = self.fields.get_or_insert_with(|| self.run.fields_of());
        let manager = manager.clone();
        let field = problem.path.as_ref().and_then(|path| fields.field(object, path));
        problem.remedy = Some(match field {
            Some(field) => Remedy::SetPolicy { manager, field: Some(field) },
            None => Remedy::StopManager { manager },
        });
        problem
    }
}

impl FieldsOf<'_> {
    /// The field of a pipeline that a field of an object is. `None` where Wellhead alone decides about it.
    pub fn field(&mut self, object: &ObjectRef, path: &FieldPath) -> Option<FieldPath> {
        let kind = match object.kind {
            Kind::Service => "Service",
            Kind::PersistentVolumeClaim => "PersistentVolumeClaim",
            Kind::StatefulSet => "StatefulSet",
            _ => return None,
        };
        let named = (object.namespace.as_str(), kind, object.name.clone());
        let at = *self.outcomes.get(&named)?;
        let fields = self
            .fields
            .entry(at)
            .or_insert_with(|| wellhead_render::FieldsOf::new(&self.run.outcomes[at].pipeline));
        fields.field(kind, &object.name, path)
    }
}
