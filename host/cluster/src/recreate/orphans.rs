//! Pods and revisions of a StatefulSet that have no controller, or soon have none.

use futures::future::try_join_all;
use k8s_openapi::api::apps::v1::StatefulSet;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde_json::{Map, Value, json};

use crate::api::call::Mode;
use crate::api::client::{Client, Listing};
use crate::api::failure::Failure;
use crate::model::error::Problem;
use crate::model::json::typed;
use crate::model::json::typed::{is_deleting, metadata, name, namespace, ordinal, uid};
use crate::model::object::{Kind, ObjectRef};
use crate::observe::diagnosis::REVISION;
use crate::observe::pods;

/// Every pod of a StatefulSet has it.
/// <https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#pod-name-label>
const POD_NAME: &str = "statefulset.kubernetes.io/pod-name";

/// Every revision that a controller of Kubernetes made has it; its name ends with the value.
/// <https://github.com/kubernetes/kubernetes/blob/v1.36.3/pkg/controller/history/controller_history.go>
const REVISION_HASH: &str = "controller.kubernetes.io/hash";

/// A pod that runs while it has no StatefulSet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Orphan {
    pub(crate) name: String,
    pub(crate) ordinal: i64,
    pub(crate) uid: String,
    /// Its `controller-revision-hash`.
    pub(crate) revision: String,
}

/// What a StatefulSet owns besides claims, by its metadata.
#[derive(Debug, Default)]
pub(crate) struct Dependents {
    pub(crate) pods: Vec<ObjectMeta>,
    pub(crate) revisions: Vec<ObjectMeta>,
}

impl Dependents {
    pub(crate) fn orphans(&self) -> Vec<Orphan> {
        let orphan = |pod: &ObjectMeta| Orphan {
            name: name(pod).to_owned(),
            ordinal: ordinal(pod).unwrap_or_default(),
            uid: uid(pod).to_owned(),
            revision: typed::label(pod, REVISION).unwrap_or_default().to_owned(),
        };
        self.pods.iter().map(orphan).collect()
    }
}

/// What a StatefulSet owns now. Pods on their way out are no part of it.
pub(crate) async fn owned(
    client: &Client<'_>,
    stateful_set: &StatefulSet,
) -> Result<Dependents, Failure> {
    let namespace = namespace(&stateful_set.metadata);
    let labels = pods::selector(stateful_set);
    let (pods, mut revisions) = futures::try_join!(
        pods::pods(client, stateful_set),
        read(client, Kind::ControllerRevision, namespace, &labels),
    )?;
    let pods = pods.into_iter().map(|pod| pod.metadata);
    let pods = pods.filter(|pod| !is_deleting(pod)).collect();
    revisions.retain(|revision| owner(revision) == Some(uid(&stateful_set.metadata)));
    Ok(Dependents { pods, revisions })
}

/// The metadata of the objects of a kind that a label selector admits.
pub(super) async fn read(
    client: &Client<'_>,
    kind: Kind,
    namespace: &str,
    labels: &str,
) -> Result<Vec<ObjectMeta>, Failure> {
    let listing = Listing::whole(kind, namespace, labels);
    client.list_as(listing, |object| Some(metadata(&object))).await
}

/// What a StatefulSet of this name has left behind without a controller, of pods those that are not on their way out.
pub(crate) async fn leftovers(
    client: &Client<'_>,
    stateful_set: &ObjectRef,
) -> Result<Dependents, Failure> {
    let namespace = stateful_set.namespace.as_str();
    let (mut pods, mut revisions) = futures::try_join!(
        read(client, Kind::Pod, namespace, POD_NAME),
        read(client, Kind::ControllerRevision, namespace, REVISION_HASH),
    )?;
    let set = stateful_set.name.as_str();
    let ordinal = |pod: &ObjectMeta| name(pod).strip_prefix(set)?.strip_prefix('-')?.parse().ok();
    pods.retain(|pod| {
        ordinal(pod).is_some_and(|_: u32| true) && owner(pod).is_none() && !is_deleting(pod)
    });
    revisions.retain(|revision| {
        let hash = typed::label(revision, REVISION_HASH).unwrap_or_default();
        name(revision) == format!("{set}-{hash}") && owner(revision).is_none()
    });
    Ok(Dependents { pods, revisions })
}

/// The uid of an object's controller.
pub(crate) fn owner(object: &ObjectMeta) -> Option<&str> {
    let mut owners = object.owner_references.iter().flatten();
    owners.find(|owner| owner.controller == Some(true)).map(|owner| owner.uid.as_str())
}

/// Gives the dependents the labels by which a StatefulSet finds them, where they lack any: it adopts nothing else, and
/// cannot create a pod while another has its name.
pub(crate) async fn label(
    client: &Client<'_>,
    stateful_set: &Value,
    dependents: &Dependents,
    mode: Mode,
) -> Result<(), Problem> {
    let Some(Value::Object(wanted)) = stateful_set.pointer("/spec/selector/matchLabels") else {
        return Ok(());
    };
    let pods = dependents.pods.iter().map(|pod| (Kind::Pod, pod));
    let revisions = dependents.revisions.iter().map(|it| (Kind::ControllerRevision, it));
    let labelled = pods.chain(revisions).filter_map(|(kind, found)| {
        let labels = lacking(found, wanted);
        (!labels.is_empty()).then_some(async move {
            let object = ObjectRef::of(kind, found);
            let body = json!({"metadata": {"uid": uid(found), "labels": labels}});
            match client.merge_as(mode, &object, &body).await {
                // It ended by itself meanwhile.
                Err(failure) if failure.is_not_found() => Ok(()),
                Err(failure) => Err(failure.problem("label", &object)),
                Ok(_) => Ok(()),
            }
        })
    });
    try_join_all(labelled).await.map(drop)
}

fn lacking(object: &ObjectMeta, wanted: &Map<String, Value>) -> Map<String, Value> {
    let lacks = |(key, value): &(&String, &Value)| typed::label(object, key) != value.as_str();
    wanted.iter().filter(lacks).map(|(key, value)| (key.clone(), value.clone())).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{lacking, owner};
    use crate::model::json::typed::metadata;

    #[test]
    fn only_the_labels_that_an_object_lacks_are_set() {
        let pod = json!({"metadata": {"labels": {"app": "db", "tier": "old", "other": "x"}}});
        let wanted = json!({"app": "db", "tier": "new", "team": "a"});
        let lacking = lacking(&metadata(&pod), wanted.as_object().unwrap());
        assert_eq!(serde_json::Value::from(lacking), json!({"tier": "new", "team": "a"}));
    }

    #[test]
    fn an_owner_that_is_no_controller_does_not_count() {
        let owned = |controller: bool| {
            let owners = json!([{"uid": "1", "controller": controller}]);
            metadata(&json!({"metadata": {"ownerReferences": owners}}))
        };
        assert_eq!(owner(&owned(true)), Some("1"));
        assert_eq!(owner(&owned(false)), None);
    }
}
