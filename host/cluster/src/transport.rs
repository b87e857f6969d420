//! One request with a deadline and bounded retries.
//!
//! Every request this crate sends may be sent twice: reads, server-side applies and deletions by uid end in the same
//! state however often they run. So a lost reply, a reset connection and a restarting API server are all retried.

use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::time::Duration;

use backon::{ExponentialBuilder, Retryable};
use kube::core::params::{DeleteParams, GetParams, ListParams, Patch, PatchParams};
use kube::core::request::Request;
use serde_json::Value;
use tokio::sync::Semaphore;
use tokio::time::Instant;

use crate::FIELD_MANAGER;
use crate::failure::Failure;
use crate::object::{Kind, ObjectRef};
use crate::progress::{Event, Progress};

/// How long and how often.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// One attempt, from sending to the last byte of the reply.
    pub(crate) attempt: Duration,
    /// All attempts of one request together, once the server has answered anything.
    pub(crate) total: Duration,
    /// All attempts together before the server's first answer: a wrong address must not look like a restart.
    pub(crate) first_contact: Duration,
    /// The longest pause that a server's `Retry-After` can cause.
    pub(crate) retry_after: Duration,
    /// Requests in flight.
    pub(crate) concurrency: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            attempt: Duration::from_secs(30),
            total: Duration::from_secs(90),
            first_contact: Duration::from_secs(10),
            retry_after: Duration::from_secs(10),
            concurrency: 16,
        }
    }
}

/// Internal errors (500) can be an etcd hiccup or a broken webhook; the second does not heal within a minute.
const INTERNAL_ERROR_RETRIES: u32 = 3;

/// What to ask the server.
pub(crate) enum Call<'a> {
    Get(&'a ObjectRef),
    List { kind: Kind, namespace: &'a str, params: &'a ListParams },
    Apply { object: &'a ObjectRef, body: &'a Value, dry_run: bool },
    Delete { object: &'a ObjectRef, params: &'a DeleteParams },
}

impl Call<'_> {
    pub(crate) fn describe(&self) -> String {
        match self {
            Self::Get(object) => format!("GET {object}"),
            Self::List { kind, .. } => format!("LIST {}", kind.kubectl()),
            Self::Apply { object, dry_run: true, .. } => format!("PATCH {object} (dry run)"),
            Self::Apply { object, .. } => format!("PATCH {object}"),
            Self::Delete { object, .. } => format!("DELETE {object}"),
        }
    }
}

/// The connection and its limits.
pub(crate) struct Transport {
    client: kube::Client,
    server: String,
    limits: Limits,
    permits: Semaphore,
    sent: AtomicU64,
    reached: AtomicBool,
}

impl Transport {
    pub(crate) fn new(client: kube::Client, server: &str, limits: Limits) -> Self {
        let permits = Semaphore::new(limits.concurrency);
        let (sent, reached) = (AtomicU64::new(0), AtomicBool::new(false));
        Self { client, server: server.to_owned(), limits, permits, sent, reached }
    }

    pub(crate) fn requests_sent(&self) -> u64 {
        self.sent.load(Ordering::Relaxed)
    }

    /// Sends a request until it is answered for good or its deadline is over.
    pub(crate) async fn send(
        &self,
        call: &Call<'_>,
        progress: &dyn Progress,
    ) -> Result<Value, Failure> {
        let started = Instant::now();
        let internal_errors = AtomicU32::new(0);
        let backoff = ExponentialBuilder::default()
            .with_min_delay(Duration::from_millis(50))
            .with_max_delay(Duration::from_secs(2))
            .with_jitter()
            .without_max_times();
        let may_retry = |failure: &Failure| {
            let patience = if self.reached.load(Ordering::Relaxed) {
                self.limits.total
            } else {
                self.limits.first_contact
            };
            let broken = failure.code() == Some(500)
                && internal_errors.fetch_add(1, Ordering::Relaxed) >= INTERNAL_ERROR_RETRIES;
            failure.is_transient() && !broken && started.elapsed() < patience
        };
        (|| self.attempt(call))
            .retry(backoff)
            .when(may_retry)
            .adjust(|failure, delay| {
                let asked = failure.retry_after().map(|asked| asked.min(self.limits.retry_after));
                Some(asked.unwrap_or_default().max(delay?))
            })
            .notify(|failure, delay| {
                let (request, reason) = (call.describe(), failure.reason());
                progress.event(Event::Retrying { request, reason, delay });
            })
            .await
    }

    async fn attempt(&self, call: &Call<'_>) -> Result<Value, Failure> {
        let request = request(call)?.map(kube::client::Body::from);
        let _permit = self.permits.acquire().await.expect("because the semaphore is never closed");
        self.sent.fetch_add(1, Ordering::Relaxed);
        let exchange = async {
            let response = self.client.send(request).await?;
            let code = response.status().as_u16();
            let retry_after = response.headers().get("retry-after");
            let seconds = retry_after.and_then(|value| value.to_str().ok()?.parse().ok());
            let bytes = response.into_body().collect_bytes().await?;
            Ok::<_, kube::Error>((code, seconds.map(Duration::from_secs), bytes))
        };
        let Ok(reply) = tokio::time::timeout(self.limits.attempt, exchange).await else {
            return Err(Failure::Silent {
                server: self.server.clone(),
                after: self.limits.attempt,
            });
        };
        let (code, retry_after, bytes) =
            reply.map_err(|error| Failure::from_client(&self.server, &error))?;
        self.reached.store(true, Ordering::Relaxed);
        if (200..300).contains(&code) {
            return serde_json::from_slice(&bytes)
                .map_err(|error| Failure::Unreadable(error.to_string()));
        }
        Err(Failure::answered(code, retry_after, &bytes))
    }
}

fn request(call: &Call<'_>) -> Result<http::Request<Vec<u8>>, Failure> {
    let built = match call {
        Call::Get(object) => Request::new(object.kind.collection(&object.namespace))
            .get(&object.name, &GetParams::default()),
        Call::List { kind, namespace, params } => {
            Request::new(kind.collection(namespace)).list(params)
        }
        Call::Apply { object, body, dry_run } => {
            let mut params = PatchParams::apply(FIELD_MANAGER).validation_strict();
            params.dry_run = *dry_run;
            Request::new(object.kind.collection(&object.namespace)).patch(
                &object.name,
                &params,
                &Patch::Apply(body),
            )
        }
        Call::Delete { object, params } => {
            Request::new(object.kind.collection(&object.namespace)).delete(&object.name, params)
        }
    };
    built.map_err(|error| Failure::Unsendable(error.to_string()))
}
