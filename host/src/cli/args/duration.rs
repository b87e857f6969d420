//! Durations as Go writes them: `90s`, `5m`, `1h30m`, `0`.

use std::time::Duration;

use jiff::SignedDuration;

/// How long to wait; `None` has no limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Timeout(pub(crate) Option<Duration>);

/// Reads a timeout; zero is no limit, as in kubectl.
pub(crate) fn timeout(text: &str) -> Result<Timeout, String> {
    let duration = duration(text).map_err(|wrong| wrong + ", or 0 for no limit")?;
    Ok(Timeout((!duration.is_zero()).then_some(duration)))
}

/// Reads a duration.
pub(crate) fn duration(text: &str) -> Result<Duration, String> {
    if text == "0" {
        return Ok(Duration::ZERO);
    }
    let wrong = || "write a duration such as 90s, 5m or 1h30m".to_owned();
    let duration: SignedDuration = text.parse().map_err(|_| wrong())?;
    Duration::try_from(duration).map_err(|_| wrong())
}

/// How long ago something was, in at most two units, as kubectl has it: `3h`, `2d4h`, `400d`.
/// <https://github.com/kubernetes/apimachinery/blob/v0.36.3/pkg/util/duration/duration.go>, `HumanDuration`.
pub(crate) fn age(age: Duration) -> String {
    let seconds = age.as_secs();
    let (minutes, hours, days) = (seconds / 60, seconds / 3_600, seconds / 86_400);
    let two = |many: u64, unit: &str, few: u64, smaller: &str| match few {
        0 => format!("{many}{unit}"),
        _ => format!("{many}{unit}{few}{smaller}"),
    };
    match () {
        () if seconds < 120 => format!("{seconds}s"),
        () if minutes < 10 => two(minutes, "m", seconds % 60, "s"),
        () if hours < 3 => format!("{minutes}m"),
        () if hours < 8 => two(hours, "h", minutes % 60, "m"),
        () if hours < 48 => format!("{hours}h"),
        () if days < 8 => two(days, "d", hours % 24, "h"),
        () if days < 2 * 365 => format!("{days}d"),
        () if days < 8 * 365 => two(days / 365, "y", days % 365, "d"),
        () => format!("{}y", days / 365),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_of_go_are_read() {
        for (text, seconds) in [("90s", 90), ("5m", 300), ("1h30m", 5_400), ("1.5h", 5_400)] {
            assert_eq!(timeout(text).unwrap(), Timeout(Some(Duration::from_secs(seconds))));
        }
        assert_eq!(timeout("500ms").unwrap().0, Some(Duration::from_millis(500)));
    }

    #[test]
    fn zero_is_no_limit() {
        assert_eq!(timeout("0").unwrap(), Timeout(None));
        assert_eq!(timeout("0s").unwrap(), Timeout(None));
    }

    /// From `TestHumanDuration`.
    #[test]
    fn an_age_has_at_most_two_units() {
        let (minute, hour, day) = (60, 3_600, 86_400);
        for (seconds, shown) in [
            (0, "0s"),
            (119, "119s"),
            (2 * minute, "2m"),
            (2 * minute + 1, "2m1s"),
            (10 * minute + 1, "10m"),
            (3 * hour - 1, "179m"),
            (3 * hour, "3h"),
            (3 * hour + 61, "3h1m"),
            (8 * hour + 1, "8h"),
            (2 * day - 1, "47h"),
            (2 * day, "2d"),
            (2 * day + 2 * hour, "2d2h"),
            (8 * day, "8d"),
            (2 * 365 * day, "2y"),
            (3 * 365 * day + day, "3y1d"),
            (9 * 365 * day, "9y"),
        ] {
            assert_eq!(age(Duration::from_secs(seconds)), shown);
        }
    }

    #[test]
    fn everything_else_is_refused() {
        for text in ["", "5", "m", "-5m", "soon", "5 parsecs"] {
            assert!(timeout(text).is_err(), "{text}");
        }
    }
}
