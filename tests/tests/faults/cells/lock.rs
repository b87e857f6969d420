//! The lock of a pipeline, and the record of what was applied.

use std::sync::mpsc;

use rustix::process::{Pid, Signal, kill_process};
use wellhead_harness::{Fault, Request, SharedControlPlane};

use super::{APPLY, ready, settled};
use crate::bed::writes;
use crate::operation::Operation::{Delete, Install, Upgrade};
use crate::oracle::assert_right;

fn signal(pid: u32, signal: Signal) {
    let pid = Pid::from_raw(pid.cast_signed()).expect("a process has a number");
    kill_process(pid, signal).expect("it runs");
}

/// A write of what the lock protects.
fn is_protected(request: &Request) -> bool {
    request.is_write() && request.resource != "leases"
}

#[test]
fn cell_04_killed_after_the_last_apply_the_same_command_sees_that_it_is_done() {
    for operation in [Install, Upgrade] {
        let writes_of = operation.reference().writes();
        let last = writes_of.last().expect("it writes");
        for place in ["before", "sent"].map(|moment| format!("{last}:{moment}")) {
            let (case, before) = ready("cell-4", operation);
            assert!(case.run_until(&place, operation.arguments()).crashed());
            case.proxy.take_record();
            case.run(operation.arguments()).ends_with(0);
            let again = case.proxy.take_record();
            let protected: Vec<_> = again.iter().filter(|it| is_protected(&it.request)).collect();
            assert!(protected.is_empty(), "nothing was pending: {protected:?}");
            assert_eq!(case.state().normalised(), operation.reference().end);
            assert_right(&crate::oracle::lost_claims(&before, &case.state()));
            case.run(operation.arguments()).ends_with(0);
            assert_eq!(writes(&case.proxy.take_record()), [""; 0]);
            case.finish();
        }
    }
}

#[test]
fn a_renewal_without_an_answer_does_not_keep_the_lock_of_a_pipeline_that_is_deleted() {
    let (case, before) = ready("renewal", Delete);
    let (renewed, is_renewed) = mpsc::channel();
    let (_end, is_over) = mpsc::channel::<()>();
    let (mut is_renewed, mut is_over) = (Some(is_renewed), Some(is_over));
    let mut is_taken = false;
    case.proxy.script(move |it| {
        let is_lease = it.writes("leases");
        let renews = is_lease && is_taken;
        is_taken |= is_lease;
        if renews && let Some(is_over) = is_over.take() {
            let renewed = renewed.clone();
            return Fault::After(Box::new(move || {
                renewed.send(()).expect("the deletion waits for it");
                // Until the test is over.
                let _ = is_over.recv();
            }));
        }
        match is_renewed.take_if(|_| it.writes("statefulsets")) {
            Some(is_renewed) => Fault::Before(Box::new(move || {
                is_renewed.recv().expect("the lock is renewed");
            })),
            None => Fault::None,
        }
    });
    case.run_with_lease("10", Delete.arguments()).ends_with(0);
    let left = case.state().objects;
    assert!(!left.contains_key("leases/wellhead.db"), "{:?}", left.keys());
    settled(case, Delete, &before);
}

#[test]
fn cell_05_a_killed_holder_is_taken_over_when_its_lock_ends() {
    let (case, before) = ready("cell-5", Upgrade);
    let (pids, pid) = mpsc::channel();
    let kill = move || signal(pid.recv().expect("the command runs"), Signal::KILL);
    case.proxy.once(|it| it.writes("statefulsets"), Fault::Before(Box::new(kill)));
    let running = case.start(APPLY);
    pids.send(running.pid()).expect("the script waits for it");
    assert!(running.finish().crashed());
    let lease = &case.state().objects["leases/wellhead.db"];
    assert!(lease["spec"]["holderIdentity"].is_string(), "{lease}");
    // Another machine goes on, with no flag.
    let other = case.other_host(SharedControlPlane::get());
    other.run(APPLY).ends_with(0);
    settled(case, Upgrade, &before);
}

#[test]
fn cell_05_a_holder_that_slept_through_its_lock_writes_nothing_more() {
    let (case, before) = ready("cell-5", Upgrade);
    let other = case.other_host(SharedControlPlane::get());
    let (pids, pid) = mpsc::channel();
    let (done, other_done) = mpsc::channel();
    let sleep = move || {
        let pid = pid.recv().expect("the command runs");
        signal(pid, Signal::STOP);
        // The other one takes over and finishes.
        done.send(other.run(APPLY).code()).expect("the test waits for it");
        signal(pid, Signal::CONT);
    };
    // It sleeps after the server has done its first write, and before it hears of that.
    case.proxy.once(|it| it.writes("services"), Fault::After(Box::new(sleep)));
    let running = case.start(APPLY);
    pids.send(running.pid()).expect("the script waits for it");
    let ran = running.finish();
    assert_eq!(other_done.recv().expect("it ran"), Some(0));
    let record = case.proxy.record();
    let service = record.iter().position(|it| it.request.writes("services")).expect("it wrote");
    let late = record[service + 1..].iter().filter(|it| is_protected(&it.request));
    // What was on its way with the first write was under its lock.
    let late: Vec<_> = late.filter(|it| !it.request.writes("persistentvolumeclaims")).collect();
    assert!(late.is_empty(), "it wrote under somebody else's lock: {late:?}\n{ran:?}");
    settled(case, Upgrade, &before);
}

#[test]
fn cell_06_of_two_at_once_one_wins_and_the_other_says_who() {
    let (case, before) = ready("cell-6", Upgrade);
    let other = case.other_host(SharedControlPlane::get());
    let (send, refused) = mpsc::channel();
    let compete = move || {
        let ran = other.run(APPLY);
        send.send((ran, other.proxy.take_record())).expect("the test waits for it");
    };
    case.proxy.once(is_protected, Fault::Before(Box::new(compete)));
    case.run(APPLY).ends_with(0);
    let (ran, record) = refused.recv().expect("it ran");
    ran.ends_with(4).says(&["WH0402", "is being changed by", "since 20"]);
    assert_eq!(writes(&record), [""; 0]);
    settled(case, Upgrade, &before);
}
