//! Random walks: after every change no claim is lost, and nothing was refused.

use std::sync::Mutex;

use wellhead_tests::dice::Dice;

use super::Garden;
use super::applier::{APPLIERS, Applier};
use super::spec::{FIRST, Spec};
use crate::enumeration::{at_once, wish};

/// Changes of a walk where nobody asks for more.
const CHANGES: usize = 6;

/// Everything that is wrong in a walk.
fn walk(applier: &Applier, seed: u64, changes: usize) -> Vec<String> {
    let mut dice = Dice(seed);
    let mut garden = Garden::new("gitops-walk", applier.clone());
    // What comes before its claims must find them as the template would make them: all of them exist from the first.
    let most = if applier.is_flat() { FIRST } else { FIRST + 2 };
    let mut spec = Spec::first();
    let (mut wrong, _) = garden.sync(&spec);
    for number in 0..changes {
        let before = spec.clone();
        spec.change(&mut dice, most);
        let tree = garden.tree();
        let (mut found, said) = garden.sync(&spec);
        if spec.must_be_refused_after(&before) {
            let is_refused = said.contains("WH0717") && garden.tree() == tree;
            found = if is_refused { Vec::new() } else { vec!["it is not refused".to_owned()] };
            spec = before;
        }
        let step = |it: &String| format!("change {number}: {it}\n  {spec:?}\n  {said}");
        wrong.extend(found.iter().map(step));
        if !wrong.is_empty() {
            // What follows would only repeat it.
            return wrong;
        }
    }
    wrong.extend(garden.delete());
    garden.case.finish();
    wrong
}

#[test]
fn no_walk_loses_a_claim_or_is_refused() {
    let changes = wish("WELLHEAD_FAULTS_CHANGES", CHANGES);
    let seed = wish("WELLHEAD_FAULTS_SEED", 0) as u64;
    let failed = Mutex::new(Vec::new());
    at_once(&APPLIERS, |applier| {
        let wrong = walk(applier, seed, changes);
        println!("{applier:?}: a walk of {changes} changes, {} things wrong", wrong.len());
        failed.lock().expect("no walk panics here").extend(wrong);
    });
    let failed = failed.into_inner().expect("no walk panics here");
    assert!(failed.is_empty(), "seed {seed}:\n{}", failed.join("\n"));
}
