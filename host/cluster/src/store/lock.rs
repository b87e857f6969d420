//! Pipelines that other runs write to, and their Leases.

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::time::Instant;
use wellhead_diagnostics::Code;

use super::lease;
use super::lease::state::{Holder, LeaseState};
use crate::api::client::Client;
use crate::model::error::Problem;
use crate::model::object::PipelineRef;
use crate::model::progress::Event;
use crate::observe::live::Reader;

/// A run that finds something else each time it is about to write gives up after so many looks.
pub(crate) const MAX_ATTEMPTS: u32 = 5;

/// The pause between two looks at Leases that other runs hold.
const PAUSE: Duration = Duration::from_millis(500);

/// Pipelines that other runs hold. One that renews its Lease is alive, and is waited for until patience is over. One that
/// does not is taken over once its Lease ends.
#[derive(Debug)]
pub(crate) struct Queue {
    waiting: BTreeMap<PipelineRef, (Holder, Instant)>,
    patience: Duration,
}

/// A pipeline that is not waited for any more: no run holds it now, or why not.
pub(crate) type Freed = (PipelineRef, Result<(), Problem>);

impl Queue {
    /// An empty one.
    pub(crate) fn new(patience: Duration) -> Self {
        Self { waiting: BTreeMap::new(), patience }
    }

    /// Adds a pipeline that another run holds.
    pub(crate) fn add(
        &mut self,
        client: &Client<'_>,
        pipeline: PipelineRef,
        lease_state: &LeaseState,
    ) {
        let Some(holder) = lease_state.holder() else { return };
        client.progress.event(Event::Held {
            pipeline: pipeline.clone(),
            holder: holder.identity.clone(),
            since: holder.since.clone(),
        });
        self.waiting.insert(pipeline, (holder, Instant::now()));
    }

    /// Looks at all of them after a pause. A stop ends the wait.
    pub(crate) async fn look(mut self, client: &Client<'_>) -> (Self, Vec<Freed>) {
        tokio::select! {
            () = tokio::time::sleep(PAUSE) => {}
            () = client.stop.stopped() => {
                let freed = std::mem::take(&mut self.waiting).into_keys();
                let freed = freed.map(|pipeline| (pipeline, Ok(()))).collect();
                return (self, freed);
            }
        }
        let pipelines: Vec<_> = self.waiting.keys().cloned().collect();
        let lease_states = match lease_states(client, &pipelines.iter().collect::<Vec<_>>()).await {
            Ok(lease_states) => lease_states,
            Err(problem) => {
                self.waiting.clear();
                let freed = pipelines.into_iter().map(|it| (it, Err(problem.clone()))).collect();
                return (self, freed);
            }
        };
        let mut freed = Vec::new();
        for (pipeline, lease_state) in pipelines.into_iter().zip(lease_states) {
            if let Some(known) = self.known(&pipeline, &lease_state) {
                self.waiting.remove(&pipeline);
                freed.push((pipeline, known));
            }
        }
        (self, freed)
    }

    /// What is known of a pipeline by its Lease as it is now.
    fn known(
        &self,
        pipeline: &PipelineRef,
        lease_state: &LeaseState,
    ) -> Option<Result<(), Problem>> {
        let (seen, since) = self.waiting.get(pipeline)?;
        let holder =
            lease_state.holder().filter(|it| it.identity == seen.identity && !it.is_gone());
        let Some(holder) = holder else { return Some(Ok(())) };
        let is_alive = holder.renewed_since(seen);
        (is_alive && since.elapsed() >= self.patience).then(|| Err(holder.problem(pipeline)))
    }
}

/// What is reported when other runs write again and again between reading and writing.
pub(crate) fn contended(pipeline: &PipelineRef) -> Problem {
    Problem::new(Code::PipelineLocked, format!("gave up: another run keeps updating {pipeline}"))
        .on(&lease::object(pipeline))
        .retry("")
}

/// Reads the Leases of pipelines, in their order.
pub(crate) async fn lease_states<R: Reader>(
    reader: &R,
    pipelines: &[&PipelineRef],
) -> Result<Vec<LeaseState>, Problem> {
    let objects: Vec<_> = pipelines.iter().map(|it| lease::object(it)).collect();
    let keep = |live| LeaseState::new(Some(&live), reader.now());
    let mut found = reader.by_name(objects.iter().collect(), keep).await?;
    Ok(objects.iter().map(|object| found.remove(object).unwrap_or_default()).collect())
}

#[cfg(test)]
mod tests {
    use futures::FutureExt as _;
    use serde_json::json;

    use super::lease_states;
    use crate::model::object::{Kind, ObjectRef, PipelineRef};
    use crate::observe::live;
    use crate::observe::live::fixture::Cache;
    use crate::store::lease;

    #[test]
    fn leases_and_live_objects_are_read_from_watch_caches_as_from_the_server() {
        let pipeline =
            |name: &str| PipelineRef { namespace: "ns".to_owned(), name: name.to_owned() };
        let (settled, unknown) = (pipeline("settled"), pipeline("unknown"));
        let object = ObjectRef::new(Kind::StatefulSet, "ns", "settled");
        let annotations = json!({"wellhead.dev/revision": "7"});
        let cache = Cache::new([
            (lease::object(&settled), json!({"metadata": {"annotations": annotations}})),
            (object.clone(), json!({"spec": {"replicas": 2}})),
        ]);
        let read =
            lease_states(&cache, &[&settled, &unknown]).now_or_never().expect("nothing is asked");
        let read: Vec<_> = read.unwrap().iter().map(|it| (it.exists(), it.revision())).collect();
        assert_eq!(read, [(true, 7), (false, 0)]);
        let gone = ObjectRef::new(Kind::Service, "ns", "settled");
        let found = live::read(&cache, [&object, &gone]).now_or_never().expect("nothing is asked");
        let found = found.unwrap();
        assert_eq!(found[&object]["spec"]["replicas"], 2);
        assert_eq!(found.get(&gone), None);
    }
}
