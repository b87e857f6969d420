//! How many compilations run at the same time: as many as there are processors, in the whole process.

use std::sync::{Condvar, LazyLock, Mutex, PoisonError};
use std::thread;

struct Slots {
    free: Mutex<usize>,
    freed: Condvar,
}

static SLOTS: LazyLock<Slots> = LazyLock::new(|| Slots {
    free: Mutex::new(thread::available_parallelism().map_or(1, usize::from)),
    freed: Condvar::new(),
});

/// A place to compile; dropping it gives it back.
pub(super) struct Slot(());

/// Waits for a place to compile.
pub(super) fn take() -> Slot {
    let free = SLOTS.free.lock().unwrap_or_else(PoisonError::into_inner);
    let free = SLOTS.freed.wait_while(free, |free| *free == 0);
    *free.unwrap_or_else(PoisonError::into_inner) -= 1;
    Slot(())
}

impl Drop for Slot {
    fn drop(&mut self) {
        *SLOTS.free.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        SLOTS.freed.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[test]
    fn there_are_never_more_at_once_than_processors_and_everybody_has_a_turn() {
        let most = thread::available_parallelism().map_or(1, usize::from);
        let (now, turns) = (AtomicUsize::new(0), AtomicUsize::new(0));
        thread::scope(|scope| {
            for _ in 0..8 * most {
                scope.spawn(|| {
                    let _slot = take();
                    assert!(now.fetch_add(1, Ordering::SeqCst) < most);
                    thread::yield_now();
                    now.fetch_sub(1, Ordering::SeqCst);
                    turns.fetch_add(1, Ordering::SeqCst);
                });
            }
        });
        assert_eq!(turns.into_inner(), 8 * most);
    }
}
