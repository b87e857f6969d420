//! What exists already.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use futures::future::try_join_all;
use serde_json::Value;

use crate::api::client::Client;
use crate::api::failure::Failure;
use crate::api::packed::Packed;
use crate::model::error::Problem;
use crate::model::json;
use crate::model::object::{Kind, MANAGED_BY, ObjectRef};

/// From so many objects on, a LIST for each kind of a namespace is cheaper than one GET for each object.
pub(crate) const LIST_FROM: usize = 9;

/// From so many objects of a kind on that our label did not show, a LIST of the names of everybody else's tells which of
/// them exist.
const LIST_OTHERS_FROM: usize = 20;

/// Reads that are prepared at once. How many are in flight is up to the connection.
const AT_ONCE: usize = 64;

/// Existing objects by name.
pub(crate) type Live = HashMap<ObjectRef, Value>;

/// Reads the objects that exist of these.
pub(crate) async fn read(
    client: &Client<'_>,
    objects: impl IntoIterator<Item = &ObjectRef>,
) -> Result<Live, Problem> {
    read_as(client, objects, |found| found).await
}

/// [`read`], for more objects than shall be in memory at once.
pub(crate) async fn read_packed(
    client: &Client<'_>,
    objects: impl IntoIterator<Item = &ObjectRef>,
) -> Result<HashMap<ObjectRef, Packed>, Problem> {
    read_as(client, objects, |found| Packed::of(&found)).await
}

/// What `keep` makes of the objects that exist of these.
///
/// LISTs ask for our label only, so a big namespace of other people's objects costs little. An object they do not
/// show may still exist without the label; one GET each makes sure, or, of many, a LIST of names.
pub(crate) async fn read_as<T>(
    client: &Client<'_>,
    objects: impl IntoIterator<Item = &ObjectRef>,
    keep: impl Fn(Value) -> T,
) -> Result<HashMap<ObjectRef, T>, Problem> {
    let mut namespaces: BTreeMap<&str, BTreeMap<Kind, Vec<&ObjectRef>>> = BTreeMap::new();
    for object in objects {
        let kinds = namespaces.entry(&object.namespace).or_default();
        kinds.entry(object.kind).or_default().push(object);
    }
    let mut readings = Vec::new();
    for (namespace, kinds) in namespaces {
        let lists = kinds.values().map(Vec::len).sum::<usize>() >= LIST_FROM;
        for (kind, objects) in kinds {
            readings.push(Reading { namespace, kind, objects, lists });
        }
    }
    let mut found = HashMap::new();
    for some in readings.chunks(AT_ONCE) {
        let reads = some.iter().map(|one| one.read(client, &keep));
        found.extend(try_join_all(reads).await?.into_iter().flatten());
    }
    Ok(found)
}

/// Objects of one kind in one namespace.
struct Reading<'o> {
    namespace: &'o str,
    kind: Kind,
    objects: Vec<&'o ObjectRef>,
    /// Whether a LIST is worth it.
    lists: bool,
}

impl Reading<'_> {
    async fn read<T>(
        &self,
        client: &Client<'_>,
        keep: &impl Fn(Value) -> T,
    ) -> Result<Vec<(ObjectRef, T)>, Problem> {
        let mut found = if self.lists { self.list(client, keep).await? } else { Vec::new() };
        let listed: HashSet<_> = found.iter().map(|(object, _)| object).collect();
        let missing = self.objects.iter().copied().filter(|object| !listed.contains(object));
        let mut missing: Vec<_> = missing.collect();
        if self.lists && missing.len() >= LIST_OTHERS_FROM {
            let others = self.others(client).await?;
            missing.retain(|object| others.contains(object.name.as_str()));
        }
        for some in missing.chunks(AT_ONCE) {
            let gets = some.iter().map(|object| async move {
                let found = client.get(object).await.map_err(|it| it.problem("read", object))?;
                Ok::<_, Problem>(found.map(|found| ((*object).clone(), keep(found))))
            });
            found.extend(try_join_all(gets).await?.into_iter().flatten());
        }
        Ok(found)
    }

    /// Those that have our label.
    async fn list<T>(
        &self,
        client: &Client<'_>,
        keep: &impl Fn(Value) -> T,
    ) -> Result<Vec<(ObjectRef, T)>, Problem> {
        let wanted: HashSet<_> = self.objects.iter().map(|it| it.name.as_str()).collect();
        let labels = format!("{}={}", MANAGED_BY.0, MANAGED_BY.1);
        let named = |object: Value| {
            let name = ObjectRef::new(self.kind, self.namespace, json::name(&object));
            wanted.contains(name.name.as_str()).then(|| (name, keep(object)))
        };
        let found = client.list_as(self.kind, self.namespace, &labels, named).await;
        found.map_err(|failure| self.unlisted(&failure))
    }

    /// The names of those that do not have it.
    async fn others(&self, client: &Client<'_>) -> Result<BTreeSet<String>, Problem> {
        let labels = format!("{}!={}", MANAGED_BY.0, MANAGED_BY.1);
        let name = |object: Value| Some(json::name(&object).to_owned());
        let names = client.list_metadata_as(self.kind, self.namespace, &labels, name).await;
        Ok(names.map_err(|failure| self.unlisted(&failure))?.into_iter().collect())
    }

    fn unlisted(&self, failure: &Failure) -> Problem {
        let Self { namespace, kind, .. } = self;
        let what = format!("cannot list {} in namespace {namespace}", kind.kubectl());
        failure.describe(&what, namespace)
    }
}
