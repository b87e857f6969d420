//! What others set of a StatefulSet, kept in the cluster from just before it is deleted until its successor has it.
//!
//! Nothing else remembers it in between: a run that dies there would leave the values of the pipeline alone, and its
//! next apply would stop the pods that an autoscaler had started. It is a `ControllerRevision` beside the history,
//! which has no number there.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use wellhead_diagnostics::Code;

use super::lease::notes;
use super::lease::state::LeaseState;
use super::{packing, revisions};
use crate::api::client::Client;
use crate::api::failure::Failure;
use crate::managed_fields::owners;
use crate::model::error::Problem;
use crate::model::json;
use crate::model::json::TEMPLATES;
use crate::model::object::{FIELD_MANAGER, Kind, ObjectRef, PIPELINE_LABEL, PipelineRef};
use crate::observe::live::Live;

/// A StatefulSet that was about to be recreated.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Handover {
    /// The uid of the object that goes.
    uid: String,
    /// What the pipeline wanted, policies aside.
    wanted: Value,
    /// What we apply.
    body: Value,
    /// The new object with what others set, and their records in its `managedFields`.
    #[serde(rename = "whole")]
    full: Value,
}

/// The record of one, as it is in the cluster.
#[derive(Clone, Debug)]
pub(crate) struct PendingRecreate {
    object: ObjectRef,
    uid: String,
    handover: Handover,
    /// Whether the Lease says that a run wrote it. Otherwise anyone may have written it, and nothing is created from it.
    noted: bool,
}

fn object(pipeline: &PipelineRef) -> ObjectRef {
    let name = format!("wellhead.{}.recreation", pipeline.name);
    ObjectRef::new(Kind::ControllerRevision, &pipeline.namespace, &name)
}

/// What runs that died, or gave up, have not made again of these pipelines, in their order: each with its StatefulSet and
/// its Lease. It costs a request only
/// where something hints at one.
pub(crate) async fn pending(
    client: &Client<'_>,
    pipelines: impl Iterator<Item = (&PipelineRef, &ObjectRef, &LeaseState)>,
    live: &Live,
) -> Result<Vec<Option<PendingRecreate>>, Problem> {
    let each = pipelines.map(|(pipeline, stateful_set, lease_state)| async move {
        let live = live.get(stateful_set);
        let hinted = live.is_none_or(|live| !lease_state.is_settled() || has_creator(live));
        if !lease_state.exists() || !hinted {
            return Ok(None);
        }
        let found = read(client, pipeline).await?;
        Ok(found.map(|it| PendingRecreate {
            noted: lease_state.notes_recreation(&it.handover.digest()),
            ..it
        }))
    });
    futures::future::try_join_all(each).await
}

/// Reads the record of a pipeline.
pub(crate) async fn read(
    client: &Client<'_>,
    pipeline: &PipelineRef,
) -> Result<Option<PendingRecreate>, Problem> {
    let object = object(pipeline);
    let found = client.get(&object).await.map_err(|failure| failure.problem("read", &object))?;
    let Some(found) = found else { return Ok(None) };
    let handover = packing::unpack_from(&found["data"]).map_err(|why| {
        Problem::new(Code::UnusableRevision, format!("{object} cannot be read"))
            .on(&object)
            .why(why)
            .hint(format!(
                "remove it; the StatefulSet loses the fields that other managers set: {}",
                object.kubectl("delete")
            ))
    })?;
    Ok(Some(PendingRecreate { uid: json::uid(&found).to_owned(), object, handover, noted: false }))
}

/// Keeps what the successor of a StatefulSet shall have, if others set anything of it.
pub(crate) async fn keep(
    client: &Client<'_>,
    pipeline: &PipelineRef,
    replacement: &Replacement,
    live: &Value,
) -> Result<Option<PendingRecreate>, Problem> {
    let Some(full) = &replacement.full else { return Ok(None) };
    let handover = Handover {
        uid: json::uid(live).to_owned(),
        wanted: replacement.wanted.clone(),
        body: replacement.body.clone(),
        full: of_others(full),
    };
    let object = object(pipeline);
    let failed = |failure: Failure| failure.problem("write", &object);
    let body = body(&object, pipeline, &handover)?;
    notes::note_recreation(client, pipeline, &handover.digest()).await?;
    // Twice: the second time after the rest of a dead run was removed.
    for _ in 0..2 {
        match client.create(&object, &body).await {
            Ok(made) => {
                let uid = json::uid(&made).to_owned();
                return Ok(Some(PendingRecreate { object, uid, handover, noted: true }));
            }
            Err(failure) if failure.is_conflict() => {}
            Err(failure) => return Err(failed(failure)),
        }
        match read(client, pipeline).await? {
            Some(found) if found.handover == handover => {
                return Ok(Some(PendingRecreate { noted: true, ..found }));
            }
            Some(found) => found.remove(client).await?,
            None => {}
        }
    }
    Err(Problem::new(Code::UnusableRevision, format!("another client keeps writing to {object}"))
        .on(&object)
        .retry(""))
}

