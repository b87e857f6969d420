//! What controllers say about an object.

use serde_json::Value;

use crate::failure::Failure;
use crate::json;
use crate::object::Kind;
use crate::session::Session;

/// The newest event about an object that names a failure, as reason and message.
pub(crate) async fn failure_of(
    session: &Session<'_>,
    namespace: &str,
    uid: &str,
) -> Result<Option<(String, String)>, Failure> {
    let about = format!("involvedObject.uid={uid}");
    let events = match session.list(Kind::Event, namespace, "", &about).await {
        Ok(events) => events,
        // Not everybody may read events; the wait goes on without them.
        Err(failure) if failure.is_forbidden() => return Ok(None),
        Err(failure) => return Err(failure),
    };
    Ok(newest_failure(&events))
}

fn newest_failure(events: &[Value]) -> Option<(String, String)> {
    // An unbound claim without a class is reported as normal.
    let fails = |event: &&Value| {
        json::text(event, "/type") == "Warning" || json::text(event, "/reason") == "FailedBinding"
    };
    let newest = events.iter().filter(fails).max_by_key(|event| last_seen(event))?;
    Some((json::text(newest, "/reason").to_owned(), json::text(newest, "/message").to_owned()))
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
        assert_eq!(newest_failure(&events).map(|(reason, _)| reason).as_deref(), Some("New"));
        assert_eq!(newest_failure(&events[2..]), None);
    }
}
