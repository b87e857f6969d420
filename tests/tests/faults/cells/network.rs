//! The way to the server, and what stands on it.

use std::time::Duration;

use wellhead_harness::{Fault, Proxy, Request};

use super::{APPLY, ready, settled};
use crate::enumeration::{at_once, is_whole};
use crate::operation::Operation::{self, Install, Upgrade};

/// The operation succeeds in spite of what is done to its requests, and is as if nothing had happened.
#[track_caller]
fn survives(operation: Operation, fault: impl FnOnce(&Proxy)) {
    let (case, before) = ready("network", operation);
    fault(&case.proxy);
    case.run(APPLY).ends_with(0);
    settled(case, operation, &before);
}

fn all(_: &Request) -> bool {
    true
}

#[test]
fn cell_07_a_busy_server_is_waited_for_but_not_for_an_hour() {
    survives(Install, |proxy| proxy.each_once(Request::is_write, || Fault::busy(1)));
    survives(Install, |proxy| proxy.once(|it| it.writes("statefulsets"), Fault::busy(3_600)));
    // One that stays busy is given up after a minute and a half.
    if is_whole() {
        let (case, before) = ready("network", Install);
        case.proxy.script(|_| Fault::busy(3_600));
        case.run(APPLY).ends_with(1).says(&["WH0413", "the proxy says 429"]);
        settled(case, Install, &before);
    }
}

#[test]
fn cell_08_an_error_of_the_server_on_each_call_is_retried() {
    let answers: [fn() -> Fault; 4] = [
        || Fault::error(500),
        || Fault::error(503),
        || Fault::error(504),
        // It gave up waiting for what was done.
        || Fault::AnswerAfter(504),
    ];
    at_once(&answers, |answer| {
        let answer = *answer;
        survives(Install, |proxy| proxy.each_once(all, answer));
        survives(Upgrade, |proxy| proxy.each_once(all, answer));
    });
}

#[test]
fn cell_09_a_reply_that_is_lost_after_the_commit_is_asked_for_again() {
    let faults: [fn(&Proxy); 2] = [
        |proxy| proxy.each_once(all, || Fault::Lose),
        |proxy| proxy.once(|it| it.writes("statefulsets"), Fault::SilenceAfter),
    ];
    at_once(&faults, |fault| survives(Install, fault));
    survives(Upgrade, |proxy| proxy.each_once(all, || Fault::Lose));
}

#[test]
fn cell_10_a_connection_that_breaks_in_the_middle_is_retried() {
    let faults: [fn() -> Fault; 3] = [|| Fault::Refuse, || Fault::CutBody, || Fault::HalfRecord];
    at_once(&faults, |fault| {
        let fault = *fault;
        survives(Install, |proxy| proxy.each_once(all, fault));
        survives(Upgrade, |proxy| proxy.each_once(all, fault));
    });
}

#[test]
fn cell_12_slow_calls_are_waited_for_while_the_lock_is_renewed() {
    // 10 s of a lock of 15 s, which lives for two seconds here.
    let (case, before) = ready("cell-12", Install);
    case.proxy.script(|_| Fault::Delay(Duration::from_millis(1_400)));
    case.run(APPLY).ends_with(0);
    settled(case, Install, &before);
}

#[test]
fn cell_14_connections_that_close_after_each_answer_are_no_failure() {
    survives(Install, |proxy| proxy.script(|_| Fault::Close));
    survives(Upgrade, |proxy| proxy.script(|_| Fault::Close));
}
