//! Letting go of volumes that migrations have kept: a person's own words delete them.

use k8s_openapi::api::core::v1::PersistentVolume;
use serde::Serialize;
use serde_json::json;
use wellhead_diagnostics::Code;

use crate::api::client::Client;
use crate::api::connect::Cluster;
use crate::api::warning::Heard;
use crate::check::migration::marked;
use crate::migrate::fields::{claim_uid, volume_name};
use crate::migrate::marks;
use crate::migrate::marks::Role;
use crate::model::error::{ClusterError, Problem};
use crate::model::json::typed::{lenient, name, resource_version, text};
use crate::model::object::{Kind, ObjectRef, PipelineRef};
use crate::model::progress::{Event, Silent};
use crate::model::stop::StopSignal;

/// A volume that is let go.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Released {
    /// The volume.
    pub volume: String,
    /// The claim whose data it had.
    pub claim: String,
    /// Whether its data are deleted: it had the policy Delete before it was kept. Otherwise it stays, and is not Wellhead's
    /// any more.
    pub deleted: bool,
}

impl Cluster {
    /// The volumes that [`Cluster::release_volumes`] would let go.
    pub async fn releasable_volumes(
        &self,
        pipeline: &PipelineRef,
    ) -> Result<Vec<Released>, ClusterError> {
        let stop = StopSignal::default();
        let client = Client::reading(self, &stop);
        let kept = kept(&client, pipeline).await?;
        Ok(kept.iter().map(|it| it.1.clone()).collect())
    }

    /// Lets the volumes go that migrations of a pipeline have kept. Those that had the reclaim policy Delete are deleted with
    /// their data.
    pub async fn release_volumes(
        &self,
        pipeline: &PipelineRef,
        stop: &StopSignal,
    ) -> Result<Vec<Released>, ClusterError> {
        let heard = Heard::default();
        let client = Client::new(self, &Silent, stop, &heard);
        let mut released = Vec::new();
        for (volume, release) in kept(&client, pipeline).await? {
            if stop.is_stopped() {
                return Err(ClusterError::Stopped { report: None });
            }
            let object = ObjectRef::new(Kind::PersistentVolume, "", name(&volume.metadata));
            let mut metadata = marks::none();
            metadata["resourceVersion"] = resource_version(&volume.metadata).into();
            let policy = if release.deleted { "Delete" } else { "Retain" };
            let spec = json!({"persistentVolumeReclaimPolicy": policy});
            let body = json!({"metadata": metadata, "spec": spec});
            client.merge(&object, &body).await.map_err(|it| it.problem("release", &object))?;
            client.progress.event(Event::Deleting(object));
            released.push(release);
        }
        Ok(released)
    }
}

/// The volumes that are kept and that no claim has.
async fn kept(
    client: &Client<'_>,
    pipeline: &PipelineRef,
) -> Result<Vec<(PersistentVolume, Released)>, Problem> {
    let mut kept = Vec::new();
    for volume in marked(client, pipeline).await? {
        let role = Role::of(&volume.metadata);
        if !matches!(role, Some(Role::Kept | Role::Discarded)) {
            continue;
        }
        let claim = marks::claim(&volume.metadata).to_owned();
        let phase = text(volume.status.as_ref().and_then(|it| it.phase.as_ref()));
        if phase == "Bound" {
            continue;
        }
        has_successor(client, pipeline, &volume, &claim).await?;
        let release = Released {
            volume: name(&volume.metadata).to_owned(),
            claim,
            deleted: marks::policy(&volume.metadata) == "Delete",
        };
        kept.push((volume, release));
    }
    Ok(kept)
}

/// A volume is let go only where its claim has another one: it may be the only place that has the data.
async fn has_successor(
    client: &Client<'_>,
    pipeline: &PipelineRef,
    volume: &PersistentVolume,
    claim: &str,
) -> Result<(), Problem> {
    let object = ObjectRef::new(Kind::PersistentVolumeClaim, &pipeline.namespace, claim);
    let found = client.get(&object).await.map_err(|it| it.problem("read", &object))?;
    let found = found.as_ref().map(lenient).unwrap_or_default();
    let has = volume_name(&found);
    let is_other = !has.is_empty()
        && has != name(&volume.metadata)
        && claim_uid(volume) != text(found.metadata.uid.as_ref());
    if is_other {
        return Ok(());
    }
    let volume = name(&volume.metadata);
    let what = format!("volume {volume} has the data of {object}, which has no other volume");
    Err(Problem::new(Code::VolumesKept, what)
        .on(&object)
        .why("nothing was released")
        .hint("apply the pipeline first, so that its claim has a volume; to delete the data all the same: kubectl delete pv"))
}
