//! One request with a deadline and bounded retries.
//!
//! Every request this crate sends may be sent twice: reads, server-side applies and deletions by uid end in the same
//! state however often they run. So a lost reply, a reset connection and a restarting API server are all retried.

use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::Duration;

use backon::{ExponentialBuilder, Retryable};
use jiff::Timestamp;
use jiff::fmt::rfc2822;
use serde_json::Value;
use tokio::time::Instant;

use super::call::Call;
use super::connect::connection::{Access, Connection};
use super::failure::Failure;
use super::pace::Pace;
use super::warning::Heard;
use super::{reply, warning};
use crate::model::progress::{Event, Progress};

#[cfg(debug_assertions)]
use super::crash::{self, Boundary, Moment};

/// How long and how often.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// One attempt, from sending to the last byte of the reply. `None` waits for ever.
    pub(crate) attempt: Option<Duration>,
    /// All attempts of one request together, once the server has answered anything.
    pub(crate) total: Duration,
    /// All attempts together before the server's first answer: a wrong address must not look like a restart.
    pub(crate) first_contact: Duration,
    /// The longest pause that a server's `Retry-After` can cause.
    pub(crate) retry_after: Duration,
    /// Most requests in flight. A server that is overloaded gets fewer.
    pub(crate) concurrency: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            attempt: Some(Duration::from_secs(30)),
            total: Duration::from_secs(90),
            first_contact: Duration::from_secs(10),
            retry_after: Duration::from_secs(10),
            concurrency: 16,
        }
    }
}

impl Limits {
    /// With the time that the user gives one request, as kubectl's `--request-timeout` does: an attempt may take that
    /// long, and none begins after it, so that a server that is silent is given up then. With zero an attempt waits.
    pub(crate) fn with_timeout(timeout: Option<Duration>) -> Self {
        let default = Self::default();
        match timeout {
            None => default,
            Some(Duration::ZERO) => Self { attempt: None, ..default },
            Some(timeout) => Self {
                attempt: Some(timeout),
                total: timeout,
                first_contact: timeout.min(default.first_contact),
                retry_after: timeout.min(default.retry_after),
                ..default
            },
        }
    }
}

/// Internal errors (500) can be an etcd hiccup or a broken webhook; the second does not heal within a minute.
const INTERNAL_ERROR_RETRIES: u32 = 3;

/// How many replies it takes until most of a slow one is forgotten.
const FORGETTING: u32 = 16;

/// Which requests a request waits for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Lane {
    /// All others: what is in flight is bounded by [`Pace`].
    #[default]
    Shared,
    /// None: a renewal of a Lease must not wait behind the writes that the Lease is held for.
    Renewals,
}

/// The connection and its limits.
pub(crate) struct Transport {
    connection: Connection,
    limits: Limits,
    pace: Pace,
    sent: AtomicU64,
    reached: AtomicBool,
    /// What the server's clock showed, and when it said so.
    clock: Mutex<Option<(Timestamp, Instant)>>,
    /// How long a request takes, see [`Self::reply_time`].
    reply: Mutex<Duration>,
}

impl Transport {
    pub(crate) fn new(connection: Connection, limits: Limits) -> Self {
        #[cfg(debug_assertions)]
        let limits = Limits { concurrency: crash::concurrency(limits.concurrency), ..limits };
        let pace = Pace::new(limits.concurrency);
        let (sent, reached) = (AtomicU64::new(0), AtomicBool::new(false));
        let (clock, reply) = (Mutex::default(), Mutex::default());
        Self { connection, limits, pace, sent, reached, clock, reply }
    }

    /// Requests that may be in flight now.
    pub(crate) fn in_flight(&self) -> usize {
        self.pace.limit()
    }

