//! The status of every pipeline of a namespace, or of all, from one LIST of each kind: what belongs to which pipeline
//! is looked up and not searched for, so that the cost is linear.

use std::collections::{BTreeMap, HashMap};

use serde_json::Value;

use crate::connect::Cluster;
use crate::error::{ClusterError, Problem};
use crate::list::{self, failed};
use crate::object::{ALL_NAMESPACES, Kind, PipelineRef};
use crate::session::{Content, Listing, Session};
use crate::status::{Found, Status};
use crate::stop::StopSignal;
use crate::{INSTANCE, json, ownership};

/// What was found, by pipeline, and what tells whose the rest is.
#[derive(Default)]
struct All {
    found: BTreeMap<PipelineRef, (Found, Vec<Value>)>,
    /// The StatefulSet that gives its replicas claims of a name without its ordinal.
    users: HashMap<(String, String), PipelineRef>,
    /// The StatefulSet that names a Service.
    services: HashMap<(String, String), PipelineRef>,
    /// The StatefulSet of a uid.
    uids: HashMap<String, PipelineRef>,
}

impl Cluster {
    /// What every pipeline of a namespace, or of all, looks like now, by namespace and name: those that
    /// [`Cluster::status`] finds by name.
    pub async fn statuses(&self, namespace: Option<&str>) -> Result<Vec<Status>, ClusterError> {
        let stop = StopSignal::default();
        let session = Session::reading(self, &stop);
        let namespace = namespace.unwrap_or(ALL_NAMESPACES);
        let mut all = All::default();
        walk(&session, Kind::StatefulSet, namespace, |it| all.add_set(it)).await?;
        walk(&session, Kind::Service, namespace, |it| all.add_service(it)).await?;
        walk(&session, Kind::PersistentVolumeClaim, namespace, |it| all.add_claim(it)).await?;
        walk(&session, Kind::Pod, namespace, |it| all.add_pod(it)).await?;
        let mut statuses = Vec::with_capacity(all.found.len());
        for (pipeline, (found, mut pods)) in all.found {
            pods.sort_by_key(json::ordinal);
            let status = found.status(&session, &pipeline, &pods).await.map_err(|failure| {
                let what = format!("cannot read the status of {pipeline}");
                failure.describe(&what, &pipeline.namespace)
            })?;
            statuses.extend(status);
        }
        Ok(statuses)
    }
}

async fn walk(
    session: &Session<'_>,
    kind: Kind,
    namespace: &str,
    visit: impl FnMut(Value),
) -> Result<(), Problem> {
    let listing = Listing { kind, namespace, labels: "", fields: "", content: Content::Whole };
    session.walk(listing, visit).await.map_err(failed(kind, namespace))
}

/// The namespace of an object.
fn namespace(object: &Value) -> String {
    json::text(object, "/metadata/namespace").to_owned()
}

impl All {
    /// Every StatefulSet has a say in whose claims and Services are; ours are pipelines.
    fn add_set(&mut self, object: Value) {
        let pipeline = list::of(&object);
        let named = json::text(&object, "/spec/serviceName");
        if !named.is_empty() {
            self.services.insert((namespace(&object), named.to_owned()), pipeline.clone());
        }
        for template in json::items(&object, "/spec/volumeClaimTemplates") {
            let stem = format!("{}-{}", json::name(template), pipeline.name);
            self.users.insert((namespace(&object), stem), pipeline.clone());
        }
        if ownership::applied_by_us(&object) {
            self.uids.insert(json::uid(&object).to_owned(), pipeline.clone());
            self.found.entry(pipeline).or_default().0.add(Kind::StatefulSet, object);
        }
    }

    fn add_service(&mut self, object: Value) {
        let named = (namespace(&object), json::name(&object).to_owned());
        let labelled = || PipelineRef {
            namespace: namespace(&object),
            name: json::label(&object, INSTANCE).to_owned(),
        };
        let user = self.services.get(&named).cloned();
        let pipeline = user.unwrap_or_else(labelled);
        if ownership::applied_by_us(&object) && !pipeline.name.is_empty() {
            self.found.entry(pipeline).or_default().0.add(Kind::Service, object);
        }
    }

    fn add_claim(&mut self, object: Value) {
        let stem = json::name(&object).rsplit_once('-').filter(|it| it.1.parse::<u32>().is_ok());
        let key = stem.map(|(stem, _)| (namespace(&object), stem.to_owned()));
        let user = key.and_then(|key| self.users.get(&key).cloned());
        let pipeline = match user {
            Some(user) => Some(user).filter(|it| self.found.contains_key(it)),
            None => list::kept_for(&object),
        };
        if let Some(pipeline) = pipeline {
            self.found.entry(pipeline).or_default().0.add(Kind::PersistentVolumeClaim, object);
        }
    }

    fn add_pod(&mut self, object: Value) {
        let mut owners = json::items(&object, "/metadata/ownerReferences").iter();
        let pipeline = owners.find_map(|it| self.uids.get(json::text(it, "/uid")));
        if let Some((_, pods)) = pipeline.and_then(|it| self.found.get_mut(it)) {
            pods.push(object);
        }
    }
}
