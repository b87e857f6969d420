//! What one pod asks for.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::model::json;
use crate::model::quantity::amount;

/// Resources and how much of each, in billionths.
pub(crate) type Amounts = BTreeMap<String, i128>;

/// What a pod or a container asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Demand {
    pub(crate) requests: Amounts,
    pub(crate) limits: Amounts,
}

impl Demand {
    /// What one container says.
    pub(crate) fn of_container(container: &Value) -> Self {
        let read = |kind: &str| {
            let said = container.pointer(&format!("/resources/{kind}")).and_then(Value::as_object);
            let said = said.into_iter().flatten();
            said.filter_map(|(name, size)| Some((name.clone(), amount(size.as_str()?)?))).collect()
        };
        Self { requests: read("requests"), limits: read("limits") }
    }

    /// What a pod needs at once: its containers and sidecars together, or an init container with the sidecars that
    /// started before it; and what its runtime needs on top.
    /// <https://kubernetes.io/docs/concepts/workloads/pods/sidecar-containers/#resource-sharing-within-containers>
    pub(crate) fn of_pod(pod: &Value) -> Self {
        let (mut running, mut sidecars, mut starting) =
            (Self::default(), Self::default(), Self::default());
        for container in json::items(pod, "/containers") {
            running.add(&Self::of_container(container));
        }
        for container in json::items(pod, "/initContainers") {
            let mut one = Self::of_container(container);
            if json::text(container, "/restartPolicy") == "Always" {
                running.add(&one);
                sidecars.add(&one);
                starting.most(&sidecars);
            } else {
                one.add(&sidecars);
                starting.most(&one);
            }
        }
        running.most(&starting);
        running.add_overhead(pod);
        running
    }

    /// Limits get it where there is one already: a pod without limits stays without.
    /// <https://kubernetes.io/docs/concepts/scheduling-eviction/pod-overhead/>
    fn add_overhead(&mut self, pod: &Value) {
        for (name, size) in pod.get("overhead").and_then(Value::as_object).into_iter().flatten() {
            let Some(size) = size.as_str().and_then(amount) else { continue };
            *self.requests.entry(name.clone()).or_default() += size;
            if let Some(limit) = self.limits.get_mut(name) {
                *limit += size;
            }
        }
    }

    fn add(&mut self, other: &Self) {
        for (all, more) in self.with(other) {
            for (name, size) in more {
                *all.entry(name.clone()).or_default() += size;
            }
        }
    }

    fn most(&mut self, other: &Self) {
        for (all, more) in self.with(other) {
            for (name, size) in more {
                let most = all.entry(name.clone()).or_default();
                *most = *size.max(most);
            }
        }
    }

    fn with<'a>(&'a mut self, other: &'a Self) -> [(&'a mut Amounts, &'a Amounts); 2] {
        [(&mut self.requests, &other.requests), (&mut self.limits, &other.limits)]
    }
}

/// Both kinds of container of a pod.
pub(crate) fn containers(pod: &Value) -> impl Iterator<Item = &Value> {
    json::items(pod, "/initContainers").iter().chain(json::items(pod, "/containers"))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::Demand;
    use crate::model::quantity::shown;

    fn cpu(size: &str) -> Value {
        json!({"resources": {"requests": {"cpu": size}, "limits": {"cpu": size}}})
    }

    fn sidecar(size: &str) -> Value {
        let mut container = cpu(size);
        container["restartPolicy"] = "Always".into();
        container
    }

    fn asks(pod: &Value) -> String {
        shown(Demand::of_pod(pod).requests["cpu"])
    }

    #[test]
    fn containers_add_up_and_the_largest_init_container_counts_alone() {
        let two = json!([cpu("1"), cpu("500m")]);
        assert_eq!(asks(&json!({"containers": two})), "1500m");
        assert_eq!(asks(&json!({"containers": two, "initContainers": [cpu("1")]})), "1500m");
        let init = json!([cpu("1"), cpu("2")]);
        assert_eq!(asks(&json!({"containers": two, "initContainers": init})), "2");
    }

    #[test]
    fn a_sidecar_runs_beside_containers_and_beside_what_starts_after_it() {
        let one = json!([cpu("1")]);
        assert_eq!(asks(&json!({"containers": one, "initContainers": [sidecar("1")]})), "2");
        let after = json!([sidecar("1"), cpu("4")]);
        assert_eq!(asks(&json!({"containers": one, "initContainers": after})), "5");
        let before = json!([cpu("4"), sidecar("1")]);
        assert_eq!(asks(&json!({"containers": one, "initContainers": before})), "4");
    }

    #[test]
    fn the_runtime_needs_its_share_and_adds_no_limit_where_there_is_none() {
        let pod = json!({"containers": [cpu("1")], "overhead": {"cpu": "250m", "memory": "1Gi"}});
        let demand = Demand::of_pod(&pod);
        assert_eq!(shown(demand.requests["cpu"]), "1250m");
        assert_eq!(shown(demand.requests["memory"]), "1Gi");
        assert_eq!(shown(demand.limits["cpu"]), "1250m");
        assert_eq!(demand.limits.get("memory"), None);
    }
}