    /// How long a request takes until it is answered for good, by the slowest of the last ones. What it waits for before
    /// it is sent is no part of it.
    pub(crate) fn reply_time(&self) -> Duration {
        *self.reply.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A slow reply counts at once, and for less with each that follows.
    fn note_reply(&self, took: Duration) {
        let mut reply = self.reply.lock().unwrap_or_else(PoisonError::into_inner);
        *reply = took.max((*reply * (FORGETTING - 1) + took) / FORGETTING);
    }

    /// The server's clock, to a second or so; `None` before its first reply.
    pub(crate) fn server_time(&self) -> Option<Timestamp> {
        let (shown, at) = (*self.clock.lock().unwrap_or_else(PoisonError::into_inner))?;
        shown.checked_add(at.elapsed()).ok()
    }

    fn set_clock(&self, date: &http::HeaderValue) {
        let shown = date.to_str().ok().and_then(|it| rfc2822::parse(it).ok());
        if let Some(shown) = shown {
            let mut clock = self.clock.lock().unwrap_or_else(PoisonError::into_inner);
            *clock = Some((shown.timestamp(), Instant::now()));
        }
    }

    pub(crate) fn requests_sent(&self) -> u64 {
        self.sent.load(Ordering::Relaxed)
    }

    /// Sends a request until it is answered for good or its deadline is over. `heard` gets what the server warns of.
    pub(crate) async fn send(
        &self,
        call: &Call<'_>,
        lane: Lane,
        progress: &dyn Progress,
        heard: Option<&Heard>,
    ) -> Result<Value, Failure> {
        // Waiting for its turn is no part of the deadline: it says nothing about the server.
        let begun = OnceLock::new();
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
            let took = begun.get().map(Instant::elapsed).unwrap_or_default();
            failure.is_transient() && !broken && took < patience
        };
        let answer = (|| self.in_turn(call, (lane, heard), &begun))
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
            .await;
        self.note_reply(begun.get().map(Instant::elapsed).unwrap_or_default());
        answer
    }

    /// One attempt, when its turn comes.
    async fn in_turn(
        &self,
        call: &Call<'_>,
        (lane, heard): (Lane, Option<&Heard>),
        begun: &OnceLock<Instant>,
    ) -> Result<Value, Failure> {
        #[cfg(debug_assertions)]
        let lane = if crash::is_asked_for() { Lane::Shared } else { lane };
        let permit = match lane {
            Lane::Shared => Some(self.pace.permit().await),
            Lane::Renewals => None,
        };
        begun.get_or_init(Instant::now);
        let answer = self.attempt(call, heard).await;
        if let Some(permit) = permit {
            permit.answered(answer.as_ref().is_err_and(Failure::is_overload));
        }
        answer
    }

    /// One attempt with the credentials of the moment. Those of a helper can be over before they say so: others are
    /// tried once.
    async fn attempt(&self, call: &Call<'_>, heard: Option<&Heard>) -> Result<Value, Failure> {
        let failed = |problem| Failure::Credentials(Box::new(problem));
        let access = self.connection.access().await.map_err(failed)?;
        let result = self.exchange(call, &access, heard).await;
        match result {
            Err(failure) if failure.code() == Some(401) => {
                // Boxed: it is rare, and the futures of all requests would be larger by it.
                match Box::pin(self.connection.other(&access)).await.map_err(failed)? {
                    Some(other) => Box::pin(self.exchange(call, &other, heard)).await,
                    None => Err(failure),
                }
            }
            result => result,
        }
    }

