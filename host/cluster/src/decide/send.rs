//! Applying one object.

use std::borrow::Cow;
use std::time::Duration;

use serde_json::Value;
use wellhead_diagnostics::Code;
use wellhead_spec::OwnershipPolicy;

use super::plan::Step;
use crate::api::call::Mode;
use crate::api::client::Client;
use crate::api::failure::Failure;
use crate::managed_fields::conflict::field_conflicts;
use crate::model::error::Problem;
use crate::model::json;
use crate::model::object::FIELD_MANAGER;

/// An update that keeps losing against another writer is given up after so many tries.
pub(crate) const RACES: u32 = 6;

/// Applies one object. A field conflict is final where no policy of the pipeline decides it; losing a race against
/// another writer is not.
pub(crate) async fn send<S>(
    client: &Client<'_>,
    step: &Step<S>,
    mode: Mode,
) -> Result<Value, Vec<Problem>> {
    let mut body = Cow::Borrowed(&step.body);
    let mut newer = None;
    let mut races = 0;
    loop {
        let live = newer.as_ref().or(step.live.as_ref());
        let failure = match try_apply(client, step, Sent { body: &body, live }, mode).await {
            Ok(result) => return Ok(result),
            Err(Refusal::Final(problems)) => return Err(problems),
            Err(Refusal::Race(failure)) => failure,
        };
        let found =
            check_identity(client, step, &failure).await.map_err(|problem| vec![problem])?;
        races += 1;
        if races == RACES {
            return Err(vec![failure.problem("apply", &step.object)]);
        }
        if let Some(found) = found {
            step.policies.resolve_again(body.to_mut(), &found);
            newer = Some(found);
        }
        tokio::time::sleep(Duration::from_millis(20) * 2_u32.pow(races)).await;
    }
}

/// What is sent, and what it was decided from.
#[derive(Clone, Copy)]
pub(crate) struct Sent<'a> {
    body: &'a Value,
    live: Option<&'a Value>,
}

/// Why one try did not succeed.
pub(crate) enum Refusal {
    Final(Vec<Problem>),
    /// Another client wrote between the read and the write.
    Race(Failure),
}

/// One try. Where every conflict is about a field that the pipeline takes, they are taken from the owners that were
/// looked at: the server refuses the forced request when the object is not the one that was read.
pub(crate) async fn try_apply<S>(
    client: &Client<'_>,
    step: &Step<S>,
    sent: Sent<'_>,
    mode: Mode,
) -> Result<Value, Refusal> {
    let object = &step.object;
    let failure = match client.apply(object, sent.body, mode).await {
        Ok(result) => return Ok(result),
        Err(failure) if failure.is_conflict() => failure,
        Err(failure) => return Err(Refusal::Final(vec![failure.problem("apply", object)])),
    };
    let conflicts = failure.status().map(|it| field_conflicts(it, object, sent.body, sent.live));
    let conflicts = conflicts.unwrap_or_default();
    if conflicts.is_empty() {
        return Err(Refusal::Race(failure));
    }
    let Some(live) = sent.live else { return Err(Refusal::Final(conflicts)) };
    // What was created whole and not handed back, because the run was killed, is ours all the same.
    let is_ours = |conflict: &Problem| conflict.manager.as_deref() == Some(FIELD_MANAGER);
    let policy = |conflict: &Problem| {
        if is_ours(conflict) {
            Some(OwnershipPolicy::Take)
        } else {
            step.policies.at(conflict.path.as_ref()?)
        }
    };
    let (decided, open): (Vec<_>, Vec<_>) =
        conflicts.into_iter().partition(|conflict| policy(conflict).is_some());
    if !open.is_empty() {
        // The fields of an object that took the place of ours belong to another manager, but that is not what to say.
        if mode == Mode::Write {
            let same = check_identity(client, step, &failure).await;
            same.map_err(|problem| Refusal::Final(vec![problem]))?;
        }
        return Err(Refusal::Final(open));
    }
    if !decided.iter().all(|conflict| policy(conflict) == Some(OwnershipPolicy::Take)) {
        return Err(Refusal::Race(failure));
    }
    let mut body = sent.body.clone();
    body["metadata"]["resourceVersion"] = json::text(live, "/metadata/resourceVersion").into();
    client.apply(object, &body, mode.forced()).await.map_err(|failure| match failure {
        failure if failure.is_conflict() => Refusal::Race(failure),
        failure => Refusal::Final(vec![failure.problem("apply", object)]),
    })
}

/// The object as it is now. A conflict over one that is no longer the one we read cannot be won.
pub(crate) async fn check_identity<S>(
    client: &Client<'_>,
    step: &Step<S>,
    failure: &Failure,
) -> Result<Option<Value>, Problem> {
    let Some(uid) = step.uid() else { return Ok(None) };
    let found =
        client.get(&step.object).await.map_err(|failure| failure.problem("read", &step.object))?;
    let what = match &found {
        Some(now) if json::uid(now) == uid => return Ok(found),
        Some(_) => format!("{} was replaced by another object of the same name", step.object),
        None => format!("{} was deleted while it was being updated", step.object),
    };
    Err(Problem::new(Code::ObjectReplaced, what)
        .on(&step.object)
        .why(failure.reason())
        .retry(" to decide on what is there now"))
}
