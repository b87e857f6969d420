//! The process dies, or is not alone.

use rustix::process::{Pid, Signal, kill_process};
use wellhead_harness::Fault;

use super::{ready, settled};
use crate::enumeration::at_once;
use crate::operation::Operation::{Install, Upgrade};

#[test]
fn cell_01_killed_before_the_first_write_changes_nothing() {
    for operation in [Install, Upgrade] {
        let (case, before) = ready("cell-1", operation);
        let first = &operation.reference().writes()[0];
        assert!(case.run_until(&format!("{first}:before"), operation.arguments()).crashed());
        assert_eq!(case.state().trace(), before.trace());
        settled(case, operation, &before);
    }
}

#[test]
fn cell_02_killed_after_any_write_is_finished_by_the_same_command() {
    let places: Vec<_> = [Install, Upgrade]
        .into_iter()
        .flat_map(|operation| {
            operation.reference().writes().into_iter().map(move |at| (operation, at))
        })
        .collect();
    at_once(&places, |(operation, at)| {
        let (case, before) = ready("cell-2", *operation);
        assert!(case.run_until(&format!("{at}:after"), operation.arguments()).crashed());
        let written = case.state();
        let services = written.uids("services");
        settled_keeping(case, *operation, &before, &services);
    });
}

fn settled_keeping(
    case: crate::bed::Case,
    operation: crate::operation::Operation,
    before: &crate::state::State,
    services: &std::collections::BTreeMap<String, String>,
) {
    crate::oracle::assert_right(&crate::oracle::settle(&case, operation, before));
    let now = case.state().uids("services");
    assert!(services.iter().all(|(name, uid)| now.get(name) == Some(uid)), "{services:?} {now:?}");
    case.finish();
}

#[test]
fn cell_03_killed_before_the_answer_to_any_write_writes_nothing_twice() {
    let places: Vec<_> = Install.reference().writes();
    at_once(&(0..places.len()).collect::<Vec<_>>(), |nth| {
        let (case, before) = ready("cell-3", Install);
        let (pids, pid) = std::sync::mpsc::channel::<u32>();
        let kill = move || {
            let pid = pid.recv().expect("the command runs");
            let pid = Pid::from_raw(pid.cast_signed()).expect("a process has a number");
            kill_process(pid, Signal::KILL).expect("it waits for the answer");
        };
        let (mut kill, mut writes) = (Some(kill), 0);
        let nth = *nth;
        case.proxy.script(move |request| {
            writes += usize::from(request.is_write());
            match kill.take_if(|_| request.is_write() && writes == nth + 1) {
                Some(kill) => Fault::After(Box::new(kill)),
                None => Fault::None,
            }
        });
        let running = case.start(Install.arguments());
        pids.send(running.pid()).expect("the script waits for it");
        assert!(running.finish().crashed());
        settled(case, Install, &before);
    });
}