    async fn exchange(
        &self,
        call: &Call<'_>,
        access: &Access,
        heard: Option<&Heard>,
    ) -> Result<Value, Failure> {
        let mut request = call.request()?.map(kube::client::Body::from);
        if let Some(value) = &access.authorization {
            request.headers_mut().insert(http::header::AUTHORIZATION, value.clone());
        }
        self.sent.fetch_add(1, Ordering::Relaxed);
        #[cfg(debug_assertions)]
        let boundary = Boundary::next(call.is_write());
        let exchange = async {
            #[cfg(debug_assertions)]
            boundary.reach(Moment::Before);
            let response = access.client.send(request).await?;
            #[cfg(debug_assertions)]
            boundary.reach(Moment::Sent);
            let code = response.status().as_u16();
            if let Some(date) = response.headers().get(http::header::DATE) {
                self.set_clock(date);
            }
            if let (Some(object), Some(heard)) = (call.changed(), heard) {
                heard.add(object, warning::of_headers(response.headers()));
            }
            let retry_after = response.headers().get("retry-after");
            let seconds = retry_after.and_then(|value| value.to_str().ok()?.parse().ok());
            let bytes = reply::bytes(response.into_body()).await?;
            #[cfg(debug_assertions)]
            boundary.reach(Moment::After);
            Ok::<_, kube::Error>((code, seconds.map(Duration::from_secs), bytes))
        };
        let reply = match self.limits.attempt {
            Some(limit) => tokio::time::timeout(limit, exchange).await.map_err(|_| {
                let server = self.connection.server.clone();
                Failure::Silent { server, after: limit }
            })?,
            None => exchange.await,
        };
        let (code, retry_after, bytes) =
            reply.map_err(|error| Failure::from_client(&self.connection, &error))?;
        let bytes = bytes.ok_or(Failure::TooLarge)?;
        self.reached.store(true, Ordering::Relaxed);
        if (200..300).contains(&code) {
            return reply::value(&bytes).map_err(Failure::Unreadable);
        }
        let said = if reply::is_bounded(&bytes) { bytes.as_slice() } else { &[] };
        Err(Failure::answered(code, retry_after, said))
    }
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead, BufReader, Write};
    use std::net::TcpListener;
    use std::sync::Mutex;
    use std::time::Duration;

    use super::{Lane, Limits, Transport};
    use crate::api::call::Call;
    use crate::api::connect::connection::Connection;
    use crate::api::failure::Failure;
    use crate::model::object::{Kind, ObjectRef};
    use crate::model::progress::{Event, Progress};

    #[derive(Default)]
    struct Delays(Mutex<Vec<Duration>>);

    impl Progress for Delays {
        fn event(&self, event: Event) {
            if let Event::Retrying { delay, .. } = event {
                self.0.lock().expect("no event panics").push(delay);
            }
        }
    }

    fn limits() -> Limits {
        Limits { retry_after: Duration::from_millis(80), ..Limits::default() }
    }

    /// Sends one GET to a server that gives these answers, one for each connection.
    async fn get(
        answers: Vec<&'static str>,
    ) -> (Result<serde_json::Value, Failure>, u64, Vec<Duration>) {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("it is bound"));
        std::thread::spawn(move || {
            for answer in answers {
                let (mut stream, _) = listener.accept().expect("a connection");
                let lines = BufReader::new(stream.try_clone().expect("a handle")).lines();
                lines.map_while(Result::ok).take_while(|line| !line.is_empty()).for_each(drop);
                stream.write_all(answer.as_bytes()).expect("the client reads");
            }
        });
        let transport = Transport::new(Connection::plain(&url), limits());
        let object = ObjectRef::new(Kind::Service, "ns", "db");
        let delays = Delays::default();
        let result = transport.send(&Call::Get(&object), Lane::Shared, &delays, None).await;
        (result, transport.requests_sent(), delays.0.into_inner().expect("no event panics"))
    }

    const FINE: &str = "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\n{}";
    const BUSY: &str = "HTTP/1.1 429 Too Many\r\nconnection: close\r\nretry-after: 3600\r\ncontent-length: 0\r\n\r\n";
    const BROKEN: &str = "HTTP/1.1 500 Oops\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";
    const CONFLICT: &str = "HTTP/1.1 409 No\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";
    const CUT_SHORT: &str = "HTTP/1.1 200 OK\r\ncontent-length: 200\r\n\r\n{\"kind\":";

    #[tokio::test]
    async fn an_hour_of_retry_after_is_cut_to_the_limit() {
        let (result, sent, delays) = get(vec![BUSY, FINE]).await;
        assert!(result.is_ok(), "{result:?}");
        assert_eq!(sent, 2);
        // The backoff's own first pause may be longer, but never more than twice its minimum.
        assert!(delays[0] >= limits().retry_after, "{delays:?}");
        assert!(delays[0] < Duration::from_secs(1), "{delays:?}");
    }

    #[tokio::test]
    async fn a_reply_that_breaks_off_is_asked_for_again() {
        let (result, sent, _) = get(vec![CUT_SHORT, FINE]).await;
        assert!(result.is_ok(), "{result:?}");
        assert_eq!(sent, 2);
    }

    #[tokio::test]
    async fn internal_errors_are_retried_a_few_times_only() {
        let (result, sent, _) = get(vec![BROKEN; 5]).await;
        assert_eq!(result.expect_err("it stays broken").code(), Some(500));
        assert_eq!(sent, 4);
    }

    #[tokio::test]
    async fn a_conflict_is_not_retried_here() {
        let (result, sent, _) = get(vec![CONFLICT, FINE]).await;
        assert!(result.expect_err("it is an answer").is_conflict());
        assert_eq!(sent, 1);
    }
}
