//! The pods of StatefulSets: of many of them by few requests.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

use futures::future::try_join_all;
use k8s_openapi::api::apps::v1::StatefulSet;
use k8s_openapi::api::core::v1::Pod;

use super::live::LIST_FROM;
use crate::api::client::{Client, Listing};
use crate::api::failure::Failure;
use crate::model::json::typed::{lenient, namespace, ordinal, uid};
use crate::model::object::Kind;

/// StatefulSets whose pods one LIST asks for: names of 63 characters are 4 KiB of an address then, and proxies take 8.
const TOGETHER: usize = 64;

/// LISTs that are prepared at once.
const AT_ONCE: usize = 16;

/// The pods that a StatefulSet owns, by ordinal.
pub(crate) async fn pods(
    client: &Client<'_>,
    stateful_set: &StatefulSet,
) -> Result<Vec<Pod>, Failure> {
    let metadata = &stateful_set.metadata;
    let owner = uid(metadata);
    let mut pods = read(client, namespace(metadata), &selector(stateful_set)).await?;
    pods.retain(|pod| owners(pod).any(|found| found == owner));
    pods.sort_by_key(|pod| ordinal(&pod.metadata));
    Ok(pods)
}

/// The pods that a label selector admits.
pub(crate) async fn read(
    client: &Client<'_>,
    namespace: &str,
    labels: &str,
) -> Result<Vec<Pod>, Failure> {
    let listing = Listing::whole(Kind::Pod, namespace, labels);
    client.list_as(listing, |pod| Some(lenient(&pod))).await
}

/// The uids of those that own a pod.
pub(crate) fn owners(pod: &Pod) -> impl Iterator<Item = &str> {
    pod.metadata.owner_references.iter().flatten().map(|owner| owner.uid.as_str())
}

/// The labels by which a StatefulSet selects its pods.
fn labels(stateful_set: &StatefulSet) -> impl Iterator<Item = (&str, &str)> {
    let labels = stateful_set.spec.as_ref().and_then(|it| it.selector.match_labels.as_ref());
    labels.into_iter().flatten().map(|(key, value)| (key.as_str(), value.as_str()))
}

/// `key=value,...` of these labels, as a label selector.
pub(crate) fn selector(stateful_set: &StatefulSet) -> String {
    let pairs = labels(stateful_set).map(|(key, value)| format!("{key}={value}"));
    pairs.collect::<Vec<_>>().join(",")
}

/// Pods that were read for many StatefulSets together, by the uid of each.
#[derive(Default)]
pub(crate) struct Pods(HashMap<String, Vec<Pod>>);

impl Pods {
    /// Reads the pods of StatefulSets that select them by one label, of which many have the same key. Those of the others
    /// are read one by one.
    pub(crate) async fn read(client: &Client<'_>, sets: &[&StatefulSet]) -> Result<Self, Failure> {
        let mut alike = BTreeMap::<(&str, &str), Vec<&StatefulSet>>::new();
        for set in sets {
            let mut labels = labels(set);
            if let (Some((key, _)), None) = (labels.next(), labels.next()) {
                alike.entry((namespace(&set.metadata), key)).or_default().push(set);
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
        stateful_set: &StatefulSet,
    ) -> Result<Cow<'_, [Pod]>, Failure> {
        match self.0.get(uid(&stateful_set.metadata)) {
            Some(pods) => Ok(Cow::Borrowed(pods)),
            None => pods(client, stateful_set).await.map(Cow::Owned),
        }
    }
}

async fn list(
    client: &Client<'_>,
    namespace: &str,
    key: &str,
    sets: &[&StatefulSet],
) -> Result<HashMap<String, Vec<Pod>>, Failure> {
    let values = sets.iter().filter_map(|set| labels(set).find(|it| it.0 == key));
    let values: Vec<_> = values.map(|it| it.1).collect();
    let labels = format!("{key} in ({})", values.join(","));
    let mut found: HashMap<_, _> =
        sets.iter().map(|set| (uid(&set.metadata).to_owned(), Vec::new())).collect();
    for pod in read(client, namespace, &labels).await? {
        let owner = owners(&pod).find(|owner| found.contains_key(*owner)).map(str::to_owned);
        if let Some(pods) = owner.and_then(|owner| found.get_mut(&owner)) {
            pods.push(pod);
        }
    }
    for pods in found.values_mut() {
        pods.sort_by_key(|pod: &Pod| ordinal(&pod.metadata));
    }
    Ok(found)
}
