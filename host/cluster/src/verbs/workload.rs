//! A workload in the cluster, made by any client.

use serde_json::Value;

use crate::api::client::Client;
use crate::api::connect::Cluster;
use crate::api::failure::Failure;
use crate::model::error::ClusterError;
use crate::model::json;
use crate::model::object::{Kind, ObjectRef};
use crate::model::stop::StopSignal;
use crate::observe::ownership;

/// A StatefulSet with the objects that belong to it, as the server has them.
#[derive(Clone, Debug, PartialEq)]
pub struct Workload {
    /// The StatefulSet.
    pub stateful_set: Value,
    /// The Service that it names, if that exists.
    pub service: Option<Value>,
    /// Whether Wellhead ever applied that Service.
    pub service_is_managed: bool,
    /// Other StatefulSets that name the Service.
    pub service_users: Vec<String>,
    /// The claims of its replicas, those of earlier replicas included, by name.
    pub claims: Vec<Value>,
}

impl Cluster {
    /// The StatefulSet of a name with its Service and its claims, made by any client; `None` when there is no such
    /// StatefulSet. Nothing is written.
    pub async fn workload(
        &self,
        namespace: &str,
        name: &str,
    ) -> Result<Option<Workload>, ClusterError> {
        let stop = StopSignal::default();
        let client = Client::reading(self, &stop);
        let what = format!("cannot read statefulset/{name} in namespace {namespace}");
        let found = find(&client, namespace, name).await;
        Ok(found.map_err(|failure| failure.describe(&what, namespace))?)
    }
}

async fn find(
    client: &Client<'_>,
    namespace: &str,
    name: &str,
) -> Result<Option<Workload>, Failure> {
    let (stateful_sets, claims) = futures::try_join!(
        client.list(Kind::StatefulSet, namespace, "", ""),
        client.list(Kind::PersistentVolumeClaim, namespace, "", ""),
    )?;
    let (own, others): (Vec<_>, Vec<_>) =
        stateful_sets.into_iter().partition(|one| json::name(one) == name);
    let Some(mut stateful_set) = own.into_iter().next() else { return Ok(None) };
    typed(&mut stateful_set, Kind::StatefulSet, "StatefulSet");
    let named = json::text(&stateful_set, "/spec/serviceName").to_owned();
    let service = match named.as_str() {
        "" => None,
        named => client.get(&ObjectRef::new(Kind::Service, namespace, named)).await?,
    };
    let users = others
        .iter()
        .filter(|other| service.is_some() && json::text(other, "/spec/serviceName") == named);
    let mut claims: Vec<_> =
        claims.into_iter().filter(|it| uses(&stateful_set, json::name(it))).collect();
    for claim in &mut claims {
        typed(claim, Kind::PersistentVolumeClaim, "PersistentVolumeClaim");
    }
    Ok(Some(Workload {
        service_is_managed: service.as_ref().is_some_and(ownership::applied_by_us),
        service_users: users.map(|it| json::name(it).to_owned()).collect(),
        stateful_set,
        service,
        claims,
    }))
}

/// Whether a StatefulSet gives its replicas a claim of this name: `TEMPLATE-STATEFULSET-ORDINAL`.
fn uses(stateful_set: &Value, claim: &str) -> bool {
    let Some((stem, ordinal)) = claim.rsplit_once('-') else { return false };
    let templates = json::items(stateful_set, "/spec/volumeClaimTemplates");
    let owner = json::name(stateful_set);
    ordinal.parse::<u32>().is_ok()
        && templates.iter().any(|template| stem == format!("{}-{owner}", json::name(template)))
}

/// A LIST leaves these two fields out of its items.
fn typed(object: &mut Value, kind: Kind, name: &str) {
    object["apiVersion"] = kind.api_version().into();
    object["kind"] = name.into();
}