fn body(object: &ObjectRef, pipeline: &PipelineRef, handover: &Handover) -> Result<Value, Problem> {
    let mut data = packing::pack_into(handover).map_err(|why| {
        Problem::new(Code::UnusableRevision, format!("{object} cannot be packed")).why(why)
    })?;
    data["apiVersion"] = wellhead_spec::API_VERSION.into();
    data["kind"] = "Recreation".into();
    Ok(json!({
        "apiVersion": object.kind.api_version(),
        "kind": "ControllerRevision",
        "metadata": {
            "name": object.name,
            "namespace": object.namespace,
            "labels": {PIPELINE_LABEL: pipeline.name},
        },
        "revision": 0,
        "data": data,
    }))
}

/// The object without what differs each time that the server is asked about it.
fn of_others(full: &Value) -> Value {
    let mut kept = without_server_fields(full);
    let records = json::items(full, "/metadata/managedFields").iter();
    let records = records.filter(|it| {
        json::text(it, "/manager") != FIELD_MANAGER && json::text(it, "/subresource") != "status"
    });
    kept["metadata"]["managedFields"] = records.cloned().collect();
    kept
}

/// Whether an object was created whole, and what is others' was not handed back.
fn has_creator(live: &Value) -> bool {
    json::items(live, "/metadata/managedFields").iter().any(|it| {
        json::text(it, "/manager") == FIELD_MANAGER
            && json::text(it, "/operation") == "Update"
            && json::text(it, "/subresource").is_empty()
    })
}

impl Handover {
    fn digest(&self) -> String {
        revisions::digest_of(self)
    }
}

impl PendingRecreate {
    /// What is to be created for a StatefulSet that does not exist, if the files are those of the run that ended.
    pub(crate) fn replacement(&self, wanted: &Value) -> Option<Replacement> {
        let Handover { wanted: then, body, full, .. } = &self.handover;
        (self.noted && then == wanted).then(|| Replacement {
            wanted: wanted.clone(),
            body: body.clone(),
            full: Some(full.clone()),
        })
    }

    /// The new object, as the server would store it; `stored` is what we alone would make.
    pub(crate) fn preview(&self, stored: &Value) -> Value {
        let mut full = self.handover.full.clone();
        let ours = json::items(stored, "/metadata/managedFields").iter();
        if let Some(Value::Array(known)) = full.pointer_mut("/metadata/managedFields") {
            known.extend(ours.cloned());
        }
        full
    }

    /// Whether the successor exists, and still has to be handed back.
    pub(crate) fn is_created(&self, live: &Value) -> bool {
        self.noted && json::uid(live) != self.handover.uid && has_creator(live)
    }

    pub(crate) fn parts(&self) -> (&Value, &Value) {
        (&self.handover.body, &self.handover.full)
    }

    /// What is reported where files are others than those of the run that ended.
    pub(crate) fn lost(&self, object: &ObjectRef) -> Problem {
        let owned = owners::others(&self.handover.full).into_iter().map(|(owner, paths)| {
            let paths: Vec<_> = paths.iter().map(ToString::to_string).collect();
            format!("{} set {}", owner.manager, paths.join(", "))
        });
        let owned: Vec<_> = owned.collect();
        Problem::new(
            Code::RecreatedWithoutOthersFields,
            format!("{object} is recreated without the fields that other managers set"),
        )
        .on(object)
        .why(format!(
            "a run ended between deleting and creating it, {}; {}",
            if self.noted {
                "and its files were others"
            } else {
                "and its Lease does not note what that run kept"
            },
            owned.join("; ")
        ))
        .hint("apply the files of that run first, or have these fields set again")
    }

