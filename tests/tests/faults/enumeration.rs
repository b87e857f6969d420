//! The command dies at every request of every operation, before it is sent, once the server has done it, and once
//! its answer is read.
//!
//! `WELLHEAD_FAULTS_STRIDE=1`, which `cargo xtask faults --all` sets, takes every place; without it every eleventh.
//! `WELLHEAD_FAULTS_OPERATION=upgrade` takes one operation.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::bed::Case;
use crate::operation::Operation;
use crate::oracle::settle;

/// Without a wish, one place of so many is taken.
const STRIDE: usize = 11;

/// Cases that run at once: most of the time each waits for pods.
const AT_ONCE: usize = 4;

const MOMENTS: [&str; 3] = ["before", "sent", "after"];

/// A number from the environment.
pub(crate) fn wish(variable: &str, usual: usize) -> usize {
    std::env::var(variable).ok().map_or(usual, |it| it.parse().expect("it is a number"))
}

/// How many deaths are one that happens.
fn stride() -> usize {
    wish("WELLHEAD_FAULTS_STRIDE", STRIDE)
}

/// Whether everything is to be tried, however long it takes.
pub(crate) fn is_whole() -> bool {
    stride() == 1
}

/// Runs work on a few threads, each item once.
pub(crate) fn at_once<T: Sync>(items: &[T], work: impl Fn(&T) + Sync) {
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE.min(items.len()) {
            scope.spawn(|| {
                while let Some(item) = items.get(next.fetch_add(1, Ordering::Relaxed)) {
                    work(item);
                }
            });
        }
    });
}

fn places(operation: Operation) -> Vec<(Operation, String)> {
    let boundaries = operation.reference().boundaries();
    let all = (1..=boundaries)
        .flat_map(|number| MOMENTS.map(|moment| (operation, format!("{number}:{moment}"))));
    all.collect()
}

/// One death, and all that is wrong after it.
fn die(operation: Operation, place: &str) -> Vec<String> {
    let case = Case::new(&format!("die-{operation:?}").to_lowercase());
    operation.prepare(&case);
    let before = case.state();
    let ran = case.run_until(place, operation.arguments());
    let requests = case.proxy.record().len();
    let mut wrong = settle(&case, operation, &before);
    // How often a run looks at what it waits for is up to the cluster: this one may be done before the place.
    let number = place.split(':').next().and_then(|it| it.parse().ok()).unwrap_or_default();
    if !ran.crashed() && (requests >= number || !ran.status.success()) {
        wrong.push(format!("it did not die, but ended with {}: {}", ran.status, ran.stderr));
    }
    case.finish();
    wrong
}

#[test]
fn a_death_at_any_request_is_made_good_by_the_same_command() {
    let only = std::env::var("WELLHEAD_FAULTS_OPERATION").unwrap_or_default();
    // An adoption that makes anew makes every request of a mere one, too.
    let is_much = |it: &Operation| *it == Operation::Adopt && only.is_empty() && !is_whole();
    let named = |it: &Operation| format!("{it:?}").to_lowercase().contains(&only) && !is_much(it);
    let operations: Vec<_> = Operation::ALL.into_iter().filter(named).collect();
    // References first: they are needed to know the places.
    at_once(&operations, |operation| {
        operation.reference();
    });
    let all: Vec<_> = operations.iter().copied().flat_map(places).step_by(stride()).collect();
    let violations = Mutex::new(BTreeMap::<(Operation, String), Vec<String>>::new());
    at_once(&all, |(operation, place)| {
        let wrong = die(*operation, place);
        if !wrong.is_empty() {
            println!("{operation:?} {place}: {}", wrong.join("\n    "));
            let mut violations = violations.lock().expect("no case panics here");
            violations.insert((*operation, place.clone()), wrong);
        }
    });
    let violations = violations.into_inner().expect("no case panics here");
    for operation in &operations {
        let cases = all.iter().filter(|(it, _)| it == operation).count();
        let wrong = violations.keys().filter(|(it, _)| it == operation).count();
        let boundaries = operation.reference().boundaries();
        println!("{operation:?}: {boundaries} requests, {cases} deaths, {wrong} violations");
    }
    assert!(violations.is_empty(), "{violations:#?}");
}
