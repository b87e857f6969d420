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
