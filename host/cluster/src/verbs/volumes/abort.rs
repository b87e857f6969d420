//! Going back from migrations that were begun.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::Value;
use wellhead_diagnostics::Code;
use wellhead_spec::VolumeMigration;

use crate::api::client::Client;
use crate::api::connect::Cluster;
use crate::api::warning::Heard;
use crate::check::migration::marked;
use crate::migrate::act::Actor;
use crate::migrate::marks;
use crate::migrate::marks::Role;
use crate::migrate::next::Goal;
use crate::migrate::run::go_back;
use crate::model::error::{ClusterError, Problem};
use crate::model::object::{Kind, ObjectRef, PipelineRef};
use crate::model::progress::{Event, Progress};
use crate::model::stop::StopSignal;
use crate::model::storage::migration::MigrationPhase;
use crate::store::lease::acquired::{AcquireError, Lease};
use crate::store::lease::held::Held;
use crate::store::lease::notes;
use crate::store::lock;
use crate::verbs::delete::wait_for_holder;

impl Cluster {
    /// Goes back to the old volumes of claims whose data a run has begun to move, where the claim still has its old volume.
    /// The answer has the claims that went back. One that has its new volume already is a finding: it is finished by the
    /// apply that began it.
    pub async fn abort_migrations(
        &self,
        pipeline: &PipelineRef,
        stop: &StopSignal,
        progress: &dyn Progress,
    ) -> Result<Vec<String>, ClusterError> {
        let heard = Heard::default();
        let client = &Client::new(self, progress, stop, &heard);
        let lease = acquire(client, pipeline).await?;
        let mut held = Held::begin(client, lease);
        let done = held
            .hold(Box::pin(abort(client, pipeline)))
            .await
            .unwrap_or_else(|lost| Err(vec![lost]));
        // The next run waits until it expires, where it cannot be given back.
        let _ = held.release(client, None).await;
        done.map_err(ClusterError::refused)
    }
}

/// The Lease of the pipeline. A run that died is waited for until its own has ended.
async fn acquire(client: &Client<'_>, pipeline: &PipelineRef) -> Result<Lease, ClusterError> {
    for _ in 0..lock::MAX_ATTEMPTS {
        let state = lock::lease_states(client, &[pipeline]).await?;
        let state = state.into_iter().next().ok_or_else(|| lock::contended(pipeline))?;
        if state.holder().is_some_and(|it| !it.is_gone()) {
            wait_for_holder(client, pipeline, &state, Duration::ZERO).await?;
            continue;
        }
        match Lease::acquire(client, pipeline, &state).await {
            Ok(lease) => return Ok(lease),
            Err(AcquireError::Changed) => {}
            Err(AcquireError::Failed(problem)) => {
                return Err(ClusterError::refused(vec![*problem]));
            }
        }
    }
    Err(ClusterError::Refused(vec![lock::contended(pipeline)]))
}

async fn abort(client: &Client<'_>, pipeline: &PipelineRef) -> Result<Vec<String>, Vec<Problem>> {
    let volumes = marked(client, pipeline).await.map_err(|it| vec![it])?;
    let mut claims = BTreeSet::new();
    for volume in &volumes {
        if matches!(Role::of(&volume.metadata), Some(Role::Source | Role::Target)) {
            claims.insert(marks::claim(&volume.metadata).to_owned());
        }
    }
    let (mut back, mut problems) = (Vec::new(), Vec::new());
    for claim in claims {
        let (_, ordinal) = claim.rsplit_once('-').unwrap_or_default();
        let pod = format!("{}-{ordinal}", pipeline.name);
        client.progress.event(Event::Migrating {
            pipeline: pipeline.clone(),
            claim: claim.clone(),
            pod: pod.clone(),
            phase: MigrationPhase::Aborting,
        });
        let goal = Goal {
            pipeline: pipeline.clone(),
            claim: ObjectRef::new(Kind::PersistentVolumeClaim, &pipeline.namespace, &claim),
            class: String::new(),
            size: String::new(),
            method: None,
        };
        let policy = VolumeMigration {
            methods: Vec::new(),
            order: None,
            snapshot_class: None,
            copy_image: None,
            timeout_seconds: None,
        };
        let pod = ObjectRef::new(Kind::Pod, &pipeline.namespace, &pod);
        let actor = Actor { client, pipeline, policy: &policy, goal: &goal, wanted: &Value::Null };
        match Box::pin(go_back(&actor, &pod)).await {
            Ok(true) => back.push(claim),
            Ok(false) => problems.push(too_late(&goal.claim)),
            Err(problem) => problems.push(problem),
        }
    }
    if problems.is_empty() {
        notes::note_migration(client, pipeline, false).await.map_err(|it| vec![it])?;
        Ok(back)
    } else {
        Err(problems)
    }
}

fn too_late(claim: &ObjectRef) -> Problem {
    let what = format!("{claim} has its new volume already, or gets it");
    Problem::new(Code::MigrationUnderWay, what)
        .on(claim)
        .why("its old volume is kept with the data of the time when its pod was stopped")
        .hint("apply what the earlier run was given to finish the migration")
}
