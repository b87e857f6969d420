//! Which pods of a StatefulSet would start, stop or restart, and in which order.
//!
//! The controller's rules: <https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#deployment-and-scaling-guarantees>
//! and <https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#update-strategies>.

use std::ops::Range;

use serde_json::Value;

use crate::model::json;

/// Most pods of a StatefulSet that are distinguished: more than a cluster can run, whatever it was asked for.
/// <https://kubernetes.io/docs/setup/best-practices/cluster-large/> names 150,000 for all of them.
const MOST: i64 = 150_000;

/// What decides about the pods of a StatefulSet.
pub(crate) struct Pods<'s> {
    stateful_set: &'s Value,
    /// Its ordinals.
    pub(crate) ordinals: Range<i64>,
}

impl<'s> Pods<'s> {
    pub(crate) fn of(stateful_set: &'s Value) -> Self {
        let replicas = stateful_set.pointer("/spec/replicas").and_then(Value::as_i64).unwrap_or(1);
        let mut pods = Self { stateful_set, ordinals: 0..0 };
        pods.ordinals = pods.first(replicas);
        pods
    }

    /// The ordinals of the first `count` pods, of at most [`MOST`].
    pub(crate) fn first(&self, count: i64) -> Range<i64> {
        let start = json::number(self.stateful_set, "/spec/ordinals/start");
        start..start.saturating_add(count.clamp(0, MOST))
    }

    /// The names of some pods.
    pub(crate) fn names(&self, ordinals: impl IntoIterator<Item = i64>) -> Vec<String> {
        let name = json::name(self.stateful_set);
        ordinals.into_iter().map(|ordinal| format!("{name}-{ordinal}")).collect()
    }

    /// The claims of some pods, by the templates.
    pub(crate) fn claims(&self, ordinals: impl IntoIterator<Item = i64>) -> Vec<String> {
        let templates = json::items(self.stateful_set, "/spec/volumeClaimTemplates");
        let pods = self.names(ordinals);
        pods.iter()
            .flat_map(|pod| templates.iter().map(move |it| format!("{}-{pod}", json::name(it))))
            .collect()
    }

    /// Whether pods get a new template only when they are deleted.
    pub(crate) fn wait_for_deletion(&self) -> bool {
        json::text(self.stateful_set, "/spec/updateStrategy/type") == "OnDelete"
    }

    /// The pods that a rolling update replaces, in its order: those from the partition on, the highest ordinal first.
    pub(crate) fn rolled(&self) -> Vec<i64> {
        if self.wait_for_deletion() {
            return Vec::new();
        }
        let partition =
            json::number(self.stateful_set, "/spec/updateStrategy/rollingUpdate/partition");
        let first = self.ordinals.start.saturating_add(partition);
        (first..self.ordinals.end).rev().collect()
    }

    /// How many pods a rolling update replaces at once, as a number or a percentage.
    pub(crate) fn at_once(&self) -> String {
        match self.stateful_set.pointer("/spec/updateStrategy/rollingUpdate/maxUnavailable") {
            None | Some(Value::Null) => "1".to_owned(),
            Some(Value::String(percentage)) => percentage.clone(),
            Some(number) => number.to_string(),
        }
    }

    /// Whether some pods still have an earlier template.
    pub(crate) fn has_outdated(&self) -> bool {
        let revision = |of: &str| json::text(self.stateful_set, &format!("/status/{of}Revision"));
        revision("current") != revision("update")
    }

    /// Whether Kubernetes deletes claims when their pods (`whenScaled`) or the StatefulSet (`whenDeleted`) go.
    pub(crate) fn deletes_claims(&self, when: &str) -> bool {
        let pointer = format!("/spec/persistentVolumeClaimRetentionPolicy/{when}");
        json::text(self.stateful_set, &pointer) == "Delete"
    }
}
