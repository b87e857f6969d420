//! One call of the public API: the connection, who watches it and who may stop it.

use std::time::Duration;

use jiff::Timestamp;
use kube::core::params::{DeleteParams, ListParams, Preconditions};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::call::{Call, Mode};
use super::connect::Cluster;
use super::failure::Failure;
use super::transport::Lane;
use super::warning::Heard;
use crate::model::error::Problem;
use crate::model::json;
use crate::model::json::typed::typed;
use crate::model::object::{Kind, ObjectRef};
use crate::model::progress::{Progress, Silent};
use crate::model::stop::StopSignal;

/// Objects per page of a LIST, as kubectl has it.
const PAGE: u32 = 500;

/// What every step needs.
#[derive(Clone, Copy)]
pub(crate) struct Client<'a> {
    pub(crate) cluster: &'a Cluster,
    pub(crate) progress: &'a dyn Progress,
    pub(crate) stop: &'a StopSignal,
    /// Where it is kept what the server warns of; none where nothing is written.
    pub(crate) heard: Option<&'a Heard>,
    pub(crate) lane: Lane,
}

/// How much of each object a LIST returns.
#[derive(Clone, Copy)]
pub(crate) enum Content {
    Whole,
    Metadata,
}

impl<'a> Client<'a> {
    /// One that keeps what the server warns of.
    pub(crate) fn new(
        cluster: &'a Cluster,
        progress: &'a dyn Progress,
        stop: &'a StopSignal,
        heard: &'a Heard,
    ) -> Self {
        Self { cluster, progress, stop, heard: Some(heard), lane: Lane::Shared }
    }

    /// One that only reads, and reports nothing.
    pub(crate) fn reading(cluster: &'a Cluster, stop: &'a StopSignal) -> Self {
        Self { cluster, progress: &Silent, stop, heard: None, lane: Lane::Shared }
    }
}

/// What to list.
#[derive(Clone, Copy)]
pub(crate) struct Listing<'a> {
    pub(crate) kind: Kind,
    pub(crate) namespace: &'a str,
    /// A label selector; empty for all.
    pub(crate) labels: &'a str,
    /// A field selector; empty for all.
    pub(crate) fields: &'a str,
    pub(crate) content: Content,
}

impl<'a> Listing<'a> {
    /// Of whole objects.
    pub(crate) fn whole(kind: Kind, namespace: &'a str, labels: &'a str) -> Self {
        Self { kind, namespace, labels, fields: "", content: Content::Whole }
    }

    /// Of their metadata alone.
    pub(crate) fn metadata(kind: Kind, namespace: &'a str, labels: &'a str) -> Self {
        Self { content: Content::Metadata, ..Self::whole(kind, namespace, labels) }
    }
}

/// A part of what a LIST returns.
enum Page {
    Next(Vec<Value>),
    /// What came so far comes again.
    FromTheStart,
}

