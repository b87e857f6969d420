//! Pauses between looks at what others do: each is half as long again as the one before, up to the longest.

use std::time::Duration;

use tokio::time::Instant;

/// Pauses until a limit.
pub(crate) struct Pauses {
    deadline: Option<Instant>,
    next: Duration,
    longest: Duration,
}

impl Pauses {
    /// Pauses from `first` to `longest`, for no longer than `limit` in all; without one, for ever.
    pub(crate) fn new(limit: Option<Duration>, first: Duration, longest: Duration) -> Self {
        Self { deadline: limit.map(|limit| Instant::now() + limit), next: first, longest }
    }

    /// Whether the limit is over.
    pub(crate) fn are_over(&self) -> bool {
        self.deadline.is_some_and(|deadline| Instant::now() >= deadline)
    }

    /// Pauses for at least so long, but not beyond the limit.
    pub(crate) async fn pause(&mut self, least: Duration) {
        let until = Instant::now() + self.grow().max(least);
        tokio::time::sleep_until(self.deadline.map_or(until, |deadline| deadline.min(until))).await;
    }

    /// The pause of now.
    fn grow(&mut self) -> Duration {
        let now = self.next;
        self.next = (now + now / 2).min(self.longest);
        now
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Pauses;

    #[test]
    fn pauses_grow_to_the_longest_and_end_with_the_limit() {
        let milliseconds = Duration::from_millis;
        let mut pauses = Pauses::new(Some(Duration::ZERO), milliseconds(100), milliseconds(300));
        let grown = [0; 5].map(|_| pauses.grow().as_millis());
        assert_eq!(grown, [100, 150, 225, 300, 300]);
        assert!(pauses.are_over());
        assert!(!Pauses::new(None, Duration::ZERO, Duration::ZERO).are_over());
    }
}
