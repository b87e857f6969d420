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

    #[test]
    fn everything_else_is_refused() {
        for text in ["", "5", "m", "-5m", "soon", "5 parsecs"] {
            assert!(timeout(text).is_err(), "{text}");
        }
    }
}
