//! What there is of a claim whose data are moved.

use k8s_openapi::api::batch::v1::Job;
use k8s_openapi::api::core::v1::{PersistentVolume, PersistentVolumeClaim, Pod};
use serde::de::DeserializeOwned;
use serde_json::Value;
use wellhead_spec::MigrationMethod;

use super::fields::{has_ended, holds, volume_name};
use super::marks;
use super::marks::Role;
use super::next::{CopyJob, Goal, Seen, Snapshot};
use crate::api::client::{Client, Listing};
use crate::api::failure;
use crate::api::failure::Failure;
use crate::model::error::Problem;
use crate::model::json;
use crate::model::json::typed::{is_deleting, lenient, metadata, name, text, uid};
use crate::model::object::{ALL_NAMESPACES, Kind, ObjectRef, PipelineRef};
use crate::observe::pods;

/// The label of the pods of a Job. <https://kubernetes.io/docs/reference/labels-annotations-taints/>
const JOB_NAME: &str = "batch.kubernetes.io/job-name";
/// Why a copy that ended does not count.
const DIFFERS: &str = "it ended without the same digest of both volumes";
/// Hexadecimal digits of the digest that a Job ends with.
const DIGEST: usize = 64;

/// The volumes that have a role in a migration of a pipeline.
pub(crate) async fn volumes(
    client: &Client<'_>,
    labels: &str,
) -> Result<Vec<PersistentVolume>, Failure> {
    let listing = Listing::whole(Kind::PersistentVolume, ALL_NAMESPACES, labels);
    client.list_as(listing, |volume| Some(lenient(&volume))).await
}

/// Reads everything that the next step of one claim depends on.
pub(crate) async fn look(
    client: &Client<'_>,
    pipeline: &PipelineRef,
    goal: &Goal,
    pod: &ObjectRef,
) -> Result<Seen, Problem> {
    let claim: Option<PersistentVolumeClaim> = read(client, &goal.claim).await?;
    let marked = volumes(client, &marks::selector(pipeline)).await;
    let marked = marked.map_err(failure::failed(Kind::PersistentVolume, ALL_NAMESPACES))?;
    let with_role = |role: Role| {
        let ours = |it: &&PersistentVolume| {
            Role::of(&it.metadata) == Some(role) && marks::claim(&it.metadata) == goal.claim.name
        };
        marked.iter().find(ours).cloned()
    };
    let (mut source, target) = (with_role(Role::Source), with_role(Role::Target));
    if let (None, Some(claim)) = (&source, &claim) {
        let volume = ObjectRef::new(Kind::PersistentVolume, "", volume_name(claim));
        if !volume.name.is_empty() {
            source = read(client, &volume).await?;
        }
    }
    let filler = filler(&goal.claim, Kind::PersistentVolumeClaim);
    let filler: Option<PersistentVolumeClaim> = read(client, &filler).await?;
    let pod: Option<Pod> = read(client, pod).await?;
    let is_still =
        pod.as_ref().is_some_and(|it| holds(it) && is_deleting(&it.metadata) && has_ended(it));
    let decides = is_still && (filler.is_none() || target.is_some());
    let others =
        if decides { others(client, &goal.claim, pod.as_ref()).await? } else { Vec::new() };
    Ok(Seen {
        claim,
        source,
        target,
        filler,
        snapshot: match goal.method {
            Some(MigrationMethod::Snapshot) => snapshot(client, &goal.claim).await?,
            Some(_) => None,
            None => snapshot(client, &goal.claim).await.unwrap_or_default(),
        },
        job: match goal.method {
            Some(MigrationMethod::Copy) => job(client, &goal.claim).await?,
            Some(_) => None,
            None => job(client, &goal.claim).await.unwrap_or_default(),
        },
        pod,
        others,
    })
}

/// The object of a kind that fills the new volume of a claim.
pub(crate) fn filler(claim: &ObjectRef, kind: Kind) -> ObjectRef {
    ObjectRef::new(kind, &claim.namespace, &marks::filler(&claim.name))
}

async fn read<T: DeserializeOwned + Default>(
    client: &Client<'_>,
    object: &ObjectRef,
) -> Result<Option<T>, Problem> {
    let found = client.get(object).await.map_err(|it| it.problem("read", object))?;
    Ok(found.as_ref().map(lenient))
}

