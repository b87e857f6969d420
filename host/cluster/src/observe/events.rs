//! What controllers say about an object.

use jiff::Timestamp;
use k8s_openapi::api::core::v1::Event;

use crate::api::client::Client;
use crate::api::failure::Failure;
use crate::model::json::typed::typed;
use crate::model::object::Kind;

/// A failure that a controller reported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reported {
    pub(crate) reason: String,
    pub(crate) message: String,
    /// When it happened last, and how often it did until then.
    pub(crate) last: Occurrence,
}

/// Differs once a failure has happened again: an event stays for an hour, whatever became of what it tells.
pub(crate) type Occurrence = (Option<Timestamp>, i32);

/// The events that a field selector admits. What is not an event as Kubernetes has it is left out.
pub(crate) async fn list(
    client: &Client<'_>,
    namespace: &str,
    fields: &str,
) -> Result<Vec<Event>, Failure> {
    let found = client.list(Kind::Event, namespace, "", fields).await?;
    Ok(found.into_iter().filter_map(typed).collect())
}

/// The newest event about an object that names a failure.
pub(crate) async fn failure_of(
    client: &Client<'_>,
    namespace: &str,
    uid: &str,
) -> Result<Option<Reported>, Failure> {
    let about = format!("involvedObject.uid={uid}");
    let events = match list(client, namespace, &about).await {
        Ok(events) => events,
        // Not everybody may read events; the wait goes on without them.
        Err(failure) if failure.is_forbidden() => return Ok(None),
        Err(failure) => return Err(failure),
    };
    Ok(newest_failure(&events))
}

fn newest_failure(events: &[Event]) -> Option<Reported> {
    // An unbound claim without a class is reported as normal.
    let fails =
        |event: &&Event| is_warning(event) || event.reason.as_deref() == Some("FailedBinding");
    let newest = events.iter().filter(fails).max_by_key(|event| last_seen(event))?;
    let times = newest.series.as_ref().and_then(|it| it.count).max(newest.count);
    Some(Reported {
        reason: newest.reason.clone().unwrap_or_default(),
        message: newest.message.clone().unwrap_or_default(),
        last: (last_seen(newest), times.unwrap_or_default()),
    })
}

pub(crate) fn is_warning(event: &Event) -> bool {
    event.type_.as_deref() == Some("Warning")
}

/// When an event happened last. Old and new event API keep the time in different fields.
pub(crate) fn last_seen(event: &Event) -> Option<Timestamp> {
    let series = event.series.as_ref().and_then(|it| it.last_observed_time.as_ref());
    let observed = [series, event.event_time.as_ref()].map(|it| it.map(|time| time.0));
    let last = event.last_timestamp.as_ref().map(|time| time.0);
    observed.into_iter().chain([last]).flatten().max()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::newest_failure;
    use crate::model::json::typed::typed;

    #[test]
    fn the_newest_failure_counts_and_normal_events_do_not() {
        let events: Vec<_> = [
            json!({"type": "Warning", "reason": "Old", "lastTimestamp": "2026-01-01T00:00:00Z"}),
            json!({"type": "Warning", "reason": "New", "eventTime": "2026-01-02T00:00:00Z"}),
            json!({"type": "Normal", "reason": "Fine", "lastTimestamp": "2026-01-03T00:00:00Z"}),
        ]
        .into_iter()
        .filter_map(typed)
        .collect();
        assert_eq!(newest_failure(&events).map(|it| it.reason).as_deref(), Some("New"));
        assert_eq!(newest_failure(&events[2..]), None);
    }

    #[test]
    fn a_failure_that_happens_again_differs_also_within_a_second() {
        let event = |count: u32, time: &str| {
            let event = json!({"type": "Warning", "count": count, "lastTimestamp": time});
            newest_failure(&[typed(event).expect("an event")]).expect("it is one").last
        };
        let once = event(1, "2026-01-01T00:00:00Z");
        assert_eq!(once, event(1, "2026-01-01T00:00:00Z"));
        assert_ne!(once, event(2, "2026-01-01T00:00:00Z"));
        assert_ne!(once, event(1, "2026-01-01T00:00:01Z"));
    }

    #[test]
    fn a_fraction_of_a_second_is_later_than_its_begin() {
        let event = |reason: &str, time: &str| {
            typed(json!({"type": "Warning", "reason": reason, "eventTime": time}))
                .expect("an event")
        };
        let events =
            [event("Late", "2026-01-01T00:00:00.500000Z"), event("Soon", "2026-01-01T00:00:00Z")];
        assert_eq!(newest_failure(&events).map(|it| it.reason).as_deref(), Some("Late"));
    }
}
