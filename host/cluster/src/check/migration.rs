//! What fills the new volumes of claims whose data are to be moved, and what an earlier run has begun.
//!
//! The API server accepts a claim that no driver can fill, and says nothing of it but in events: so it is decided here.

use std::collections::HashMap;

use futures::future::join_all;
use k8s_openapi::api::core::v1::PersistentVolume;
use k8s_openapi::api::storage::v1::StorageClass;
use serde_json::Value;
use wellhead_diagnostics::Code;
use wellhead_spec::{MigrationMethod, VolumeMigration};

use crate::api::client::{Client, Listing};
use crate::api::failure;
use crate::api::failure::Failure;
use crate::decide::desired::Desired;
use crate::decide::migration::{Begun, Target};
use crate::decide::plan::{Compared, Decision, PipelinePlan, Step};
use crate::decide::pod_changes::Pods;
use crate::migrate::fields::capacity;
use crate::migrate::marks::Role;
use crate::migrate::next::{Goal, Seen};
use crate::migrate::{fill, look, marks};
use crate::model::error::Problem;
use crate::model::json;
use crate::model::json::class::HasStorageClass as _;
use crate::model::json::typed::{annotation, lenient, name};
use crate::model::object::{ALL_NAMESPACES, Kind, ObjectRef, PipelineRef};
use crate::model::quantity::amount;
use crate::model::storage::migration::Migration;
use crate::store::lease::state::LeaseState;

const DEFAULT_SNAPSHOT_CLASS: &str = "snapshot.storage.kubernetes.io/is-default-class";

/// The claims whose data earlier runs have begun to move. Nothing is read where no Lease says so.
pub(crate) async fn begun(
    client: &Client<'_>,
    jobs: &[Desired],
    lease_states: &[LeaseState],
) -> Result<HashMap<ObjectRef, Begun>, Problem> {
    let mut begun = HashMap::<ObjectRef, Begun>::new();
    for (job, _) in jobs.iter().zip(lease_states).filter(|(_, it)| it.notes_migration()) {
        for volume in marked(client, &job.pipeline).await? {
            let claim = marks::claim(&volume.metadata);
            let claim = ObjectRef::new(Kind::PersistentVolumeClaim, &job.pipeline.namespace, claim);
            match Role::of(&volume.metadata) {
                Some(Role::Source) => {
                    name(&volume.metadata).clone_into(&mut begun.entry(claim).or_default().source);
                }
                Some(Role::Target) => {
                    begun.entry(claim).or_default().target = Some(Target {
                        class: volume.storage_class().unwrap_or_default().to_owned(),
                        size: capacity(&volume).to_owned(),
                    });
                }
                Some(Role::Kept | Role::Discarded) | None => {}
            }
        }
    }
    Ok(begun)
}

/// The volumes that have a role for a pipeline.
pub(crate) async fn marked(
    client: &Client<'_>,
    pipeline: &PipelineRef,
) -> Result<Vec<PersistentVolume>, Problem> {
    let found = look::volumes(client, &marks::selector(pipeline)).await;
    found.map_err(failure::failed(Kind::PersistentVolume, ALL_NAMESPACES))
}

/// What is known of drivers.
struct Known {
    classes: Vec<StorageClass>,
    /// Names and drivers of snapshot classes, and whether each is its driver's default.
    snapshot_classes: Vec<(String, String, bool)>,
}

