//! How long a call of a plugin may last: processor time of its thread, with the clock far behind.
//!
//! Fuel is the contract, the same on every machine. What it does not count, the work of the host's
//! functions, ends by this. What others do on the machine costs a plugin nothing: a thread that waits for
//! a processor uses none.

use std::time::{Duration, Instant};

use cpu_time::ThreadTime;
use wasmtime::UpdateDeadline;

use super::budget::{Budget, UsedUp, in_all};

/// Processor time of one call: the backstop behind fuel, which ends a loop in less than 1 s.
pub(crate) const PROCESSOR: Duration = Duration::from_secs(2);
/// Time on the clock, in times of the processor time: it ends what gets no processor at all.
const PATIENCE: u32 = 60;

/// The time of one call.
#[derive(Debug, Default)]
pub(crate) struct Clock {
    /// Both times at the first epoch that began in the call. Most calls end before, and none of them asks
    /// the system for a time.
    began: Option<Times>,
}

#[derive(Clone, Copy, Debug)]
struct Times {
    clock: Instant,
    /// Of this thread; none where the system does not tell it.
    processor: Option<Duration>,
}

/// A call that got too little processor time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", in_all(self.processor, self.clock))]
pub(crate) struct Waited {
    pub(crate) processor: Duration,
    pub(crate) clock: Duration,
}

/// A call that is over.
#[derive(Debug, PartialEq, Eq)]
enum Over {
    Used(UsedUp),
    Waited(Waited),
}

impl Clock {
    /// Tells, on the call's thread, in how many epochs to look again. It is an error, and ends the call,
    /// when the call is over its time.
    pub(crate) fn check(&mut self) -> wasmtime::Result<UpdateDeadline> {
        let now = Times { clock: Instant::now(), processor: of_this_thread() };
        match self.check_at(now) {
            Ok(ticks) => Ok(UpdateDeadline::Continue(ticks)),
            Err(Over::Used(used_up)) => Err(used_up.into()),
            Err(Over::Waited(waited)) => Err(waited.into()),
        }
    }

    fn check_at(&mut self, now: Times) -> Result<u64, Over> {
        let began = *self.began.get_or_insert(now);
        let clock = now.clock.saturating_duration_since(began.clock);
        // Without a count of processor time, the clock has to do.
        let used = now.processor.zip(began.processor).map(|(now, began)| now.saturating_sub(began));
        let used = used.unwrap_or(clock);
        if used >= PROCESSOR {
            let milliseconds =
                |time: Duration| usize::try_from(time.as_millis()).unwrap_or(usize::MAX);
            let (limit, used) = (milliseconds(PROCESSOR), milliseconds(used));
            return Err(Over::Used(UsedUp::new(Budget::Time, limit, used)));
        }
        if clock >= PROCESSOR * PATIENCE {
            return Err(Over::Waited(Waited { processor: used, clock }));
        }
        // Processor time does not pass faster than the clock.
        let left = PROCESSOR.saturating_sub(used).as_millis().div_ceil(TICK.as_millis());
        Ok(u64::try_from(left).unwrap_or(1))
    }
}

/// Processor time of this thread so far.
fn of_this_thread() -> Option<Duration> {
    ThreadTime::try_now().ok().map(|time| time.as_duration())
}

/// Time between two epochs.
pub(crate) const TICK: Duration = Duration::from_millis(10);

#[cfg(test)]
mod tests {
    use super::*;

    /// A call that began, after a time on the clock and on the processor, in milliseconds.
    fn after(clock: u64, processor: Option<u64>) -> Result<u64, Over> {
        let start = Instant::now();
        let before = Duration::from_mins(1);
        let mut call = Clock::default();
        let processor_at = |millis| Some(before + Duration::from_millis(millis?));
        let at = |clock, processor| Times {
            clock: start + Duration::from_millis(clock),
            processor: processor_at(processor),
        };
        assert_eq!(call.check_at(at(0, processor.map(|_| 0))), Ok(200));
        call.check_at(at(clock, processor))
    }

    #[test]
    fn waiting_for_a_processor_costs_nothing() {
        assert_eq!(after(60_000, Some(0)), Ok(200));
        assert_eq!(after(119_999, Some(1_500)), Ok(50));
        assert_eq!(after(2_001, Some(1_999)), Ok(1));
    }

    #[test]
    fn what_computes_too_long_is_told_with_what_it_used() {
        let Err(Over::Used(used_up)) = after(30_000, Some(2_049)) else { panic!("it goes on") };
        assert_eq!(used_up.to_string(), "it used 2.0 s of processor time of 2 s");
    }

    #[test]
    fn what_gets_no_processor_ends_without_blame() {
        let (processor, clock) = (Duration::from_secs(1), Duration::from_mins(2));
        let waited = Waited { processor, clock };
        assert_eq!(after(120_000, Some(1_000)), Err(Over::Waited(waited)));
        assert_eq!(waited.to_string(), "1.0 s of processor time in 120 s");
    }

    #[test]
    fn where_processor_time_is_not_counted_the_clock_is() {
        assert_eq!(after(1_000, None), Ok(100));
        assert!(matches!(after(2_000, None), Err(Over::Used(_))));
    }

    #[test]
    fn a_thread_is_charged_for_what_it_does_alone() {
        let before = of_this_thread().unwrap();
        std::thread::scope(|scope| {
            scope.spawn(|| while of_this_thread().unwrap() < Duration::from_millis(50) {});
        });
        let used = of_this_thread().unwrap().saturating_sub(before);
        assert!(used < Duration::from_millis(50), "{used:?}");
    }
}
