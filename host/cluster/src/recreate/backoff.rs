//! How long a recreation waits for controllers, and for other writers.

use std::time::Duration;

use tokio::time::Instant;

/// The first pause between two looks; later pauses are half as long again, up to [`LONGEST_PAUSE`].
pub(super) const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// How long an orphaning that is under way is waited for: a controller manager that works needs no second.
pub(super) const ORPHANING: Duration = Duration::from_secs(20);

/// A write that keeps losing against another writer is given up after so many tries.
pub(super) const RACES: u32 = 10;

/// How long to wait for what controllers do.
pub(super) struct Backoff {
    deadline: Option<Instant>,
    pause: Duration,
}

impl Backoff {
    pub(super) fn new(limit: Option<Duration>) -> Self {
        Self { deadline: limit.map(|limit| Instant::now() + limit), pause: FIRST_PAUSE }
    }

    /// Pauses, or returns `false` when there is no time left.
    pub(super) async fn pause(&mut self) -> bool {
        let now = Instant::now();
        if self.deadline.is_some_and(|deadline| now >= deadline) {
            return false;
        }
        let until = now + self.pause;
        tokio::time::sleep_until(self.deadline.map_or(until, |deadline| deadline.min(until))).await;
        self.pause = (self.pause + self.pause / 2).min(LONGEST_PAUSE);
        true
    }
}
