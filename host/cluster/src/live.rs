//! What exists already.

use std::collections::{BTreeMap, HashMap};

use futures::future::try_join_all;
use serde_json::Value;

use crate::error::ClusterError;
use crate::failure::Failure;
use crate::job::Job;
use crate::object::{Kind, ObjectRef};
use crate::session::Session;
use crate::{MANAGED_BY, json};

/// From so many objects on, three LISTs of a namespace are cheaper than one GET for each object.
const LIST_FROM: usize = 9;

/// Existing objects by name.
#[derive(Debug, Default)]
pub(crate) struct Live(HashMap<ObjectRef, Value>);

impl Live {
    pub(crate) fn get(&self, object: &ObjectRef) -> Option<&Value> {
        self.0.get(object)
    }

    pub(crate) fn take(&mut self, object: &ObjectRef) -> Option<Value> {
        self.0.remove(object)
    }
}

/// Reads every object that the jobs want.
///
/// LISTs ask for our label only, so a big namespace of other people's objects costs nothing. An object they do not
/// show may still exist without the label; one GET each makes sure.
pub(crate) async fn read(session: &Session<'_>, jobs: &[Job]) -> Result<Live, ClusterError> {
    let mut namespaces: BTreeMap<&str, Vec<&ObjectRef>> = BTreeMap::new();
    for wanted in jobs.iter().flat_map(Job::wanted) {
        namespaces.entry(&wanted.object.namespace).or_default().push(&wanted.object);
    }
    let reads = namespaces.into_iter().map(|(namespace, objects)| async move {
        let known = if objects.len() < LIST_FROM {
            HashMap::new()
        } else {
            list_namespace(session, namespace).await?
        };
        complete(session, &objects, known).await
    });
    let read = try_join_all(reads).await?;
    Ok(Live(read.into_iter().flatten().collect()))
}

async fn list_namespace(
    session: &Session<'_>,
    namespace: &str,
) -> Result<HashMap<ObjectRef, Value>, ClusterError> {
    let labels = format!("{}={}", MANAGED_BY.0, MANAGED_BY.1);
    let kinds = [Kind::Service, Kind::PersistentVolumeClaim, Kind::StatefulSet];
    let lists = kinds.map(|kind| {
        let labels = &labels;
        async move {
            let found = session.list(kind, namespace, labels, "").await.map_err(|failure| {
                let what = format!("cannot list {} in namespace {namespace}", kind.kubectl());
                failure.describe(&what, namespace)
            })?;
            let named =
                move |object: Value| (ObjectRef::new(kind, namespace, json::name(&object)), object);
            Ok::<_, ClusterError>(found.into_iter().map(named))
        }
    });
    Ok(try_join_all(lists).await?.into_iter().flatten().collect())
}

async fn complete(
    session: &Session<'_>,
    objects: &[&ObjectRef],
    mut known: HashMap<ObjectRef, Value>,
) -> Result<HashMap<ObjectRef, Value>, ClusterError> {
    let missing = objects.iter().filter(|object| !known.contains_key(**object));
    let gets = missing.map(|object| async move {
        let found = session.get(object).await;
        found
            .map(|found| (*object, found))
            .map_err(|failure: Failure| failure.problem("read", object))
    });
    for (object, found) in try_join_all(gets).await? {
        if let Some(found) = found {
            known.insert(object.clone(), found);
        }
    }
    Ok(known)
}