    /// Removes the record: nothing is left to be made.
    pub(crate) async fn remove(&self, client: &Client<'_>) -> Result<(), Problem> {
        revisions::remove(client, &self.object, &self.uid).await
    }
}

/// A StatefulSet that is to be created in place of another.
#[derive(Debug)]
pub(crate) struct Replacement {
    /// What the pipeline wants, policies aside.
    pub(crate) wanted: Value,
    /// What we apply.
    pub(crate) body: Value,
    /// The whole object, where others set fields of the one that exists. Its `managedFields` say who.
    pub(crate) full: Option<Value>,
}

impl Replacement {
    pub(crate) fn new(wanted: Value, body: Value) -> Self {
        Self { wanted, body, full: None }
    }
}

/// An object as it can be created: without what the server gives.
pub(crate) fn without_server_fields(full: &Value) -> Value {
    let mut body = full.clone();
    if let Some(fields) = body.as_object_mut() {
        fields.remove("status");
    }
    if let Some(Value::Object(metadata)) = body.get_mut("metadata") {
        let kept = ["name", "namespace", "labels", "annotations", "finalizers", "ownerReferences"];
        metadata.retain(|key, _| kept.contains(&key.as_str()));
    }
    for template in body.pointer_mut(TEMPLATES).and_then(Value::as_array_mut).into_iter().flatten()
    {
        if let Some(template) = template.as_object_mut() {
            template.remove("status");
        }
    }
    body
}

/// Records for tests.
#[cfg(test)]
pub(crate) mod fixture {
    use serde_json::{Value, json};

    use super::{Handover, PendingRecreate, object, of_others};
    use crate::model::object::PipelineRef;

    pub(crate) fn full(time: &str) -> Value {
        json!({
            "metadata": {"name": "db", "uid": time, "resourceVersion": time, "managedFields": [
                {"manager": "wellhead", "operation": "Apply", "time": time},
                {"manager": "hpa", "operation": "Update", "subresource": "scale",
                 "fieldsV1": {"f:spec": {"f:replicas": {}}}},
                {"manager": "kcm", "operation": "Update", "subresource": "status", "time": time}]},
            "spec": {"replicas": 5}, "status": {"replicas": 5}})
    }

    /// A record of `db` whose old object had the uid `old`.
    pub(crate) fn pending() -> PendingRecreate {
        let pipeline = PipelineRef { namespace: "ns".to_owned(), name: "db".to_owned() };
        let handover = Handover {
            uid: "old".to_owned(),
            wanted: json!({"spec": {"replicas": 2}}),
            body: json!({"spec": {}}),
            full: of_others(&full("1")),
        };
        PendingRecreate {
            object: object(&pipeline),
            uid: "record".to_owned(),
            handover,
            noted: true,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::fixture::{full, pending};
    use super::{PendingRecreate, has_creator, of_others};
    use crate::model::object::{Kind, ObjectRef};

    #[test]
    fn what_is_kept_is_the_same_whenever_the_server_is_asked() {
        assert_eq!(of_others(&full("1")), of_others(&full("2")));
        assert_eq!(of_others(&full("1"))["spec"]["replicas"], 5);
    }

    #[test]
    fn only_the_files_of_the_run_that_ended_bring_it_back_whole() {
        let wanted = json!({"spec": {"replicas": 2}});
        let replacement = pending().replacement(&wanted).unwrap();
        assert_eq!(replacement.full.unwrap()["spec"]["replicas"], 5);
        assert!(pending().replacement(&json!({"spec": {"replicas": 3}})).is_none());
        let forged = PendingRecreate { noted: false, ..pending() };
        assert!(forged.replacement(&wanted).is_none(), "no run wrote it");
        let found = pending().lost(&ObjectRef::new(Kind::StatefulSet, "ns", "db"));
        let why = found.why.unwrap();
        assert!(why.contains("hpa set spec.replicas"), "{why}");
    }

    #[test]
    fn a_successor_is_one_of_another_uid_that_was_created_whole() {
        let creator = json!([{"manager": "wellhead", "operation": "Update"}]);
        let live = |uid: &str, managers: &serde_json::Value| json!({"metadata": {"uid": uid, "managedFields": managers}});
        assert!(pending().is_created(&live("new", &creator)));
        assert!(!pending().is_created(&live("old", &creator)));
        let forged = PendingRecreate { noted: false, ..pending() };
        assert!(!forged.is_created(&live("new", &creator)));
        assert!(!has_creator(&full("1")));
    }
}
