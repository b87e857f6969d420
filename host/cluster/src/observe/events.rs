//! What controllers say about an object.

use serde_json::Value;

use crate::api::client::Client;
use crate::api::failure::Failure;
use crate::model::json;
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
pub(crate) type Occurrence = (String, i64);

/// The newest event about an object that names a failure.
pub(crate) async fn failure_of(
    client: &Client<'_>,
    namespace: &str,
    uid: &str,
) -> Result<Option<Reported>, Failure> {
    let about = format!("involvedObject.uid={uid}");
    let events = match client.list(Kind::Event, namespace, "", &about).await {
        Ok(events) => events,
        // Not everybody may read events; the wait goes on without them.
        Err(failure) if failure.is_forbidden() => return Ok(None),
        Err(failure) => return Err(failure),
    };
    Ok(newest_failure(&events))
}

fn newest_failure(events: &[Value]) -> Option<Reported> {
    // An unbound claim without a class is reported as normal.
    let fails = |event: &&Value| {
        json::text(event, "/type") == "Warning" || json::text(event, "/reason") == "FailedBinding"
    };
    let newest = events.iter().filter(fails).max_by_key(|event| last_seen(event))?;
    let times = ["/series/count", "/count"].iter().map(|field| json::number(newest, field)).max();
    Some(Reported {
        reason: json::text(newest, "/reason").to_owned(),
        message: json::text(newest, "/message").to_owned(),
        last: (last_seen(newest).to_owned(), times.unwrap_or_default()),
    })
}

/// RFC 3339 in UTC sorts as text. Old and new event API keep the time in different fields.
pub(crate) fn last_seen(event: &Value) -> &str {
    let fields = ["/series/lastObservedTime", "/lastTimestamp", "/eventTime"];
    let times = fields.iter().map(|field| json::text(event, field));
    times.max().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::newest_failure;

    #[test]
    fn the_newest_failure_counts_and_normal_events_do_not() {
        let events = [
            json!({"type": "Warning", "reason": "Old", "lastTimestamp": "2026-01-01T00:00:00Z"}),
            json!({"type": "Warning", "reason": "New", "eventTime": "2026-01-02T00:00:00Z"}),
            json!({"type": "Normal", "reason": "Fine", "lastTimestamp": "2026-01-03T00:00:00Z"}),
        ];
        assert_eq!(newest_failure(&events).map(|it| it.reason).as_deref(), Some("New"));
        assert_eq!(newest_failure(&events[2..]), None);
    }

    #[test]
    fn a_failure_that_happens_again_differs_also_within_a_second() {
        let event = |count: u32, time: &str| {
            let event = json!({"type": "Warning", "count": count, "lastTimestamp": time});
            newest_failure(&[event]).expect("it is one").last
        };
        let once = event(1, "2026-01-01T00:00:00Z");
        assert_eq!(once, event(1, "2026-01-01T00:00:00Z"));
        assert_ne!(once, event(2, "2026-01-01T00:00:00Z"));
        assert_ne!(once, event(1, "2026-01-01T00:00:01Z"));
    }
}
