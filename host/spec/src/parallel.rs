//! Work on many items at the same time, with results in the order of the items.
//!
//! How many threads work on it changes nothing but the time: each item is worked on alone, and what one thread makes of
//! it any other would make, too.

use std::num::NonZero;
use std::sync::Mutex;
use std::thread;

/// Items that a thread takes at once where each is worth microseconds: enough that taking them costs nothing, few enough
/// that all threads end together.
pub const SMALL: usize = 16;
/// Stack of a thread, in bytes: that of a main thread, which may do the same work. Only what is used takes memory.
const STACK: usize = 8 << 20;

/// As many threads as there are processors for this process.
pub fn threads() -> NonZero<usize> {
    thread::available_parallelism().unwrap_or(NonZero::<usize>::MIN)
}

/// Does work on each item, on at most so many threads, this one among them. A thread takes `at_once` items, and none is
/// started for fewer.
pub fn map<T: Send, R: Send>(
    threads: NonZero<usize>,
    at_once: usize,
    items: impl ExactSizeIterator<Item = T> + Send,
    work: impl Fn(usize, T) -> R + Sync,
) -> Vec<R> {
    let count = items.len();
    let others = threads.get().min(count / at_once.max(1)).saturating_sub(1);
    if others == 0 {
        return items.enumerate().map(|(at, item)| work(at, item)).collect();
    }
    let items = Mutex::new(items.enumerate());
    let take = || -> Vec<(usize, T)> {
        let mut items = items.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        items.by_ref().take(at_once).collect()
    };
    let work_on = || {
        let mut done: Vec<(usize, Vec<R>)> = Vec::new();
        loop {
            let taken = take();
            let Some((first, _)) = taken.first() else { return done };
            let first = *first;
            done.push((first, taken.into_iter().map(|(at, item)| work(at, item)).collect()));
        }
    };
    let mut parts = thread::scope(|scope| {
        let start = |_| thread::Builder::new().stack_size(STACK).spawn_scoped(scope, work_on).ok();
        // A thread that cannot be had is one less.
        let others: Vec<_> = (0..others).filter_map(start).collect();
        let mut parts = work_on();
        for other in others {
            match other.join() {
                Ok(part) => parts.extend(part),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        parts
    });
    parts.sort_unstable_by_key(|it| it.0);
    let mut all = Vec::with_capacity(count);
    all.extend(parts.into_iter().flat_map(|it| it.1));
    all
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::sync::Barrier;

    use super::*;

    fn some(threads: usize) -> NonZero<usize> {
        NonZero::new(threads).unwrap()
    }

    #[test]
    fn results_have_the_order_of_the_items() {
        for (threads, count) in [(1, 100), (2, 1), (2, 15), (2, 33), (3, 1_000), (64, 100)] {
            let squares = map(some(threads), SMALL, 0..count, |at, item| (at, item * item));
            let expected: Vec<_> = (0..count).map(|it| (it, it * it)).collect();
            assert_eq!(squares, expected, "{threads} threads");
        }
    }

    #[test]
    fn many_items_are_worked_on_by_all_threads() {
        // Each waits for the other: neither could end alone.
        let met = Barrier::new(2);
        let who = map(some(2), 1, 0..2, |_, _| {
            met.wait();
            thread::current().id()
        });
        assert_eq!(who.into_iter().collect::<HashSet<_>>().len(), 2);
    }

    #[test]
    #[should_panic(expected = "the thirtieth")]
    fn a_panic_ends_the_work() {
        map(some(2), SMALL, 0..100, |at, _| assert!(at != 30, "the thirtieth"));
    }
}
