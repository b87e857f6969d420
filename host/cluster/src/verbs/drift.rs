//! Drift: what others changed of what pipelines say.

use std::collections::BTreeSet;

use wellhead_diagnostics::Code;
use wellhead_render::ResourceSet;

use super::plan::changes::FieldChange;
use super::plan::{Plan, PlannedAction, PlannedObject};
use crate::api::connect::Cluster;
use crate::model::error::{ClusterError, Problem};
use crate::model::object::{ObjectRef, PipelineRef};
use crate::model::options::PlanOptions;
use crate::model::progress::Progress;

/// Findings of a plan that hide no drift: a conflict is drift, and what cannot change is the pipeline's matter.
const HIDES_NOTHING: [Code; 7] = [
    Code::ImmutableField,
    Code::ExpansionNotAllowed,
    Code::VolumeCannotShrink,
    Code::StorageClassNotFound,
    Code::ImmutableClaimField,
    Code::FieldConflict,
    Code::ObjectTerminating,
];

/// What is not as Wellhead left it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Drift {
    /// Every object that has drifted, in the order in which an apply would write them.
    pub objects: Vec<DriftedObject>,
    /// Why drift of other objects may not have been seen.
    pub hidden: Vec<Problem>,
    /// What the user should know: of objects that are being deleted, and of fields that stay behind.
    pub warnings: Vec<Problem>,
}

/// One object that is not as Wellhead left it.
#[derive(Clone, Debug, PartialEq)]
pub struct DriftedObject {
    /// Its pipeline.
    pub pipeline: PipelineRef,
    /// The object.
    pub object: ObjectRef,
    /// What became of it.
    pub state: DriftState,
    /// The fields that others have taken and changed: `from` is what they set, `to` what the pipeline says. Values are as
    /// they are: who prints them masks what may be a secret.
    pub fields: Vec<FieldChange>,
}

/// What became of an object that has drifted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DriftState {
    /// Others changed fields of it.
    Changed,
    /// It is gone, and others of its pipeline are there.
    Missing,
    /// It was deleted, and it is still there.
    Deleting,
}

impl Plan {
    /// What of this plan is drift: fields that the pipeline gives a value, and another field manager has taken and
    /// changed; objects that are gone, or on their way out. What the pipeline itself would change is none.
    pub fn drift(&self) -> Drift {
        let ending = || self.problems.iter().filter(|it| it.code == Code::ObjectTerminating);
        let deleting: BTreeSet<_> = ending().filter_map(|it| it.object.as_ref()).collect();
        let all = self.pipelines.iter().flat_map(|it| it.objects.iter().map(move |one| (it, one)));
        let objects = all.filter_map(|(planned, object)| {
            let (state, fields) = drifted(object, &deleting)?;
            let (pipeline, object) = (planned.pipeline.clone(), object.object.clone());
            Some(DriftedObject { pipeline, object, state, fields })
        });
        let hides = |it: &&Problem| !HIDES_NOTHING.contains(&it.code);
        let stays = self.pipelines.iter().flat_map(|it| &it.warnings);
        let stays = stays.filter(|it| it.code == Code::Leftover);
        Drift {
            objects: objects.collect(),
            hidden: self.problems.iter().filter(hides).cloned().collect(),
            warnings: ending().chain(stays).cloned().collect(),
        }
    }
}

/// What has drifted of an object; none where it is as Wellhead left it.
fn drifted(
    object: &PlannedObject,
    deleting: &BTreeSet<&ObjectRef>,
) -> Option<(DriftState, Vec<FieldChange>)> {
    if object.action == PlannedAction::Unchanged {
        return None;
    }
    if object.missing {
        return Some((DriftState::Missing, Vec::new()));
    }
    if deleting.contains(&object.object) {
        return Some((DriftState::Deleting, Vec::new()));
    }
    let taken = object.changed.iter().filter(|field| !field.ours && !field.owners.is_empty());
    let fields: Vec<_> = taken.cloned().collect();
    (!fields.is_empty()).then_some((DriftState::Changed, fields))
}

impl Cluster {
    /// Says what others changed of what these objects say, and writes nothing. An error means that the cluster could not
    /// be asked.
    pub async fn drift(
        &self,
        sets: &[ResourceSet],
        options: &PlanOptions,
        progress: &dyn Progress,
    ) -> Result<Drift, ClusterError> {
        Ok(self.plan(sets, options, progress).await?.drift())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;
    use wellhead_spec::FieldPath;

    use super::*;
    use crate::api::packed::Packed;
    use crate::model::object::Kind;
    use crate::model::ownership::Owner;
    use crate::verbs::plan::PlannedPipeline;

    fn field(name: &str, ours: bool, manager: Option<&str>) -> FieldChange {
        let owner = |name: &str| Owner { manager: name.to_owned(), subresource: None, time: None };
        FieldChange {
            path: FieldPath::of(["spec", name]),
            from: Some(2.into()),
            to: Some(3.into()),
            order: false,
            ours,
            owners: manager.map(owner).into_iter().collect(),
            policy: None,
        }
    }

    fn object(name: &str, missing: bool, changes: Vec<FieldChange>) -> PlannedObject {
        PlannedObject {
            object: ObjectRef::new(Kind::StatefulSet, "ns", name),
            uid: None,
            action: PlannedAction::Update,
            missing,
            effects: Vec::new(),
            changed: changes,
            left: Vec::new(),
            left_behind: Vec::new(),
            before: Packed::of(&Value::Null),
            after: Packed::of(&Value::Null),
        }
    }

    fn drift_of(objects: Vec<PlannedObject>, problems: Vec<Problem>) -> Drift {
        let pipeline = PipelineRef { namespace: "ns".to_owned(), name: "db".to_owned() };
        let planned = PlannedPipeline { pipeline, objects, warnings: Vec::new() };
        Plan { pipelines: vec![planned], problems, adopts: false, requests: 0 }.drift()
    }

    #[test]
    fn only_fields_that_others_took_and_changed_have_drifted() {
        let changes = vec![
            field("replicas", false, Some("kubectl")),
            field("paused", true, Some("kubectl")),
            field("template", true, None),
            field("selector", false, None),
        ];
        let drift = drift_of(vec![object("db", false, changes)], Vec::new());
        let [one] = drift.objects.as_slice() else { panic!("{drift:?}") };
        assert_eq!(one.state, DriftState::Changed);
        assert_eq!(one.fields, [field("replicas", false, Some("kubectl"))]);
        let ours = vec![field("template", true, None)];
        assert_eq!(drift_of(vec![object("db", false, ours)], Vec::new()), Drift::default());
    }

    #[test]
    fn an_object_that_is_gone_or_goes_has_drifted_and_its_fields_are_no_matter() {
        let changes = || vec![field("replicas", false, Some("kubectl"))];
        let ending = Problem::new(Code::ObjectTerminating, "it is being deleted".to_owned())
            .on(&ObjectRef::new(Kind::StatefulSet, "ns", "going"));
        let refused = Problem::new(Code::AdmissionDenied, "the server cannot be asked".to_owned());
        let objects = vec![object("gone", true, changes()), object("going", false, changes())];
        let drift = drift_of(objects, vec![ending.clone(), refused.clone()]);
        let states: Vec<_> = drift.objects.iter().map(|it| (it.state, it.fields.len())).collect();
        assert_eq!(states, [(DriftState::Missing, 0), (DriftState::Deleting, 0)]);
        assert_eq!((drift.hidden, drift.warnings), (vec![refused], vec![ending]));
    }
}
