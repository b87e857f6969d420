//! The storage of pipelines: what is in use, kept, or left behind.

mod abort;
mod release;

use std::collections::HashMap;

use jiff::Timestamp;
use k8s_openapi::api::apps::v1::StatefulSet;
use k8s_openapi::api::core::v1::{PersistentVolume, PersistentVolumeClaim};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde_json::Value;

use crate::api::client::{Client, Listing};
use crate::api::connect::Cluster;
use crate::api::failure::failed;
use crate::decide::pod_changes::Pods;
use crate::migrate::fields::{capacity, reclaim_policy, volume_name};
use crate::migrate::marks;
use crate::migrate::marks::Role;

use crate::model::error::{ClusterError, Problem};
use crate::model::json;
use crate::model::json::class::HasStorageClass as _;
use crate::model::json::typed::{lenient, metadata, name, namespace, text};
use crate::model::object::{ALL_NAMESPACES, Kind, PipelineRef};
use crate::model::stop::StopSignal;
use crate::model::storage::volume::{Volume, VolumeState, Volumes};
use crate::observe::inventory::Found;
use crate::observe::live::Reader as _;
use crate::observe::{expansion, inventory};

pub use release::Released;

impl Cluster {
    /// Every claim, volume and snapshot of the pipelines of a namespace, or of all; of one pipeline where `pipeline` names
    /// it. Each kind is read once, whatever the number of pipelines.
    pub async fn volumes(
        &self,
        namespace: Option<&str>,
        pipeline: Option<&str>,
    ) -> Result<Volumes, ClusterError> {
        let stop = StopSignal::default();
        let client = Client::reading(self, &stop);
        let namespace = namespace.unwrap_or(ALL_NAMESPACES);
        let found = inventory::find_all(&client, namespace, None).await?;
        let (volumes, readable) = read_volumes(&client, namespace).await?;
        let mut rows = Rows { now: client.now(), rows: Vec::new() };
        for (pipeline, found) in &found {
            rows.add_claims(pipeline, found, &volumes.by_name);
        }
        rows.add_marked(&volumes.marked);
        rows.add_snapshots(snapshots(&client, namespace).await?);
        let mut rows = rows.rows;
        if let Some(pipeline) = pipeline {
            rows.retain(|it| it.pipeline == pipeline);
        }
        let key = |it: &Volume| {
            (
                it.namespace.clone(),
                it.pipeline.clone(),
                it.claim.clone(),
                it.state,
                it.volume.clone(),
            )
        };
        rows.sort_by_cached_key(key);
        Ok(Volumes { volumes: rows, readable })
    }
}

/// What matters of volumes: those that claims of the namespaces have, and those that have a role.
#[derive(Default)]
struct Read {
    by_name: HashMap<String, PersistentVolume>,
    marked: Vec<PersistentVolume>,
}

/// Who may not read volumes sees the claims alone.
async fn read_volumes(client: &Client<'_>, of: &str) -> Result<(Read, bool), Problem> {
    let mut read = Read::default();
    let mut add = |volume: Value| {
        let volume: PersistentVolume = lenient(&volume);
        let claim = volume.spec.as_ref().and_then(|it| it.claim_ref.as_ref());
        let is_ours = |it: &str| of == ALL_NAMESPACES || it == of;
        if claim.is_some_and(|it| is_ours(text(it.namespace.as_ref()))) {
            if Role::of(&volume.metadata).is_some() {
                read.marked.push(volume.clone());
            }
            read.by_name.insert(name(&volume.metadata).to_owned(), volume);
        }
    };
    let listing = Listing::whole(Kind::PersistentVolume, ALL_NAMESPACES, "");
    match client.walk(listing, &mut add).await {
        Ok(()) => Ok((read, true)),
        Err(failure) if failure.is_forbidden() => Ok((Read::default(), false)),
        Err(failure) => Err(failed(Kind::PersistentVolume, ALL_NAMESPACES)(failure)),
    }
}

/// Snapshots of a namespace; none where the cluster knows no snapshots, or they may not be read.
async fn snapshots(client: &Client<'_>, of: &str) -> Result<Vec<Value>, Problem> {
    let listing = Listing::whole(Kind::VolumeSnapshot, of, "");
    match client.list_as(listing, Some).await {
        Ok(found) => Ok(found),
        Err(failure) if failure.is_forbidden() || failure.is_not_found() => Ok(Vec::new()),
        Err(failure) => Err(failed(Kind::VolumeSnapshot, of)(failure)),
    }
}

struct Rows {
    now: Timestamp,
    rows: Vec<Volume>,
}

