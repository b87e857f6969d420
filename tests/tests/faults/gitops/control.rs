//! That the walks can fail: without what keeps them, claims are lost under each applier.

use std::sync::Mutex;

use super::Garden;
use super::applier::APPLIERS;
use super::spec::{FIRST, Spec};
use crate::enumeration::at_once;

#[test]
fn without_what_keeps_them_claims_are_lost() {
    let unharmed = Mutex::new(Vec::new());
    at_once(&APPLIERS, |applier| {
        let mut garden = Garden::new("gitops-control", applier.clone());
        garden.is_stripped = true;
        let mut spec = Spec::first();
        // What is left of the annotations must be some.
        spec.annotations.insert("note".to_owned(), "x".to_owned());
        assert_eq!(garden.sync(&spec).0, [""; 0], "{applier:?}");
        // kpt and Flux wait for the claim of a pod, which cannot go before the pod: they lose it with the application.
        let wrong = if applier.is_flat() {
            spec.replicas = FIRST - 1;
            garden.sync(&spec).0
        } else {
            garden.delete()
        };
        let highest = format!("claim data-db-{} ", FIRST - 1);
        let lost = |it: &String| {
            it.starts_with(&highest)
                && (it.ends_with("is gone") || it.ends_with("is being deleted"))
        };
        if !wrong.iter().any(lost) {
            unharmed.lock().expect("no case panics here").push(format!("{applier:?}: {wrong:?}"));
        }
        garden.case.finish();
    });
    let unharmed = unharmed.into_inner().expect("no case panics here");
    assert!(unharmed.is_empty(), "no claim was lost: {}", unharmed.join("\n"));
}