impl Client<'_> {
    async fn send(&self, call: Call<'_>) -> Result<Value, Failure> {
        self.cluster.transport.send(&call, self.lane, self.progress, self.heard).await
    }

    /// What the server warned of since the last time.
    pub(crate) fn take_heard(&self) -> Vec<Problem> {
        self.heard.map(Heard::take).unwrap_or_default()
    }

    /// The server's clock, by its last reply; this machine's where no reply has it.
    pub(crate) fn server_time(&self) -> Timestamp {
        self.cluster.transport.server_time().unwrap_or_else(Timestamp::now)
    }

    /// How long a request takes, by the slowest of the last ones.
    pub(crate) fn reply_time(&self) -> Duration {
        self.cluster.transport.reply_time()
    }

    /// Requests that may be in flight now: fewer where the server is overloaded.
    pub(crate) fn in_flight(&self) -> usize {
        self.cluster.transport.in_flight()
    }

    /// The object, or `None`. Always a quorum read: deciding from a stale cache loses data.
    pub(crate) async fn get(&self, object: &ObjectRef) -> Result<Option<Value>, Failure> {
        match self.send(Call::Get(object)).await {
            Ok(found) => Ok(Some(found)),
            Err(failure) if failure.is_not_found() => Ok(None),
            Err(failure) => Err(failure),
        }
    }

    /// Whether an object exists, without reading it.
    pub(crate) async fn exists(&self, object: &ObjectRef) -> Result<bool, Failure> {
        match self.send(Call::Metadata(object)).await {
            Ok(_) => Ok(true),
            Err(failure) if failure.is_not_found() => Ok(false),
            Err(failure) => Err(failure),
        }
    }

    /// Every object of a kind that the selectors admit.
    pub(crate) async fn list(
        &self,
        kind: Kind,
        namespace: &str,
        labels: &str,
        fields: &str,
    ) -> Result<Vec<Value>, Failure> {
        self.list_as(Listing { fields, ..Listing::whole(kind, namespace, labels) }, Some).await
    }

    /// Every object of a kind as its type; none where a field of any has another type than Kubernetes gives it.
    pub(crate) async fn list_typed<T: DeserializeOwned>(
        &self,
        kind: Kind,
        namespace: &str,
    ) -> Result<Option<Vec<T>>, Failure> {
        let every = Listing::whole(kind, namespace, "");
        let found = self.list_as(every, |object| Some(typed(object))).await?;
        Ok(found.into_iter().collect())
    }

    /// What `keep` makes of every object of a LIST. No more than a page of them is in memory.
    pub(crate) async fn list_as<T>(
        &self,
        listing: Listing<'_>,
        keep: impl Fn(Value) -> Option<T>,
    ) -> Result<Vec<T>, Failure> {
        let mut found = Vec::new();
        let take = |page| match page {
            Page::Next(items) => found.extend(items.into_iter().filter_map(&keep)),
            Page::FromTheStart => found.clear(),
        };
        self.each_page(listing, take).await?;
        Ok(found)
    }

    /// Hands every object of a LIST to `visit`, a page at a time. One that changes meanwhile may come twice.
    pub(crate) async fn walk(
        &self,
        listing: Listing<'_>,
        mut visit: impl FnMut(Value),
    ) -> Result<(), Failure> {
        let take = |page| {
            if let Page::Next(items) = page {
                items.into_iter().for_each(&mut visit);
            }
        };
        self.each_page(listing, take).await
    }

    async fn each_page(
        &self,
        listing: Listing<'_>,
        mut take: impl FnMut(Page),
    ) -> Result<(), Failure> {
        let Listing { kind, namespace, labels, fields, content } = listing;
        let mut params = ListParams::default().labels(labels).fields(fields).limit(PAGE);
        loop {
            let call = match content {
                Content::Whole => Call::List { kind, namespace, params: &params },
                Content::Metadata => Call::ListMetadata { kind, namespace, params: &params },
            };
            let mut page = match self.send(call).await {
                Ok(page) => page,
                // The continuation expired while we read. Once without pages.
                Err(failure) if failure.code() == Some(410) && params.limit.is_some() => {
                    take(Page::FromTheStart);
                    (params.limit, params.continue_token) = (None, None);
                    continue;
                }
                Err(failure) => return Err(failure),
            };
            let token = json::text(&page, "/metadata/continue").to_owned();
            if let Some(Value::Array(items)) = page.get_mut("items").map(Value::take) {
                take(Page::Next(items));
            }
            if token.is_empty() {
                return Ok(());
            }
            params.continue_token = Some(token);
        }
    }

    /// Server-side apply.
    pub(crate) async fn apply(
        &self,
        object: &ObjectRef,
        body: &Value,
        mode: Mode,
    ) -> Result<Value, Failure> {
        self.send(Call::Apply { object, body, mode }).await
    }

    /// Creates an object. Where it exists the failure is a conflict, also for what an earlier try created.
    pub(crate) async fn create(&self, object: &ObjectRef, body: &Value) -> Result<Value, Failure> {
        self.send(Call::Create { object, body, mode: Mode::Write }).await
    }

    /// What [`Self::create`] would answer. Nothing is stored.
    pub(crate) async fn try_create(
        &self,
        object: &ObjectRef,
        body: &Value,
    ) -> Result<Value, Failure> {
        self.send(Call::Create { object, body, mode: Mode::DryRun }).await
    }

    /// Changes the fields that `body` names.
    pub(crate) async fn merge(&self, object: &ObjectRef, body: &Value) -> Result<Value, Failure> {
        self.merge_as(Mode::Write, object, body).await
    }

    /// [`Self::merge`], or what it would answer.
    pub(crate) async fn merge_as(
        &self,
        mode: Mode,
        object: &ObjectRef,
        body: &Value,
    ) -> Result<Value, Failure> {
        self.send(Call::Merge { object, body, mode }).await
    }

    /// Asks a question that stores nothing; the answer has it with its status.
    pub(crate) async fn review(&self, path: &str, body: &Value) -> Result<Value, Failure> {
        self.send(Call::Review { path, body }).await
    }

    /// What the server says it is: `major`, `minor` and more.
    pub(crate) async fn version(&self) -> Result<Value, Failure> {
        self.send(Call::Version).await
    }

    /// Has the pod with this uid end, unless a `PodDisruptionBudget` forbids it for now: then the answer is `false`. One that
    /// is gone has ended.
    pub(crate) async fn evict(&self, pod: &ObjectRef, uid: &str) -> Result<bool, Failure> {
        match self.send(Call::Evict { pod, uid }).await {
            Err(failure) if failure.code() == Some(429) => Ok(false),
            Err(failure) if !failure.is_not_found() => Err(failure),
            _ => Ok(true),
        }
    }

    /// Deletes the object with this uid, and waits for the server's word only.
    pub(crate) async fn delete(
        &self,
        object: &ObjectRef,
        params: &DeleteParams,
    ) -> Result<(), Failure> {
        match self.send(Call::Delete { object, params }).await {
            Err(failure) if !failure.is_not_found() => Err(failure),
            _ => Ok(()),
        }
    }
}

/// A deletion of this very object, or of this very state of it.
pub(crate) fn precondition(uid: Option<String>, resource_version: Option<String>) -> DeleteParams {
    DeleteParams::background().preconditions(Preconditions { uid, resource_version })
}
