//! What must be true after every fault.

use crate::bed::{Case, Ran, writes};
use crate::operation::{Counts, Operation, counts};
use crate::state::{State, differences, text};

/// A finding.
pub(crate) const PODS_WERE_REPLACED: &str = "pods were replaced";

/// Ends the faults, runs the same command twice, and returns everything that is not as it must be. `before` is the
/// state before the first run; the proxy's record begins there.
pub(crate) fn settle(case: &Case, operation: Operation, before: &State) -> Vec<String> {
    settle_counting(case, operation, before, &operation.reference().counts)
}

/// The same for a fault that creates or deletes something itself, so that these counts are right.
pub(crate) fn settle_counting(
    case: &Case,
    operation: Operation,
    before: &State,
    expected: &Counts,
) -> Vec<String> {
    let mut wrong = Vec::new();
    case.proxy.clear();
    let between = case.state();
    wrong.extend(failed("the same command", &case.run(operation.arguments())));
    let after = case.state();
    if !operation.loses_claims() {
        for earlier in [before, &between] {
            wrong.extend(lost_claims(earlier, &after));
        }
    }
    if operation.keeps_pods() && before.uids("pods") != after.uids("pods") {
        wrong.push(PODS_WERE_REPLACED.to_owned());
    }
    wrong.extend(differences(&operation.reference().end, &after.normalised()));
    let counted = counts(&case.proxy.take_record());
    if counted != *expected {
        wrong.push(format!("created and deleted {counted:?}, want {expected:?}"));
    }
    wrong.extend(strangers(before, &after));
    wrong.extend(failed("one more run", &case.run(operation.arguments())));
    let written = writes(&case.proxy.take_record());
    if !written.is_empty() {
        wrong.push(format!("one more run writes {written:?}"));
    }
    let (trace, settled) = (after.trace(), case.state().trace());
    wrong.extend(differences(&trace, &settled).into_iter().map(|it| format!("one more run: {it}")));
    wrong
}

fn failed(what: &str, ran: &Ran) -> Option<String> {
    let fine = ran.status.success();
    (!fine).then(|| format!("{what} ends with {}: {}", ran.status, ran.stderr.trim()))
}

/// Claims that are gone, are others, or lost their volume.
pub(crate) fn lost_claims(before: &State, after: &State) -> Vec<String> {
    let now = after.identity();
    let mut wrong = Vec::new();
    for (name, (uid, volume)) in before.identity() {
        match now.get(&name) {
            None => wrong.push(format!("claim {name} is gone")),
            Some(found) if found.0 != uid => wrong.push(format!("claim {name} is another one")),
            Some(found) if !volume.is_empty() && found.1 != volume => {
                wrong.push(format!("claim {name} has another volume"));
            }
            Some(_) => {}
        }
    }
    wrong
}

/// What is not ours and was touched, or is gone.
fn strangers(before: &State, after: &State) -> Option<String> {
    let version = |state: &State| {
        let stranger = state.objects.get("services/stranger");
        stranger.map(|it| text(it, "/metadata/resourceVersion").to_owned())
    };
    (version(before) != version(after)).then(|| "the stranger was touched".to_owned())
}

/// Fails with all that is wrong.
#[track_caller]
pub(crate) fn assert_right(wrong: &[String]) {
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
