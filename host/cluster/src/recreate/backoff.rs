//! How long a recreation waits for controllers, and for other writers.

use std::time::Duration;

use crate::api::pauses::Pauses;

/// The first and the longest pause between two looks.
pub(super) const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// How long an orphaning that is under way is waited for: a controller manager that works needs no second.
pub(super) const ORPHANING: Duration = Duration::from_secs(20);

/// A write that keeps losing against another writer is given up after so many tries.
pub(super) const RACES: u32 = 10;

/// How long to wait for what controllers do.
pub(super) struct Backoff(Pauses);

impl Backoff {
    pub(super) fn new(limit: Option<Duration>) -> Self {
        Self(Pauses::new(limit, FIRST_PAUSE, LONGEST_PAUSE))
    }

    /// Pauses, or returns `false` when there is no time left.
    pub(super) async fn pause(&mut self) -> bool {
        let goes_on = !self.0.are_over();
        if goes_on {
            self.0.pause(Duration::ZERO).await;
        }
        goes_on
    }
}
