//! Death at a chosen request, for the tests of what comes after it. Builds without debug assertions have none of it.
//!
//! `WELLHEAD_CRASH_AT=5:sent` ends the process at its fifth request, as SIGKILL would: no destructor runs.
//! `write-5:sent` counts only requests that store something: how often a run looks at what it waits for is up to the
//! cluster, its writes are not. While the variable is set, a process has one request in flight at a time, so that
//! equal runs number their requests equally; `0:before` names no request and does only that.

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

/// Which requests are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Counted {
    All,
    Writes,
}

/// Where to die.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Place {
    counted: Counted,
    number: u64,
    moment: Moment,
}

impl FromStr for Place {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (number, moment) = text.split_once(':').ok_or(())?;
        let (counted, number) = match number.strip_prefix("write-") {
            Some(number) => (Counted::Writes, number),
            None => (Counted::All, number),
        };
        let moment = match moment {
            "before" => Moment::Before,
            "sent" => Moment::Sent,
            "after" => Moment::After,
            _ => return Err(()),
        };
        Ok(Self { counted, number: number.parse().map_err(drop)?, moment })
    }
}

fn place() -> Option<Place> {
    static PLACE: OnceLock<Option<Place>> = OnceLock::new();
    *PLACE.get_or_init(|| {
        let text = std::env::var(VARIABLE).ok()?;
        Some(text.parse().expect("because it is [write-]NUMBER:before, :sent or :after"))
    })
}

/// Whether requests are numbered, so that none may overtake another.
pub(crate) fn is_asked_for() -> bool {
    place().is_some()
}

/// Requests in flight, at most.
pub(crate) fn concurrency(usual: usize) -> usize {
    if is_asked_for() { 1 } else { usual }
}

/// One attempt of a request, with its numbers among those of the process.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Boundary {
    request: u64,
    /// None of a request that stores nothing.
    write: Option<u64>,
}

impl Boundary {
    /// The next request's.
    pub(crate) fn next(is_write: bool) -> Self {
        static REQUESTS: AtomicU64 = AtomicU64::new(0);
        static WRITES: AtomicU64 = AtomicU64::new(0);
        let next = |counter: &AtomicU64| counter.fetch_add(1, Ordering::Relaxed) + 1;
        Self { request: next(&REQUESTS), write: is_write.then(|| next(&WRITES)) }
    }

    /// Ends the process here if that was asked for.
    pub(crate) fn reach(self, moment: Moment) {
        let Some(place) = place() else { return };
        let number = match place.counted {
            Counted::All => Some(self.request),
            Counted::Writes => self.write,
        };
        if number == Some(place.number) && moment == place.moment {
            std::process::abort();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Counted, Moment, Place};

    #[test]
    fn a_place_is_a_number_and_a_moment() {
        let place = |counted, moment| Ok(Place { counted, number: 12, moment });
        assert_eq!("12:sent".parse(), place(Counted::All, Moment::Sent));
        assert_eq!("write-12:after".parse(), place(Counted::Writes, Moment::After));
        for wrong in ["", "12", "12:", "x:sent", "12:then", "write-:sent", "read-12:sent"] {
            assert_eq!(wrong.parse::<Place>(), Err(()), "{wrong}");
        }
    }
}
