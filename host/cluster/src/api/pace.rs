//! How many requests are in flight at once: as many as the server answers in time.
//!
//! Additive increase, multiplicative decrease, as TCP has it: a server that turns requests away or lets them time out
//! gets half as many, and one more for each full round of successes. So a server that is slow makes a run slow, and never
//! gets more requests for it.
//! <https://www.rfc-editor.org/rfc/rfc5681#section-3.1>

use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::Semaphore;
use tokio::time::Instant;

/// Requests in flight. They get their turn in order.
#[derive(Debug)]
pub(crate) struct Pace {
    permits: Semaphore,
    state: Mutex<State>,
    most: usize,
}

#[derive(Debug)]
struct State {
    limit: usize,
    /// Permits that are given back and not given out again: those in flight above the limit.
    surplus: usize,
    /// Requests in a row that did not find the server overloaded, since the limit last changed.
    fine: usize,
    /// When the limit was last cut.
    cut: Option<Instant>,
}

/// The right to have one request in flight.
#[derive(Debug)]
pub(crate) struct Permit<'p> {
    pace: &'p Pace,
    since: Instant,
}

impl Pace {
    /// Begins with the most that there may be.
    pub(crate) fn new(most: usize) -> Self {
        let state = State { limit: most, surplus: 0, fine: 0, cut: None };
        Self { permits: Semaphore::new(most), state: Mutex::new(state), most }
    }

    /// Requests that may be in flight now, 1 at least.
    pub(crate) fn limit(&self) -> usize {
        self.state().limit
    }

    /// Waits for its turn.
    pub(crate) async fn permit(&self) -> Permit<'_> {
        let permit = self.permits.acquire().await.expect("because the semaphore is never closed");
        // From here on the state counts it.
        permit.forget();
        Permit { pace: self, since: Instant::now() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Permit<'_> {
    /// Notes whether the server had too much to do. Requests that were in flight together lower the limit once.
    pub(crate) fn answered(self, overloaded: bool) {
        let mut state = self.pace.state();
        if !overloaded {
            state.fine += 1;
            if state.fine >= state.limit && state.limit < self.pace.most {
                state.fine = 0;
                state.limit += 1;
                // One that is in flight above the old limit is within the new one.
                match state.surplus.checked_sub(1) {
                    Some(less) => state.surplus = less,
                    None => self.pace.permits.add_permits(1),
                }
            }
            return;
        }
        state.fine = 0;
        if state.cut.is_some_and(|cut| self.since < cut) {
            return;
        }
        let limit = (state.limit / 2).max(1);
        let less = state.limit - limit;
        state.surplus += less - self.pace.permits.forget_permits(less);
        state.limit = limit;
        state.cut = Some(Instant::now());
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        let mut state = self.pace.state();
        match state.surplus.checked_sub(1) {
            Some(less) => state.surplus = less,
            None => self.pace.permits.add_permits(1),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Pace;

    /// So many requests in flight at once, all with the same answer.
    async fn round(pace: &Pace, requests: usize, overloaded: bool) {
        let mut permits = Vec::new();
        for _ in 0..requests {
            permits.push(pace.permit().await);
        }
        for permit in permits {
            permit.answered(overloaded);
        }
    }

    #[tokio::test]
    async fn an_overloaded_server_gets_half_as_many_and_one_at_least() {
        let pace = Pace::new(16);
        for expected in [8, 4, 2, 1, 1] {
            round(&pace, pace.limit(), true).await;
            assert_eq!(pace.limit(), expected);
            assert_eq!(pace.permits.available_permits(), expected);
        }
    }

    #[tokio::test]
    async fn requests_that_were_in_flight_together_lower_the_limit_once() {
        let pace = Pace::new(16);
        let (one, two) = (pace.permit().await, pace.permit().await);
        one.answered(true);
        two.answered(true);
        assert_eq!(pace.limit(), 8);
    }

    #[tokio::test]
    async fn each_full_round_of_successes_allows_one_more_up_to_the_most() {
        let pace = Pace::new(4);
        round(&pace, 4, true).await;
        assert_eq!(pace.limit(), 2);
        round(&pace, 1, false).await;
        assert_eq!(pace.limit(), 2);
        round(&pace, 1, false).await;
        assert_eq!(pace.limit(), 3);
        for _ in 0..20 {
            round(&pace, 1, false).await;
        }
        assert_eq!((pace.limit(), pace.permits.available_permits()), (4, 4));
    }

    #[tokio::test]
    async fn requests_above_a_lower_limit_end_before_others_begin() {
        let pace = Pace::new(4);
        let mut flying = Vec::new();
        for _ in 0..4 {
            flying.push(pace.permit().await);
        }
        flying.pop().expect("there are four").answered(true);
        assert_eq!((pace.limit(), pace.permits.available_permits()), (2, 0));
        drop(flying.pop());
        assert_eq!(pace.permits.available_permits(), 0, "two are in flight still");
        drop(flying.pop());
        assert_eq!(pace.permits.available_permits(), 1);
    }
}
