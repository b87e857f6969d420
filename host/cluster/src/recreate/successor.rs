//! The StatefulSet that takes the place of another: created with what other managers had set, which is then theirs again.

use serde_json::{Value, json};
use wellhead_diagnostics::Code;

use super::backoff::{Backoff, FIRST_PAUSE, ORPHANING, RACES};
use super::preview::is_quota;
use crate::api::call::Mode;
use crate::api::client::Client;
use crate::model::error::Problem;
use crate::model::json;
use crate::model::json::TEMPLATES;
use crate::model::object::{FIELD_MANAGER, ObjectRef};
use crate::store::handover::{PendingRecreate, Replacement, without_server_fields};

/// Creates the object, which is known to be gone.
pub(super) async fn create(
    client: &Client<'_>,
    object: &ObjectRef,
    replacement: &Replacement,
    backoff: &mut Backoff,
) -> Result<Value, Problem> {
    loop {
        let created = match &replacement.full {
            None => client.apply(object, &replacement.body, Mode::Write).await,
            Some(full) => match client.create(object, &without_server_fields(full)).await {
                // An earlier try may have created it, and its reply was lost.
                Err(failure) if failure.is_conflict() => {
                    client.get(object).await.and_then(|it| it.ok_or(failure))
                }
                created => created,
            },
        };
        match created {
            Ok(created) => {
                return match &replacement.full {
                    None => Ok(created),
                    Some(full) => {
                        hand_back(client, object, &replacement.body, full, &created).await
                    }
                };
            }
            // The quota counts the old object for a moment longer.
            Err(failure) if is_quota(&failure) && backoff.pause().await => {}
            Err(failure) => {
                let problem = failure.problem("create", object);
                let why = problem.why.unwrap_or_default();
                return Err(Problem {
                    why: Some(format!("{why}; its pods run on without it, and its claims stay")),
                    hints: vec!["correct what the server names, then run the same command again: it creates the StatefulSet, which adopts its pods".to_owned()],
                    ..problem
                });
            }
        }
    }
}

/// Creates a StatefulSet that a run has deleted and not created.
pub(crate) async fn finish(
    client: &Client<'_>,
    object: &ObjectRef,
    replacement: &Replacement,
) -> Result<Value, Problem> {
    create(client, object, replacement, &mut Backoff::new(Some(ORPHANING))).await
}

/// Hands back what others had set of a StatefulSet, which a run that died has created and not handed back.
pub(crate) async fn complete(
    client: &Client<'_>,
    object: &ObjectRef,
    pending: &PendingRecreate,
    live: &Value,
) -> Result<(), Problem> {
    let (body, full) = pending.parts();
    hand_back(client, object, body, full, live).await.map(drop)
}

/// We created all fields; those that others set are theirs again.
async fn hand_back(
    client: &Client<'_>,
    object: &ObjectRef,
    body: &Value,
    full: &Value,
    created: &Value,
) -> Result<Value, Problem> {
    let mut body = body.clone();
    body["metadata"]["uid"] = json::uid(created).into();
    // The server added to them, and would take ours for others that cannot replace them.
    if let Some(templates) = created.pointer(TEMPLATES) {
        body["spec"]["volumeClaimTemplates"] = templates.clone();
    }
    let mut failed = None;
    for _ in 0..RACES {
        // We own every field so far: as the creator, and now as who applies.
        let now = client.apply(object, &body, Mode::Take).await;
        let now = now.map_err(|failure| failure.problem("apply", object))?;
        let owners = owners(full, &now);
        let fields = json!({"metadata": {
            "uid": json::uid(&now),
            "resourceVersion": json::text(&now, "/metadata/resourceVersion"),
            "managedFields": owners}});
        match client.merge(object, &fields).await {
            Ok(now) => return Ok(now),
            Err(failure) if failure.is_conflict() => failed = Some(failure),
            Err(failure) => return Err(failure.problem("hand back fields of", object)),
        }
        tokio::time::sleep(FIRST_PAUSE).await;
    }
    let failed = failed.map(|failure| failure.problem("hand back fields of", object));
    Err(failed.unwrap_or_else(|| changed(object, "it keeps changing")))
}

/// Who owns what: those who did before, and who wrote since; but not we as its creator.
fn owners(full: &Value, now: &Value) -> Vec<Value> {
    let entries = |of: &'_ Value| json::items(of, "/metadata/managedFields").to_vec();
    let is_status = |entry: &Value| json::text(entry, "/subresource") == "status";
    let is_applied = |entry: &Value| json::text(entry, "/operation") == "Apply";
    let is_creator =
        |entry: &Value| json::text(entry, "/manager") == FIELD_MANAGER && !is_applied(entry);
    let is_ours =
        |entry: &Value| json::text(entry, "/manager") == FIELD_MANAGER && is_applied(entry);
    let mut owners = entries(now);
    owners.retain(|entry| !is_creator(entry));
    let before = entries(full).into_iter();
    owners.extend(before.filter(|it| !is_status(it) && !is_ours(it) && !is_creator(it)));
    owners
}

/// Why a recreation stops: what it looked at is not what is there.
pub(super) fn changed(object: &ObjectRef, why: &str) -> Problem {
    Problem::new(
        Code::NotReadyToRecreate,
        format!("{object} changed since the plan and was not recreated"),
    )
    .on(object)
    .why(why)
    .retry(" to decide on what is there now")
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::owners;

    fn entry(manager: &str, operation: &str, subresource: &str) -> Value {
        let mut entry = json!({"manager": manager, "operation": operation});
        if !subresource.is_empty() {
            entry["subresource"] = subresource.into();
        }
        entry
    }

    #[test]
    fn those_who_owned_fields_before_own_them_again() {
        let full = json!({"metadata": {"managedFields": [
            entry("wellhead", "Apply", ""), entry("hpa", "Update", "scale"),
            entry("kcm", "Update", "status")]}});
        let now = json!({"metadata": {"managedFields": [
            entry("wellhead", "Apply", ""), entry("wellhead", "Update", ""),
            entry("new-kcm", "Update", "status")]}});
        let expected = [
            entry("wellhead", "Apply", ""),
            entry("new-kcm", "Update", "status"),
            entry("hpa", "Update", "scale"),
        ];
        assert_eq!(owners(&full, &now), expected);
    }
}
