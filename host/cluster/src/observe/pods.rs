//! The pods of StatefulSets: of many of them by few requests.

use std::collections::{BTreeMap, HashMap};

use futures::future::try_join_all;
use serde_json::Value;

use super::live::LIST_FROM;
use crate::api::client::Client;
use crate::api::failure::Failure;
use crate::model::json;
use crate::model::object::Kind;

/// StatefulSets whose pods one LIST asks for: names of 63 characters are 4 KiB of an address then, and proxies take 8.
const TOGETHER: usize = 64;

/// LISTs that are prepared at once.
const AT_ONCE: usize = 16;

/// The pods that a StatefulSet owns, by ordinal.
pub(crate) async fn pods(client: &Client<'_>, stateful_set: &Value) -> Result<Vec<Value>, Failure> {
    let namespace = json::text(stateful_set, "/metadata/namespace");
    let labels = json::selector(stateful_set);
    let mut pods = client.list(Kind::Pod, namespace, &labels, "").await?;
    let owner = json::uid(stateful_set);
    pods.retain(|pod| owners(pod).any(|found| found == owner));
    pods.sort_by_key(json::ordinal);
    Ok(pods)
}

/// The uids of those that own a pod.
pub(crate) fn owners(pod: &Value) -> impl Iterator<Item = &str> {
    json::items(pod, "/metadata/ownerReferences").iter().map(|owner| json::text(owner, "/uid"))
}

/// Pods that were read for many StatefulSets together, by the uid of each.
#[derive(Default)]
pub(crate) struct Pods(HashMap<String, Vec<Value>>);

impl Pods {
    /// Reads the pods of StatefulSets that select them by one label, of which many have the same key. Those of the others
    /// are read one by one.
    pub(crate) async fn read(client: &Client<'_>, sets: &[&Value]) -> Result<Self, Failure> {
        let mut alike = BTreeMap::<(&str, &str), Vec<&Value>>::new();
        for set in sets {
            let labels = set.pointer("/spec/selector/matchLabels").and_then(Value::as_object);
            let mut labels = labels.into_iter().flatten();
            if let (Some((key, _)), None) = (labels.next(), labels.next()) {
                let namespace = json::text(set, "/metadata/namespace");
                alike.entry((namespace, key)).or_default().push(set);
            }
        }
        alike.retain(|_, sets| sets.len() >= LIST_FROM);
        let mut all = HashMap::new();
        for ((namespace, key), sets) in alike {
            let chunks: Vec<_> = sets.chunks(TOGETHER).collect();
            for some in chunks.chunks(AT_ONCE) {
                let lists = some.iter().map(|sets| list(client, namespace, key, sets));
                for found in try_join_all(lists).await? {
                    all.extend(found);
                }
            }
        }
        Ok(Self(all))
    }

    /// Those of one.
    pub(crate) async fn of(
        &self,
        client: &Client<'_>,
        stateful_set: &Value,
    ) -> Result<Vec<Value>, Failure> {
        match self.0.get(json::uid(stateful_set)) {
            Some(pods) => Ok(pods.clone()),
            None => pods(client, stateful_set).await,
        }
    }
}

async fn list(
    client: &Client<'_>,
    namespace: &str,
    key: &str,
    sets: &[&Value],
) -> Result<HashMap<String, Vec<Value>>, Failure> {
    let value = |set: &&Value| {
        let labels = set.pointer("/spec/selector/matchLabels").and_then(|it| it.get(key));
        labels.and_then(Value::as_str).unwrap_or_default().to_owned()
    };
    let values: Vec<_> = sets.iter().map(value).collect();
    let labels = format!("{key} in ({})", values.join(","));
    let mut found: HashMap<_, _> =
        sets.iter().map(|set| (json::uid(set).to_owned(), Vec::new())).collect();
    for pod in client.list(Kind::Pod, namespace, &labels, "").await? {
        let owner = owners(&pod).find(|owner| found.contains_key(*owner)).map(str::to_owned);
        if let Some(pods) = owner.and_then(|owner| found.get_mut(&owner)) {
            pods.push(pod);
        }
    }
    for pods in found.values_mut() {
        pods.sort_by_key(json::ordinal);
    }
    Ok(found)
}
