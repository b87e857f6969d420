//! Whether an object that exists already may be ours.

use serde_json::Value;
use wellhead_diagnostics::Code;
use wellhead_spec::FieldPath;

use super::ending;
use super::ending::Ending;
use crate::model::error::Problem;
use crate::model::json;
use crate::model::object::{FIELD_MANAGER, INSTANCE, Kind, MANAGED_BY, ObjectRef, PipelineRef};
use crate::model::remedy::Remedy;

/// What to do about an object that exists.
#[derive(Debug)]
pub(crate) enum Verdict {
    /// It is this pipeline's.
    Ours,
    /// It becomes this pipeline's, and the user should know.
    Adopt(Problem),
    /// It stays as it is, and the call is refused.
    Refuse(Problem),
}

/// Whether we ever applied the object. Labels say less: anybody can copy them.
pub(crate) fn applied_by_us(live: &Value) -> bool {
    json::items(live, "/metadata/managedFields").iter().any(|entry| {
        json::text(entry, "/manager") == FIELD_MANAGER && json::text(entry, "/operation") == "Apply"
    })
}

/// Server-side apply would share an object with its owner without a word as long as no value differs.
pub(crate) fn judge(
    object: &ObjectRef,
    wanted: &Value,
    live: &Value,
    pipeline: &PipelineRef,
    adopt: bool,
) -> Verdict {
    if json::is_deleting(live) {
        return Verdict::Refuse(ending::problem(
            object,
            &Ending::read(object.kind, live),
            pipeline,
        ));
    }
    // The label alone is how a user hands an object over.
    let managed = applied_by_us(live) || json::label(live, MANAGED_BY.0) == MANAGED_BY.1;
    let instance = json::label(live, INSTANCE);
    match (managed, object.kind) {
        // Its name is the pipeline's.
        (true, Kind::StatefulSet) => Verdict::Ours,
        (true, _) if instance.is_empty() || instance == json::label(wanted, INSTANCE) => {
            Verdict::Ours
        }
        (true, _) => Verdict::Refuse(of_other_pipeline(object, instance, pipeline)),
        // The StatefulSet controller creates claims for replicas that another client added, under the names we use.
        (false, Kind::PersistentVolumeClaim) => Verdict::Adopt(
            Problem::new(
                Code::ClaimsReused,
                format!("{object} exists already and becomes part of {pipeline}"),
            )
            .on(object)
            .why("its data is kept and used"),
        ),
        (false, _) if adopt => Verdict::Adopt(taken_over(object, live, pipeline)),
        (false, _) => Verdict::Refuse(foreign(object, live, pipeline)),
    }
}

fn of_other_pipeline(object: &ObjectRef, instance: &str, pipeline: &PipelineRef) -> Problem {
    Problem::new(
        Code::ObjectOwnedByOther,
        format!("{object} belongs to the pipeline \"{instance}\""),
    )
    .on(object)
    .field(FieldPath::of(["metadata", "labels", INSTANCE]).to_string())
    .hint(format!("rename it in {pipeline}, or delete the pipeline {instance} first"))
}

fn foreign(object: &ObjectRef, live: &Value, pipeline: &PipelineRef) -> Problem {
    let problem =
        Problem::new(Code::ObjectOwnedByOther, format!("{object} exists and is not Wellhead's"))
            .on(object)
            .remedy(Remedy::Adopt { pipeline: pipeline.name.clone() });
    match managers(live) {
        None => problem,
        Some(managers) => {
            let why = format!("its fields are set by {managers}");
            Problem { manager: Some(managers.replace('"', "")), ..problem.why(why) }
        }
    }
}

fn taken_over(object: &ObjectRef, live: &Value, pipeline: &PipelineRef) -> Problem {
    let what = format!("{object} is adopted by {pipeline}");
    let problem = Problem::new(Code::ObjectAdopted, what).on(object);
    match managers(live) {
        None => problem,
        Some(managers) => problem
            .why(format!("{managers} will no longer own the fields that the pipeline sets"))
            .hint(format!("do not change or delete it by {} any more", managers.replace('"', ""))),
    }
}

/// Who set fields of an object, in quotes.
fn managers(live: &Value) -> Option<String> {
    let entries = json::items(live, "/metadata/managedFields").iter();
    let mut names: Vec<_> = entries
        .filter(|entry| json::text(entry, "/subresource").is_empty())
        .map(|entry| format!("\"{}\"", json::text(entry, "/manager")))
        .collect();
    names.dedup();
    (!names.is_empty()).then(|| names.join(", "))
}
