//! What a Lease says: who holds it, since when, and which revision was applied last.

use std::time::Duration;

use jiff::Timestamp;
use k8s_openapi::api::coordination::v1::Lease;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{MicroTime, ObjectMeta};
use serde_json::Value;
use wellhead_diagnostics::Code;

use super::notes::Notes;
use super::{LONGEST, REVISION, ROLLING_BACK, in_tests, micro, object, shortest};
use crate::model::error::Problem;
use crate::model::json::typed::{annotation, lenient, resource_version, text};
use crate::model::object::{FIELD_MANAGER, PipelineRef};
use crate::model::revision::HIGHEST;

/// The server cuts its times off to whole seconds: what was written at 0.9 s and is looked at at 1.0 s is not a second
/// old.
const CLOCK: Duration = Duration::from_secs(1);

/// How long a Lease is good without a renewal, as its holder wrote it.
fn lasts(seconds: Option<i32>) -> Duration {
    let written = seconds.and_then(|it| u64::try_from(it).ok());
    let written = written.filter(|it| *it > 0).map_or_else(shortest, Duration::from_secs);
    written.min(in_tests().unwrap_or(LONGEST))
}

/// The Lease of a pipeline as it was read, before anything else of the pipeline was.
#[derive(Clone, Debug, Default)]
pub(crate) struct LeaseState {
    pub(super) seen: Option<Seen>,
    /// How long ago its holder renewed it, by the server's clock.
    age: Duration,
}

/// What a Lease says.
#[derive(Clone, Debug)]
pub(super) struct Seen {
    resource_version: String,
    /// Its holder; empty where it has none.
    identity: String,
    since: String,
    renewed: Option<MicroTime>,
    lasts: Duration,
    revision: Option<i64>,
    rolling_back: Option<i64>,
    pub(super) notes: Notes,
}

impl Seen {
    fn of(live: Lease) -> Self {
        let number = |key: &str| {
            let number = annotation(&live.metadata, key).parse().ok();
            number.filter(|number| (1..=HIGHEST).contains(number))
        };
        let (revision, rolling_back) = (number(REVISION), number(ROLLING_BACK));
        let spec = live.spec.unwrap_or_default();
        Self {
            resource_version: resource_version(&live.metadata).to_owned(),
            identity: spec.holder_identity.unwrap_or_default(),
            since: spec.acquire_time.map(|it| micro(it.0)).unwrap_or_default(),
            renewed: spec.renew_time,
            lasts: lasts(spec.lease_duration_seconds),
            revision,
            rolling_back,
            notes: Notes::of(&live.metadata),
        }
    }
}

/// The run that holds a Lease.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Holder {
    /// `user@host`, and what tells its runs apart.
    pub(crate) identity: String,
    /// Since when, RFC 3339.
    pub(crate) since: String,
    /// The last renewal, as the holder wrote it: it only tells two renewals apart.
    renewed: Option<MicroTime>,
    /// How long ago that was, in whole seconds of the server's clock.
    pub(crate) age: Duration,
    /// How old it may become.
    lasts: Duration,
}

impl Holder {
    /// Whether it stopped renewing for so long that another run may take over.
    pub(crate) fn is_gone(&self) -> bool {
        self.age >= self.gone_after()
    }

    /// The age at which the Lease has surely ended.
    fn gone_after(&self) -> Duration {
        self.lasts + CLOCK
    }

    /// Whether this is a later sign of life of the same run.
    pub(crate) fn renewed_since(&self, earlier: &Self) -> bool {
        self.identity == earlier.identity && self.renewed != earlier.renewed
    }

    /// Why a run is refused.
    pub(crate) fn problem(&self, pipeline: &PipelineRef) -> Problem {
        let Self { identity, since, age, .. } = self;
        let what = format!("{pipeline} is being changed by {identity} since {since}");
        Problem::new(Code::PipelineLocked, what)
            .on(&object(pipeline))
            .why(format!("its Lease was last renewed {} s ago", age.as_secs()))
            .hint(format!(
                "run the same command again when it is done; the Lease of a run that died expires after {} s",
                self.gone_after().as_secs()
            ))
    }
}

impl LeaseState {
    /// From what was read of the Lease; `now` is the server's clock.
    pub(crate) fn new(live: Option<&Value>, now: Timestamp) -> Self {
        let live: Option<Lease> = live.map(lenient);
        let written = live.as_ref().and_then(|it| written_at(&it.metadata));
        let age = written.and_then(|at| now.duration_since(at).try_into().ok());
        Self { seen: live.map(Seen::of), age: age.unwrap_or_default() }
    }

    pub(crate) fn holder(&self) -> Option<Holder> {
        let seen = self.seen.as_ref().filter(|it| !it.identity.is_empty())?;
        let Seen { identity, since, renewed, lasts, .. } = seen.clone();
        Some(Holder { identity, since, renewed, age: self.age, lasts })
    }

    /// Whether a revision was applied to its end, and no run is at work since.
    pub(crate) fn is_settled(&self) -> bool {
        self.holder().is_none() && self.revision() > 0
    }

    /// The number of the revision that was applied last, or 0.
    pub(crate) fn revision(&self) -> i64 {
        self.seen.as_ref().and_then(|it| it.revision).unwrap_or_default()
    }

    /// The number of the revision that was applied last, if it is a rollback that no run has seen become ready.
    pub(crate) fn rolling_back(&self) -> Option<i64> {
        let rolling_back = self.seen.as_ref()?.rolling_back;
        rolling_back.filter(|it| *it == self.revision())
    }

    /// Whether there is a Lease.
    pub(crate) fn exists(&self) -> bool {
        self.seen.is_some()
    }

    /// The version of the Lease; none where there is no Lease.
    pub(crate) fn resource_version(&self) -> Option<&str> {
        self.seen.as_ref().map(|it| it.resource_version.as_str())
    }
}

/// When Wellhead wrote the Lease last, by the server's clock.
fn written_at(metadata: &ObjectMeta) -> Option<Timestamp> {
    let entries = metadata.managed_fields.iter().flatten();
    let ours = entries.filter(|entry| text(entry.manager.as_ref()) == FIELD_MANAGER);
    ours.filter_map(|entry| Some(entry.time.as_ref()?.0)).max()
}
