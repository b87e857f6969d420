//! The status of one pipeline, of some, or of every one of a namespace or of all.

use std::collections::{BTreeMap, HashMap};

use futures::future::try_join_all;
use k8s_openapi::api::apps::v1::StatefulSet;
use k8s_openapi::api::core::v1::Pod;

use crate::api::client::Client;
use crate::api::connect::Cluster;
use crate::model::error::{ClusterError, Problem};
use crate::model::json::typed::{lenient, metadata, ordinal};
use crate::model::object::{ALL_NAMESPACES, Kind, PipelineRef};
use crate::model::status::Status;
use crate::model::stop::StopSignal;
use crate::observe::inventory::Found;
use crate::observe::live::LIST_FROM;
use crate::observe::{inventory, pods};

impl Cluster {
    /// What a pipeline looks like now, or `None` when nothing of it exists, not even a kept claim.
    pub async fn status(
        &self,
        namespace: &str,
        pipeline: &str,
    ) -> Result<Option<Status>, ClusterError> {
        let pipeline = PipelineRef { namespace: namespace.to_owned(), name: pipeline.to_owned() };
        Ok(self.statuses_of(&[pipeline]).await?.pop().flatten())
    }

    /// What pipelines look like now, in their order; `None` for one of which nothing exists, not even a kept claim.
    pub async fn statuses_of(
        &self,
        pipelines: &[PipelineRef],
    ) -> Result<Vec<Option<Status>>, ClusterError> {
        let stop = StopSignal::default();
        let client = Client::reading(self, &stop);
        let mut namespaces: BTreeMap<&str, Vec<&PipelineRef>> = BTreeMap::new();
        for one in pipelines {
            namespaces.entry(&one.namespace).or_default().push(one);
        }
        let mut statuses = HashMap::new();
        for (namespace, wanted) in namespaces {
            let found = inventory::find_all(&client, namespace, Some(&wanted)).await?;
            statuses.extend(read(&client, namespace, found).await?);
        }
        Ok(pipelines.iter().map(|one| statuses.get(one).cloned()).collect())
    }

    /// What every pipeline of a namespace, or of all, looks like now, by namespace and name: those that
    /// [`Cluster::status`] finds by name.
    pub async fn statuses(&self, namespace: Option<&str>) -> Result<Vec<Status>, ClusterError> {
        let stop = StopSignal::default();
        let client = Client::reading(self, &stop);
        let namespace = namespace.unwrap_or(ALL_NAMESPACES);
        let found = inventory::find_all(&client, namespace, None).await?;
        let statuses = read(&client, namespace, found).await?;
        Ok(statuses.into_iter().map(|(_, status)| status).collect())
    }
}

/// What was found, and its pods, as statuses. They are in the order of their pipelines.
async fn read(
    client: &Client<'_>,
    namespace: &str,
    found: BTreeMap<PipelineRef, Found>,
) -> Result<Vec<(PipelineRef, Status)>, Problem> {
    let mut pods = pods(client, namespace, &found).await?;
    let mut statuses = Vec::with_capacity(found.len());
    for (pipeline, found) in found {
        let mut pods = pods.remove(&pipeline).unwrap_or_default();
        pods.sort_by_key(|pod| ordinal(&pod.metadata));
        let status = found.status(client, &pipeline, &pods).await.map_err(|failure| {
            let what = format!("cannot read the status of {pipeline}");
            failure.describe(&what, &pipeline.namespace)
        })?;
        statuses.extend(status.map(|status| (pipeline, status)));
    }
    Ok(statuses)
}

/// The pods of each StatefulSet.
async fn pods(
    client: &Client<'_>,
    namespace: &str,
    found: &BTreeMap<PipelineRef, Found>,
) -> Result<HashMap<PipelineRef, Vec<Pod>>, Problem> {
    let sets =
        found.iter().filter_map(|(pipeline, it)| Some((pipeline, it.stateful_set.as_ref()?)));
    let sets: Vec<_> = sets.collect();
    if sets.len() < LIST_FROM && namespace != ALL_NAMESPACES {
        let reads = sets.into_iter().map(|(pipeline, set)| async move {
            let set: StatefulSet = lenient(set);
            let found = pods::pods(client, &set).await.map_err(|failure| {
                let what = format!("cannot read the status of {pipeline}");
                failure.describe(&what, &pipeline.namespace)
            })?;
            Ok::<_, Problem>((pipeline.clone(), found))
        });
        return Ok(try_join_all(reads).await?.into_iter().collect());
    }
    let uids: HashMap<_, _> =
        sets.iter().map(|(pipeline, set)| (metadata(set).uid, *pipeline)).collect();
    let mut pods: HashMap<PipelineRef, Vec<Pod>> = HashMap::new();
    inventory::walk(client, Kind::Pod, namespace, |pod| {
        let pod = lenient(&pod);
        let pipeline = pods::owners(&pod).find_map(|uid| uids.get(&Some(uid.to_owned())));
        if let Some(pipeline) = pipeline {
            pods.entry((*pipeline).clone()).or_default().push(pod);
        }
    })
    .await?;
    Ok(pods)
}
