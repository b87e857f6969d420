//! Claims that leave the storage class to a default that there is none of.

use super::readable;
use crate::decide::PipelinePlan;
use crate::error::Problem;
use crate::json;
use crate::object::Kind;
use crate::session::Session;
use crate::storage::is_default;

/// <https://kubernetes.io/docs/concepts/storage/storage-classes/#default-storageclass>
pub(super) async fn check(
    session: &Session<'_>,
    plans: &mut [&mut PipelinePlan],
) -> Result<(), Problem> {
    if plans.iter().all(|plan| unclassed(plan).is_empty()) {
        return Ok(());
    }
    let classes = session.list(Kind::StorageClass, "", "", "").await;
    let Some(classes) = readable(classes, "storage classes")? else { return Ok(()) };
    if classes.iter().any(is_default) {
        return Ok(());
    }
    let names: Vec<_> = classes.iter().map(json::name).collect();
    for plan in plans {
        let claims = unclassed(plan);
        let Some(first) = claims.first() else { continue };
        let what = format!("{first} names no storage class, and the cluster has no default");
        let all: Vec<_> = claims.iter().map(|it| it.name.as_str()).collect();
        let available = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
        plan.warnings.push(
            Problem::new("WH0208", what)
                .on(first)
                .field(".spec.storageClassName")
                .why(format!("available: {available}; claims: {}", all.join(", ")))
                .hint("set `storageClass` of the claim"),
        );
    }
    Ok(())
}

/// New claims that name no class. An empty name is one: it asks for a volume made by hand.
fn unclassed(plan: &PipelinePlan) -> Vec<crate::object::ObjectRef> {
    let claims = plan.claims.iter().filter(|step| {
        step.live.is_none()
            && step.body.pointer("/spec/storageClassName").is_none()
            && step.body.pointer("/spec/volumeName").is_none()
    });
    claims.map(|step| step.object.clone()).collect()
}