/// Chooses what fills each new volume. The problems say which claims cannot be moved as the pipeline allows.
pub(crate) async fn choose(
    client: &Client<'_>,
    plans: &mut [PipelinePlan<Compared>],
) -> Vec<Problem> {
    let migrates = |plan: &&mut PipelinePlan<Compared>| {
        plan.claims.iter().any(|it| it.decision == Decision::Migrate)
    };
    let mut plans: Vec<_> = plans.iter_mut().filter(migrates).collect();
    if plans.is_empty() {
        return Vec::new();
    }
    let known = match learn(client).await {
        Ok(known) => known,
        Err(problem) => return vec![problem],
    };
    let mut problems = Vec::new();
    for plan in &mut plans {
        let Some(policy) = plan.set.volume_migration.clone() else { continue };
        problems.extend(deleting(plan));
        let pipeline = plan.pipeline.clone();
        let chosen = plan.claims.iter().map(|step| async {
            match &step.migration {
                Some(migration) => {
                    let one = one(client, &known, (&pipeline, &policy), (step, migration));
                    Some(Box::pin(one).await)
                }
                None => None,
            }
        });
        let chosen = join_all(chosen).await;
        for (step, chosen) in plan.claims.iter_mut().zip(chosen) {
            match chosen {
                Some(Ok(method)) => {
                    step.migration.iter_mut().for_each(|it| it.method = Some(method));
                }
                Some(Err(problem)) => {
                    step.decision = Decision::Refuse;
                    problems.push(problem);
                }
                None => {}
            }
        }
    }
    problems
}

async fn learn(client: &Client<'_>) -> Result<Known, Problem> {
    let classes = client.list_typed(Kind::StorageClass, "").await;
    let classes = classes.map_err(failure::failed(Kind::StorageClass, ALL_NAMESPACES))?;
    let listing = Listing::whole(Kind::VolumeSnapshotClass, ALL_NAMESPACES, "");
    let snapshot_class = |class: Value| {
        let metadata = json::typed::metadata(&class);
        let is_default = annotation(&metadata, DEFAULT_SNAPSHOT_CLASS);
        let driver = json::text(&class, "/driver").to_owned();
        Some((json::name(&class).to_owned(), driver, is_default == "true"))
    };
    let snapshot_classes = match client.list_as(listing, snapshot_class).await {
        Ok(found) => found,
        // A cluster without snapshots does not know the kind.
        Err(failure) if failure.is_not_found() || failure.is_forbidden() => Vec::new(),
        Err(failure) => {
            return Err(failure::failed(Kind::VolumeSnapshotClass, ALL_NAMESPACES)(failure));
        }
    };
    Ok(Known { classes: classes.unwrap_or_default(), snapshot_classes })
}

/// Claims that go with their StatefulSet or their pod cannot be deleted and made again under their pod.
fn deleting(plan: &PipelinePlan<Compared>) -> Option<Problem> {
    let pods = Pods::of(&plan.stateful_set.body);
    let when = ["whenScaled", "whenDeleted"].into_iter().find(|when| pods.deletes_claims(when))?;
    let object = &plan.stateful_set.object;
    let what = format!("the data of claims of {object} cannot be moved under {when}: Delete");
    Some(
        Problem::new(Code::MigrationNotPossible, what)
            .on(object)
            .field(format!("spec.persistentVolumeClaimRetentionPolicy.{when}"))
            .why("Kubernetes would delete claims while they are moved")
            .hint(format!("set {when}: Retain, at least until the data are moved")),
    )
}

