//! Death at a chosen request, for the tests of what comes after it. Builds without debug assertions have none of it.
//!
//! `WELLHEAD_CRASH_AT=5:sent` ends the process at its fifth request, as SIGKILL would: no destructor runs. While the variable is set, a
//! process has one request in flight at a time, so that equal runs number their requests equally; `0:before` names
//! no request and does only that.

use std::str::FromStr;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

const VARIABLE: &str = "WELLHEAD_CRASH_AT";

/// A moment in the life of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Moment {
    /// The server has not heard of it.
    Before,
    /// The server has done it, and its answer is not read yet.
    Sent,
    /// Its answer is read.
    After,
}

/// Where to die.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Place {
    request: u64,
    moment: Moment,
}

impl FromStr for Place {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (request, moment) = text.split_once(':').ok_or(())?;
        let moment = match moment {
            "before" => Moment::Before,
            "sent" => Moment::Sent,
            "after" => Moment::After,
            _ => return Err(()),
        };
        Ok(Self { request: request.parse().map_err(drop)?, moment })
    }
}

fn place() -> Option<Place> {
    static PLACE: OnceLock<Option<Place>> = OnceLock::new();
    *PLACE.get_or_init(|| {
        let text = std::env::var(VARIABLE).ok()?;
        Some(text.parse().expect("because WELLHEAD_CRASH_AT is NUMBER:before, :sent or :after"))
    })
}

/// Requests in flight, at most.
pub(crate) fn concurrency(usual: usize) -> usize {
    if place().is_some() { 1 } else { usual }
}

/// One attempt of a request, with its number among all of the process.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Boundary(u64);

impl Boundary {
    /// The next request's.
    pub(crate) fn next() -> Self {
        static REQUESTS: AtomicU64 = AtomicU64::new(0);
        Self(REQUESTS.fetch_add(1, Ordering::Relaxed) + 1)
    }

    /// Ends the process here if that was asked for.
    pub(crate) fn reach(self, moment: Moment) {
        if place() == Some(Place { request: self.0, moment }) {
            std::process::abort();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Moment, Place};

    #[test]
    fn a_place_is_a_number_and_a_moment() {
        assert_eq!("12:sent".parse(), Ok(Place { request: 12, moment: Moment::Sent }));
        for wrong in ["", "12", "12:", "x:sent", "12:then"] {
            assert_eq!(wrong.parse::<Place>(), Err(()), "{wrong}");
        }
    }
}
