//! What exists already.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use futures::future::try_join_all;
use serde_json::Value;

use crate::error::Problem;
use crate::object::{Kind, ObjectRef};
use crate::session::Session;
use crate::{MANAGED_BY, json};

/// From so many objects on, a LIST for each kind of a namespace is cheaper than one GET for each object.
pub(crate) const LIST_FROM: usize = 9;

/// Existing objects by name.
pub(crate) type Live = HashMap<ObjectRef, Value>;

/// Reads the objects that exist of these.
///
/// LISTs ask for our label only, so a big namespace of other people's objects costs nothing. An object they do not
/// show may still exist without the label; one GET each makes sure.
pub(crate) async fn read(
    session: &Session<'_>,
    objects: impl IntoIterator<Item = &ObjectRef>,
) -> Result<Live, Problem> {
    let mut namespaces: BTreeMap<&str, Vec<&ObjectRef>> = BTreeMap::new();
    for object in objects {
        namespaces.entry(&object.namespace).or_default().push(object);
    }
    let reads = namespaces.into_iter().map(|(namespace, objects)| async move {
        let kinds: BTreeSet<_> = objects.iter().map(|object| object.kind).collect();
        let known = if objects.len() < LIST_FROM {
            Live::new()
        } else {
            list_namespace(session, namespace, kinds).await?
        };
        complete(session, &objects, known).await
    });
    Ok(try_join_all(reads).await?.into_iter().flatten().collect())
}

async fn list_namespace(
    session: &Session<'_>,
    namespace: &str,
    kinds: BTreeSet<Kind>,
) -> Result<Live, Problem> {
    let labels = format!("{}={}", MANAGED_BY.0, MANAGED_BY.1);
    let lists = kinds.into_iter().map(|kind| {
        let labels = &labels;
        async move {
            let found = session.list(kind, namespace, labels, "").await.map_err(|failure| {
                let what = format!("cannot list {} in namespace {namespace}", kind.kubectl());
                failure.describe(&what, namespace)
            })?;
            let named =
                move |object: Value| (ObjectRef::new(kind, namespace, json::name(&object)), object);
            Ok::<_, Problem>(found.into_iter().map(named))
        }
    });
    Ok(try_join_all(lists).await?.into_iter().flatten().collect())
}

async fn complete(
    session: &Session<'_>,
    objects: &[&ObjectRef],
    mut known: Live,
) -> Result<Live, Problem> {
    let missing = objects.iter().filter(|object| !known.contains_key(**object));
    let gets = missing.map(|object| async move {
        let found = session.get(object).await.map_err(|failure| failure.problem("read", object))?;
        Ok::<_, Problem>(found.map(|found| ((*object).clone(), found)))
    });
    let found = try_join_all(gets).await?;
    known.extend(found.into_iter().flatten());
    Ok(known)
}
