//! What exists already: the one seam through which live objects and Leases are read.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use futures::future::try_join_all;
use jiff::Timestamp;
use serde_json::Value;

use crate::api::client::{Client, Listing};
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

/// Where decisions read live objects and Leases: the API server, by quorum reads. A reader of watch caches may take
/// its place where the question is whether there is anything to do.
///
/// What a write depends on, the write reads from the server again: no cache may decide that.
pub(crate) trait Reader: Sync {
    /// What `keep` makes of the objects that exist of these.
    fn by_name<T: Send>(
        &self,
        objects: Vec<&ObjectRef>,
        keep: impl Fn(Value) -> T + Send + Sync,
    ) -> impl Future<Output = Result<HashMap<ObjectRef, T>, Problem>> + Send;

    /// Hands every object that a listing admits to `visit`. One that changes meanwhile may come twice.
    fn each(
        &self,
        listing: Listing<'_>,
        visit: impl FnMut(Value) + Send,
    ) -> impl Future<Output = Result<(), Failure>> + Send;

    /// The clock by which Leases age: the server's.
    fn now(&self) -> Timestamp;
}

impl Reader for Client<'_> {
    /// LISTs ask for our label only, so a big namespace of other people's objects costs little. An object they do not
    /// show may still exist without the label; one GET each makes sure, or, of many, a LIST of names.
    async fn by_name<T: Send>(
        &self,
        objects: Vec<&ObjectRef>,
        keep: impl Fn(Value) -> T + Send + Sync,
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
            let reads = some.iter().map(|one| one.read(self, &keep));
            found.extend(try_join_all(reads).await?.into_iter().flatten());
        }
        Ok(found)
    }

    async fn each(
        &self,
        listing: Listing<'_>,
        visit: impl FnMut(Value) + Send,
    ) -> Result<(), Failure> {
        self.walk(listing, visit).await
    }

    fn now(&self) -> Timestamp {
        self.server_time()
    }
}

/// Reads the objects that exist of these.
pub(crate) async fn read<R: Reader>(
    reader: &R,
    objects: impl IntoIterator<Item = &ObjectRef>,
) -> Result<Live, Problem> {
    reader.by_name(objects.into_iter().collect(), |found| found).await
}

/// [`read`], for more objects than shall be in memory at once.
pub(crate) async fn read_packed<R: Reader>(
    reader: &R,
    objects: impl IntoIterator<Item = &ObjectRef>,
) -> Result<HashMap<ObjectRef, Packed>, Problem> {
    reader.by_name(objects.into_iter().collect(), |found| Packed::of(&found)).await
}

/// Reads one object, if it exists.
pub(crate) async fn read_one<R: Reader>(
    reader: &R,
    object: &ObjectRef,
) -> Result<Option<Value>, Problem> {
    Ok(read(reader, [object]).await?.remove(object))
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
        keep: &(impl Fn(Value) -> T + Sync),
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
        keep: &(impl Fn(Value) -> T + Sync),
    ) -> Result<Vec<(ObjectRef, T)>, Problem> {
        let wanted: HashSet<_> = self.objects.iter().map(|it| it.name.as_str()).collect();
        let labels = format!("{}={}", MANAGED_BY.0, MANAGED_BY.1);
        let named = |object: Value| {
            let name = ObjectRef::new(self.kind, self.namespace, json::name(&object));
            wanted.contains(name.name.as_str()).then(|| (name, keep(object)))
        };
        let listing = Listing::whole(self.kind, self.namespace, &labels);
        let found = client.list_as(listing, named).await;
        found.map_err(|failure| self.unlisted(&failure))
    }

    /// The names of those that do not have it.
    async fn others(&self, client: &Client<'_>) -> Result<BTreeSet<String>, Problem> {
        let labels = format!("{}!={}", MANAGED_BY.0, MANAGED_BY.1);
        let name = |object: Value| Some(json::name(&object).to_owned());
        let listing = Listing::metadata(self.kind, self.namespace, &labels);
        let names = client.list_as(listing, name).await;
        Ok(names.map_err(|failure| self.unlisted(&failure))?.into_iter().collect())
    }

    fn unlisted(&self, failure: &Failure) -> Problem {
        let Self { namespace, kind, .. } = self;
        let what = format!("cannot list {} in namespace {namespace}", kind.kubectl());
        failure.describe(&what, namespace)
    }
}

/// A reader of what a test says exists.
#[cfg(test)]
pub(crate) mod fixture {
    use std::collections::HashMap;

    use jiff::Timestamp;
    use serde_json::Value;

    use super::{Live, Reader};
    use crate::api::client::Listing;
    use crate::api::failure::Failure;
    use crate::model::error::Problem;
    use crate::model::object::{ObjectRef, object_ref};

    /// Objects in memory, as watch caches have them.
    pub(crate) struct Cache {
        pub(crate) objects: Live,
        pub(crate) now: Timestamp,
    }

    impl Cache {
        pub(crate) fn new(objects: impl IntoIterator<Item = (ObjectRef, Value)>) -> Self {
            Self { objects: objects.into_iter().collect(), now: Timestamp::UNIX_EPOCH }
        }
    }

    impl Reader for Cache {
        async fn by_name<T: Send>(
            &self,
            objects: Vec<&ObjectRef>,
            keep: impl Fn(Value) -> T + Send + Sync,
        ) -> Result<HashMap<ObjectRef, T>, Problem> {
            let known =
                |object: &ObjectRef| Some((object.clone(), self.objects.get(object)?.clone()));
            let known = objects.into_iter().filter_map(known);
            Ok(known.map(|(object, live)| (object, keep(live))).collect())
        }

        async fn each(
            &self,
            listing: Listing<'_>,
            mut visit: impl FnMut(Value) + Send,
        ) -> Result<(), Failure> {
            let of_kind = self.objects.iter().filter(|(object, live)| {
                object.kind == listing.kind && object_ref(object.kind, live) == **object
            });
            of_kind.for_each(|(_, live)| visit(live.clone()));
            Ok(())
        }

        fn now(&self) -> Timestamp {
            self.now
        }
    }
}
