//! Whether the data of a claim are to be moved to another volume.

use serde_json::Value;
use wellhead_diagnostics::Code;

use super::claim::{self, SIZE};
use crate::model::error::Problem;
use crate::model::json;
use crate::model::json::class::HasStorageClass as _;
use crate::model::object::{ObjectRef, PipelineRef};
use crate::model::quantity::amount;
use crate::model::remedy::Remedy;
use crate::model::storage::migration::Migration;

/// What an earlier run has begun for a claim.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Begun {
    /// The volume that the data are moved away from.
    pub(crate) source: String,
    /// The volume that has them, if any has.
    pub(crate) target: Option<Target>,
}

/// A new volume with all data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Target {
    pub(crate) class: String,
    pub(crate) size: String,
}

/// What becomes of a claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It is compared as any other object.
    Stays,
    Migrates(Box<Migration>),
    Refused(Box<Problem>),
}

/// Decides about one claim. `allowed`: whether the pipeline lets data be moved.
pub(crate) fn decide(
    pipeline: &PipelineRef,
    (object, wanted): (&ObjectRef, &Value),
    live: Option<&Value>,
    begun: Option<&Begun>,
    allowed: bool,
) -> Verdict {
    let to = (wanted.storage_class().unwrap_or_default(), json::text(wanted, SIZE));
    if let Some(begun) = begun {
        let goes_on = match &begun.target {
            Some(target) => target.class == to.0 && amount(&target.size) >= amount(to.1),
            None => live.is_none_or(|live| calls_for_another(wanted, live)),
        };
        if !goes_on || !allowed {
            return Verdict::Refused(Box::new(under_way(pipeline, object, begun)));
        }
    }
    let calls = live.is_some_and(|live| {
        claim::is_bound(live) && !json::is_deleting(live) && calls_for_another(wanted, live)
    });
    if begun.is_none() && !(calls && allowed) {
        return Verdict::Stays;
    }
    let volume = live.map(|live| json::text(live, "/spec/volumeName")).unwrap_or_default();
    let (_, ordinal) = object.name.rsplit_once('-').unwrap_or_default();
    Verdict::Migrates(Box::new(Migration {
        from_class: live.and_then(|it| it.storage_class()).unwrap_or_default().to_owned(),
        to_class: to.0.to_owned(),
        from_size: live.map(|it| json::text(it, SIZE)).unwrap_or_default().to_owned(),
        to_size: to.1.to_owned(),
        method: None,
        pod: format!("{}-{ordinal}", pipeline.name),
        volume: begun
            .map(|it| it.source.as_str())
            .filter(|it| !it.is_empty())
            .unwrap_or(volume)
            .to_owned(),
        begun: begun.is_some(),
        filled: begun.is_some_and(|it| it.target.is_some()),
    }))
}

/// Whether what is wanted of a claim that has a volume takes another volume, and nothing that no volume has.
fn calls_for_another(wanted: &Value, live: &Value) -> bool {
    let (new, old) = (wanted.storage_class(), live.storage_class());
    let other_class = new.is_some_and(|new| !new.is_empty() && Some(new) != old);
    let has = amount(json::text(live, "/status/capacity/storage"));
    let shrinks = amount(json::text(wanted, SIZE)) < amount(json::text(live, SIZE)).min(has);
    (other_class || shrinks) && claim::differs_in_class_or_size_alone(wanted, live)
}

fn under_way(pipeline: &PipelineRef, object: &ObjectRef, begun: &Begun) -> Problem {
    let what = format!("the data of {object} are being moved, and this asks for something else");
    let to = begun.target.as_ref().map_or_else(
        || "no volume has all of them yet".to_owned(),
        |it| format!("a volume of class {} and {} has them", it.class, it.size),
    );
    Problem::new(Code::MigrationUnderWay, what)
        .on(object)
        .why(format!("an earlier run began it; the old volume {} is kept; {to}", begun.source))
        .remedy(Remedy::AbortMigration { pipeline: pipeline.clone() })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Begun, Target, Verdict, decide};
    use crate::model::object::{Kind, ObjectRef, PipelineRef};

    fn claim(class: &str, size: &str) -> Value {
        json!({
            "metadata": {"name": "data-db-1"},
            "spec": {"storageClassName": class, "accessModes": ["ReadWriteOnce"], "volumeName": "pv-1",
                     "resources": {"requests": {"storage": size}}},
            "status": {"phase": "Bound", "capacity": {"storage": size}}})
    }

    fn verdict(class: &str, size: &str, begun: Option<&Begun>, allowed: bool) -> Verdict {
        let mut wanted = claim(class, size);
        wanted["spec"].as_object_mut().unwrap().remove("volumeName");
        let object = ObjectRef::new(Kind::PersistentVolumeClaim, "ns", "data-db-1");
        let pipeline = PipelineRef { namespace: "ns".to_owned(), name: "db".to_owned() };
        decide(&pipeline, (&object, &wanted), Some(&claim("slow", "2Gi")), begun, allowed)
    }

    #[test]
    fn another_class_or_a_smaller_size_moves_data_where_that_is_allowed() {
        let Verdict::Migrates(found) = verdict("fast", "2Gi", None, true) else { panic!("moved") };
        assert_eq!((found.pod.as_str(), found.volume.as_str()), ("db-1", "pv-1"));
        assert!(matches!(verdict("slow", "1Gi", None, true), Verdict::Migrates(_)));
        assert_eq!(verdict("fast", "2Gi", None, false), Verdict::Stays);
        assert_eq!(verdict("slow", "3Gi", None, true), Verdict::Stays, "it grows where it is");
        assert_eq!(verdict("slow", "2Gi", None, true), Verdict::Stays);
    }

    #[test]
    fn what_was_begun_goes_on_or_is_refused_and_is_never_forgotten() {
        let to = |class: &str| Begun {
            source: "pv-1".to_owned(),
            target: Some(Target { class: class.to_owned(), size: "2Gi".to_owned() }),
        };
        let goes_on = verdict("fast", "2Gi", Some(&to("fast")), true);
        assert!(matches!(goes_on, Verdict::Migrates(it) if it.begun));
        for (class, size, begun) in [
            ("other", "2Gi", to("fast")),
            ("fast", "3Gi", to("fast")),
            ("slow", "2Gi", to("fast")),
            ("slow", "2Gi", Begun { source: "pv-1".to_owned(), target: None }),
        ] {
            let found = verdict(class, size, Some(&begun), true);
            assert!(matches!(found, Verdict::Refused(_)), "{class} {size} {begun:?}: {found:?}");
        }
        assert!(matches!(verdict("fast", "2Gi", Some(&to("fast")), false), Verdict::Refused(_)));
    }
}