impl Rows {
    fn add_claims(
        &mut self,
        pipeline: &PipelineRef,
        found: &Found,
        volumes: &HashMap<String, PersistentVolume>,
    ) {
        let set = found.stateful_set.as_ref();
        let used = set.map(|set| {
            let pods = Pods::of(set);
            (lenient::<StatefulSet>(set), pods.claims(pods.ordinals.clone()))
        });
        let used: std::collections::HashSet<_> =
            used.into_iter().flat_map(|(_, claims)| claims).collect();
        for claim in found.claims.iter().chain(&found.foreign_claims) {
            let claim: PersistentVolumeClaim = lenient(claim);
            let claimed = name(&claim.metadata);
            let volume = volumes.get(volume_name(&claim));
            let state = match (volume_name(&claim), used.contains(claimed)) {
                ("", _) => VolumeState::Pending,
                (_, true) => VolumeState::InUse,
                (_, false) => VolumeState::LeftBehind,
            };
            let size = volume.map_or_else(|| expansion::requested(&claim), capacity);
            self.rows.push(Volume {
                state,
                claim: claimed.to_owned(),
                volume: volume_name(&claim).to_owned(),
                size: size.to_owned(),
                storage_class: claim.storage_class().unwrap_or_default().to_owned(),
                reclaim_policy: volume.map(reclaim_policy).unwrap_or_default().to_owned(),
                ..self.row(pipeline, &claim.metadata)
            });
        }
    }

    /// Volumes that a migration has left, or is at. What a claim has is shown with its claim.
    fn add_marked(&mut self, marked: &[PersistentVolume]) {
        for volume in marked {
            let state = match Role::of(&volume.metadata) {
                Some(Role::Source) => VolumeState::Source,
                Some(Role::Target) => VolumeState::Target,
                Some(Role::Kept) => VolumeState::Kept,
                Some(Role::Discarded) => VolumeState::Discarded,
                None => continue,
            };
            let known = name(&volume.metadata);
            if let Some(row) = self.rows.iter_mut().find(|it| it.volume == known) {
                row.state = state;
                continue;
            }
            let claim = volume.spec.as_ref().and_then(|it| it.claim_ref.as_ref());
            let pipeline = PipelineRef {
                namespace: text(claim.and_then(|it| it.namespace.as_ref())).to_owned(),
                name: marks::pipeline(&volume.metadata).to_owned(),
            };
            self.rows.push(Volume {
                state,
                claim: marks::claim(&volume.metadata).to_owned(),
                volume: known.to_owned(),
                size: capacity(volume).to_owned(),
                storage_class: volume.storage_class().unwrap_or_default().to_owned(),
                reclaim_policy: reclaim_policy(volume).to_owned(),
                ..self.row(&pipeline, &volume.metadata)
            });
        }
    }

    /// Snapshots of claims that are listed.
    fn add_snapshots(&mut self, snapshots: Vec<Value>) {
        let claims: HashMap<_, _> = self
            .rows
            .iter()
            .map(|it| ((it.namespace.clone(), it.claim.clone()), it.pipeline.clone()))
            .collect();
        for snapshot in snapshots {
            let metadata = metadata(&snapshot);
            let claim = json::text(&snapshot, "/spec/source/persistentVolumeClaimName");
            let at = (namespace(&metadata).to_owned(), claim.to_owned());
            let Some(pipeline) = claims.get(&at) else { continue };
            let pipeline = PipelineRef { namespace: at.0.clone(), name: pipeline.clone() };
            self.rows.push(Volume {
                state: VolumeState::Snapshot,
                claim: claim.to_owned(),
                volume: name(&metadata).to_owned(),
                size: json::text(&snapshot, "/status/restoreSize").to_owned(),
                storage_class: json::text(&snapshot, "/spec/volumeSnapshotClassName").to_owned(),
                reclaim_policy: String::new(),
                ..self.row(&pipeline, &metadata)
            });
        }
    }

    fn row(&self, pipeline: &PipelineRef, metadata: &ObjectMeta) -> Volume {
        let created = metadata.creation_timestamp.as_ref().map(|it| it.0);
        Volume {
            namespace: pipeline.namespace.clone(),
            pipeline: pipeline.name.clone(),
            state: VolumeState::InUse,
            claim: String::new(),
            volume: String::new(),
            size: String::new(),
            storage_class: String::new(),
            reclaim_policy: String::new(),
            age: created.and_then(|it| self.now.duration_since(it).try_into().ok()),
            created: created.map(|it| it.to_string()),
        }
    }
}
