//! Pods and claims as they were at the last look, to tell what changed.

use std::collections::HashMap;

use k8s_openapi::api::core::v1::{PersistentVolumeClaim, Pod};

use crate::model::json::typed::{is_deleting, name, uid};
use crate::model::object::PipelineRef;
use crate::model::progress::{Event, PodState};
use crate::model::status::Growth;
use crate::observe::{diagnosis, expansion};

/// Everything of one pipeline that was reported, or need not be.
#[derive(Default)]
pub(crate) struct Seen {
    /// Uid, state and revision by name.
    pods: HashMap<String, (String, PodState, String)>,
    claims: HashMap<String, Option<Growth>>,
    looked: bool,
}

impl Seen {
    /// Whether pods were looked at, so that their last states are news, too.
    pub(crate) fn has_looked(&self) -> bool {
        self.looked
    }

    /// What changed of pods since the last look. At the first, pods that are ready are no news.
    pub(crate) fn pods(&mut self, pipeline: &PipelineRef, pods: &[Pod]) -> Vec<Event> {
        let mut events = Vec::new();
        for pod in pods {
            let (name, state) = (name(&pod.metadata).to_owned(), state(pod));
            let revision = diagnosis::revision(pod).to_owned();
            let now = (uid(&pod.metadata).to_owned(), state, revision.clone());
            let known = self.pods.insert(name.clone(), now.clone());
            let is_news = match known {
                Some(before) => before != now,
                None => self.looked || state != PodState::Ready,
            };
            if is_news {
                let pipeline = pipeline.clone();
                events.push(Event::Pod { pipeline, pod: name, state, revision });
            }
        }
        self.looked = true;
        events
    }

    /// What changed of claims that grow since the last look.
    pub(crate) fn claims(
        &mut self,
        pipeline: &PipelineRef,
        claims: &[&PersistentVolumeClaim],
    ) -> Vec<Event> {
        let mut events = Vec::new();
        for claim in claims {
            let (name, growth) = (name(&claim.metadata).to_owned(), expansion::of(claim));
            if self.claims.insert(name.clone(), growth) != Some(growth) {
                events.push(Event::Growing {
                    pipeline: pipeline.clone(),
                    claim: name,
                    size: expansion::capacity(claim).to_owned(),
                    requested: expansion::requested(claim).to_owned(),
                    growth,
                });
            }
        }
        events
    }
}

fn state(pod: &Pod) -> PodState {
    match diagnosis::phase(pod) {
        _ if is_deleting(&pod.metadata) => PodState::Terminating,
        _ if diagnosis::is_ready(pod) => PodState::Ready,
        "Failed" | "Succeeded" => PodState::Failed,
        _ if diagnosis::node(pod).is_empty() => PodState::Pending,
        _ => PodState::Starting,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::Seen;
    use crate::model::json::typed::lenient;
    use crate::model::object::PipelineRef;
    use crate::model::progress::{Event, PodState};

    fn pod(uid: &str, node: &str, ready: &str) -> Value {
        json!({
            "metadata": {"name": "db-0", "uid": uid, "labels": {"controller-revision-hash": "db-1"}},
            "spec": {"nodeName": node},
            "status": {"phase": "Running", "conditions": [{"type": "Ready", "status": ready}]}})
    }

    fn states(seen: &mut Seen, pods: &[Value]) -> Vec<PodState> {
        let pipeline = PipelineRef { namespace: "ns".to_owned(), name: "db".to_owned() };
        let pods: Vec<_> = pods.iter().map(lenient).collect();
        let events = seen.pods(&pipeline, &pods).into_iter().filter_map(|event| match event {
            Event::Pod { state, .. } => Some(state),
            _ => None,
        });
        events.collect()
    }

    #[test]
    fn each_change_of_a_pod_is_told_once() {
        let mut seen = Seen::default();
        assert_eq!(states(&mut seen, &[pod("1", "", "False")]), [PodState::Pending]);
        assert_eq!(states(&mut seen, &[pod("1", "a", "False")]), [PodState::Starting]);
        assert_eq!(states(&mut seen, &[pod("1", "a", "False")]), []);
        assert_eq!(states(&mut seen, &[pod("1", "a", "True")]), [PodState::Ready]);
        let mut leaving = pod("1", "a", "True");
        leaving["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:00Z".into();
        assert_eq!(states(&mut seen, &[leaving]), [PodState::Terminating]);
    }

    #[test]
    fn a_pod_that_is_ready_from_the_start_is_no_news_but_its_successor_is() {
        let mut seen = Seen::default();
        assert_eq!(states(&mut seen, &[pod("1", "a", "True")]), []);
        assert_eq!(states(&mut seen, &[pod("2", "a", "True")]), [PodState::Ready]);
    }
}