/// Pods that use the claim beside the one whose claim it is, and beside those of our Job.
async fn others(
    client: &Client<'_>,
    claim: &ObjectRef,
    own: Option<&Pod>,
) -> Result<Vec<String>, Problem> {
    let job = marks::filler(&claim.name);
    let own = own.map(|it| uid(&it.metadata).to_owned()).unwrap_or_default();
    let listing = Listing::whole(Kind::Pod, &claim.namespace, "");
    let using = |pod: Value| {
        let pod: Pod = lenient(&pod);
        let labels = pod.metadata.labels.as_ref();
        let is_ours = labels.is_some_and(|it| it.get(JOB_NAME) == Some(&job));
        let volumes = pod.spec.iter().flat_map(|it| it.volumes.iter().flatten());
        let mut claims = volumes.filter_map(|it| it.persistent_volume_claim.as_ref());
        let uses = claims.any(|it| it.claim_name == claim.name);
        (uses && !is_ours && uid(&pod.metadata) != own).then(|| name(&pod.metadata).to_owned())
    };
    let found = client.list_as(listing, using).await;
    found.map_err(failure::failed(Kind::Pod, &claim.namespace))
}

async fn snapshot(client: &Client<'_>, claim: &ObjectRef) -> Result<Option<Snapshot>, Problem> {
    let object = filler(claim, Kind::VolumeSnapshot);
    let found = client.get(&object).await.map_err(|it| it.problem("read", &object))?;
    Ok(found.map(|found| {
        let error = json::text(&found, "/status/error/message");
        let metadata = metadata(&found);
        Snapshot {
            uid: uid(&metadata).to_owned(),
            held: marks::held(&metadata).to_owned(),
            is_ready: found.pointer("/status/readyToUse") == Some(&Value::Bool(true)),
            error: (!error.is_empty()).then(|| error.to_owned()),
            is_deleting: is_deleting(&metadata),
        }
    }))
}

async fn job(client: &Client<'_>, claim: &ObjectRef) -> Result<Option<CopyJob>, Problem> {
    let object = filler(claim, Kind::Job);
    let Some(job) = read::<Job>(client, &object).await? else { return Ok(None) };
    let status = job.status.unwrap_or_default();
    let condition = |kind: &str| {
        let mut all = status.conditions.iter().flatten();
        all.find(|it| it.type_ == kind && it.status == "True")
    };
    let failed = condition("Failed").map(|it| text(it.message.as_ref()).to_owned());
    let is_complete = condition("Complete").is_some();
    let digest = if is_complete { digest(client, &object).await? } else { None };
    let differs = is_complete && digest.is_none();
    let failed = failed.or_else(|| differs.then(|| DIFFERS.to_owned()));
    Ok(Some(CopyJob {
        uid: uid(&job.metadata).to_owned(),
        held: marks::held(&job.metadata).to_owned(),
        digest,
        failed,
        is_deleting: is_deleting(&job.metadata),
    }))
}

/// The digest of the files, where the Job's container ended with the same one of both volumes.
async fn digest(client: &Client<'_>, job: &ObjectRef) -> Result<Option<String>, Problem> {
    let labels = format!("{JOB_NAME}={}", job.name);
    let found = pods::read(client, &job.namespace, &labels).await;
    let found = found.map_err(failure::failed(Kind::Pod, &job.namespace))?;
    let ended = found
        .iter()
        .flat_map(|it| it.status.iter().flat_map(|it| it.container_statuses.iter().flatten()));
    let mut said = ended.filter_map(|it| {
        let ended = it.state.as_ref()?.terminated.as_ref()?;
        (ended.exit_code == 0).then(|| same(ended.message.as_deref().unwrap_or_default()))?
    });
    Ok(said.next())
}

/// The digest in `source=sha256:DIGEST target=sha256:DIGEST`, where both are the same.
fn same(message: &str) -> Option<String> {
    let word = |key: &str| {
        let mut words = message.split_whitespace();
        let digest = words.find_map(|it| it.strip_prefix(key))?;
        let is_digest = digest.len() == DIGEST && digest.bytes().all(|it| it.is_ascii_hexdigit());
        is_digest.then_some(digest)
    };
    let (source, target) = (word("source=sha256:")?, word("target=sha256:")?);
    (source == target).then(|| source.to_owned())
}

#[cfg(test)]
mod tests {
    use super::same;

    #[test]
    fn a_copy_counts_only_with_the_same_digest_of_both_volumes() {
        let said = |source: &str, target: &str| {
            same(&format!("source=sha256:{source} target=sha256:{target} files=1"))
        };
        let (one, other) = ("a".repeat(64), "b".repeat(64));
        assert_eq!(said(&one, &one), Some(one.clone()));
        for (source, target) in
            [(&*one, &*other), (&*one, "aa"), ("", ""), (&*one, &"g".repeat(64))]
        {
            assert_eq!(said(source, target), None, "{source} {target}");
        }
        assert_eq!(same(""), None);
    }
}
