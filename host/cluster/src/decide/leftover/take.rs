//! Changing the managedFields, so that the apply that follows removes what is left behind.

use std::time::Duration;

use serde_json::{Value, json};
use wellhead_diagnostics::Code;

use super::managers::Change;
use super::takeover::{Takeover, find};
use super::{Unit, managers};
use crate::api::call::Mode;
use crate::api::client::Client;
use crate::decide::plan::{Settled, Step};
use crate::model::error::Problem;
use crate::model::json;

/// A change that keeps losing against another writer is given up after so many tries.
const RACES: u32 = 6;

/// Takes over what was decided. No field of the object gets another value by that.
///
/// The same was found as when it was decided, and the server now says that the apply will make of the object what was
/// shown; otherwise nothing more is written.
pub(crate) async fn take(
    client: &Client<'_>,
    step: &Step,
    takeover: &Takeover,
) -> Result<(), Problem> {
    let object = &step.object;
    let mut newer: Option<Value> = None;
    for race in 1..=RACES {
        let Some(live) = newer.as_ref().or(step.live.as_ref()) else { break };
        let Some(record) = changed(step, takeover, live) else { return Err(not_as_decided(step)) };
        let body = json!({"metadata": {
            "uid": step.uid(),
            "resourceVersion": json::text(live, "/metadata/resourceVersion"),
            "managedFields": record}});
        match client.merge(object, &body).await {
            Ok(_) => return verify(client, step, takeover).await,
            Err(failure) if failure.is_conflict() => {}
            Err(failure) => return Err(failure.problem("take over fields of", object)),
        }
        tokio::time::sleep(Duration::from_millis(20) * 2_u32.pow(race)).await;
        newer = client.get(object).await.map_err(|failure| failure.problem("read", object))?;
        if newer.as_ref().map(json::uid) != step.uid() {
            break;
        }
    }
    Err(not_as_decided(step))
}

/// The managedFields to write, if what goes and stays is what was decided.
fn changed<S>(step: &Step<S>, takeover: &Takeover, live: &Value) -> Option<Vec<Value>> {
    let kind = step.object.kind;
    let found = find(kind, &step.leftovers.wanted, live, &step.shared).found;
    let same = |unit: &Unit| {
        let is_it = |it: &&Unit| {
            it.path == unit.path && it.pointer == unit.pointer && it.value == unit.value
        };
        found.units.iter().find(is_it)
    };
    // A try whose reply was lost made it ours alone.
    let is_done = |unit: &&Unit| found.goes.iter().any(|(_, record)| *record == unit.record);
    let open = takeover.drops.iter().filter(|unit| !is_done(unit));
    let drops = open.map(same).collect::<Option<Vec<_>>>()?;
    let kept = match &takeover.kept {
        Some(kept) => Some(kept.iter().map(same).collect::<Option<Vec<_>>>()?),
        None => None,
    };
    let entries = managers::entries(kind, live);
    Some(managers::changed(kind, live, &entries, &found, &Change { drops, kept }))
}

/// Who owns what of an object that is recreated, where `full` is it with the record as it was: what goes is no longer
/// theirs, for there is no apply that would remove it afterwards.
pub(crate) fn hand_over(step: &Step<Settled>, live: &Value, full: &mut Value) {
    let Some(takeover) = &step.stage.takeover else { return };
    let mut known = live.clone();
    known["metadata"]["managedFields"] = full["metadata"]["managedFields"].take();
    let record = changed(step, takeover, &known);
    full["metadata"]["managedFields"] =
        record.map_or_else(|| known["metadata"]["managedFields"].take(), Value::from);
}

/// Asks the server what the apply will do now.
async fn verify(client: &Client<'_>, step: &Step, takeover: &Takeover) -> Result<(), Problem> {
    if !takeover.removes() {
        return Ok(());
    }
    let stored = client.apply(&step.object, &step.body, Mode::DryRun).await;
    let stored = match stored {
        Ok(stored) => stored,
        // The write itself meets the same, and knows what to do about it.
        Err(failure) if failure.is_conflict() => return Ok(()),
        Err(failure) => return Err(failure.problem("apply", &step.object)),
    };
    let parts = |of: &Value| {
        ["/spec", "/metadata/labels", "/metadata/annotations"].map(|it| of.pointer(it).cloned())
    };
    match &step.stage.stored {
        Some(preview) if parts(preview) != parts(&stored) => Err(not_as_decided(step)),
        _ => Ok(()),
    }
}

fn not_as_decided(step: &Step) -> Problem {
    let object = &step.object;
    Problem::new(Code::NotAsPlanned, format!("{object} changed since its leftovers were read"))
        .on(object)
        .why("another client wrote to it, or the server would store something else; no value was changed")
        .retry(": it reads the object again")
}