/// What fills the new volume of one claim.
async fn one(
    client: &Client<'_>,
    known: &Known,
    (pipeline, policy): (&PipelineRef, &VolumeMigration),
    (step, migration): (&Step<Compared>, &Migration),
) -> Result<MigrationMethod, Problem> {
    if let (true, Some(method)) = (migration.filled, policy.methods.first()) {
        // Nothing is left to fill.
        return Ok(*method);
    }
    let source = ObjectRef::new(Kind::PersistentVolume, "", &migration.volume);
    let found = match client.get(&source).await {
        Ok(found) => found,
        Err(failure) => return Err(failure.problem("read", &source)),
    };
    let source: PersistentVolume = found.as_ref().map(lenient).unwrap_or_default();
    let goal = Goal {
        pipeline: pipeline.clone(),
        claim: step.object.clone(),
        class: migration.to_class.clone(),
        size: migration.to_size.clone(),
        method: None,
    };
    let class = known.classes.iter().find(|it| name(&it.metadata) == goal.class);
    let Some(class) = class else {
        let names: Vec<_> = known.classes.iter().map(|it| name(&it.metadata)).collect();
        let what = format!("storage class \"{}\" does not exist", goal.class);
        return Err(Problem::new(Code::StorageClassNotFound, what)
            .on(&step.object)
            .field("spec.storageClassName")
            .why(format!("available: {}", names.join(", ")))
            .hint("use one of the available classes"));
    };
    let mut against = Vec::new();
    for method in &policy.methods {
        match speaks_against(*method, known, policy, (&source, class), step) {
            None => {
                if !migration.begun {
                    // Quotas, limits and admission policies have their say before anything is written.
                    let goal = Goal { method: Some(*method), ..goal };
                    asked(client, pipeline, &goal, step).await?;
                }
                return Ok(*method);
            }
            Some(why) => against.push(format!("{}: {why}", method.word())),
        }
    }
    let what = format!(
        "the data of {} cannot be moved from class {} to {}",
        step.object, migration.from_class, migration.to_class
    );
    Err(Problem::new(Code::MigrationNotPossible, what)
        .on(&step.object)
        .why(against.join("; "))
        .hint("`Copy` in `methods` of `volumeMigration` copies files between any drivers; it needs `copyImage`"))
}

/// Why a method cannot fill the new volume.
fn speaks_against(
    method: MigrationMethod,
    known: &Known,
    policy: &VolumeMigration,
    (source, class): (&PersistentVolume, &StorageClass),
    step: &Step<Compared>,
) -> Option<String> {
    let live = step.live.clone().unwrap_or_default();
    if method == MigrationMethod::Copy {
        let is_block = json::text(&live, "/spec/volumeMode") == "Block";
        return is_block.then(|| "the volume is a block device without files".to_owned());
    }
    let driver = source.spec.as_ref().and_then(|it| it.csi.as_ref()).map(|it| it.driver.as_str());
    let Some(driver) = driver else {
        return Some(format!("volume {} is not of a CSI driver", name(&source.metadata)));
    };
    if class.provisioner != driver {
        let other = &class.provisioner;
        return Some(format!("the volume is of driver {driver}, and the class of {other}"));
    }
    let (wants, has) =
        (json::text(&step.body, "/spec/resources/requests/storage"), capacity(source));
    if amount(wants) < amount(has) {
        return Some(format!("{wants} is less than the {has} of the volume"));
    }
    if method == MigrationMethod::Clone {
        return None;
    }
    let mut classes = known.snapshot_classes.iter().filter(|it| it.1 == driver);
    if let Some(class) = &policy.snapshot_class {
        let is_known = classes.any(|it| it.0 == *class);
        return (!is_known).then(|| format!("driver {driver} has no VolumeSnapshotClass {class}"));
    }
    let defaults = classes.filter(|it| it.2).count();
    (defaults != 1).then(|| {
        format!("driver {driver} has {defaults} default VolumeSnapshotClasses: name one in `snapshotClass`")
    })
}

/// Whether the server would take the claim that makes the new volume.
async fn asked(
    client: &Client<'_>,
    pipeline: &PipelineRef,
    goal: &Goal,
    step: &Step<Compared>,
) -> Result<(), Problem> {
    let seen = Seen { claim: step.live.as_ref().map(lenient), ..Seen::default() };
    let body = fill::claim(pipeline, goal, &seen, &step.body, false);
    let object = look::filler(&goal.claim, Kind::PersistentVolumeClaim);
    match client.try_create(&object, &body).await {
        Ok(_) => Ok(()),
        Err(failure) if failure.is_conflict() => Ok(()),
        Err(failure) => Err(refused(&failure, &object, step)),
    }
}

fn refused(failure: &Failure, object: &ObjectRef, step: &Step<Compared>) -> Problem {
    let problem = failure.problem("create", object).on(&step.object);
    let hint = "while data are moved, both volumes count";
    if problem.hints.is_empty() { problem.hint(hint) } else { problem }
}
