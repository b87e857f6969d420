//! The steps that people take, one after the other, under each applier.

use std::collections::BTreeMap;

use super::Garden;
use super::applier::{Applier, Tool};
use super::spec::{FIRST, Spec};

/// Takes the steps; each must be accepted, and keep every claim.
fn take_steps(applier: Applier) {
    let is_flat = applier.is_flat();
    let mut garden = Garden::new("gitops", applier);
    let mut spec = Spec::first();
    let one = |key: &str| BTreeMap::from([(key.to_owned(), "x".to_owned())]);
    let mut step = |what: &str, spec: &Spec, says: &[&str]| {
        let (wrong, said) = garden.sync(spec);
        assert!(wrong.is_empty(), "{what}: {}", wrong.join("\n"));
        for word in says {
            assert!(said.contains(word), "{what}: no `{word}` in: {said}");
        }
    };
    step("create", &spec, &[]);
    spec.replicas = 2;
    step("scale down", &spec, &["WH0716", "data-db-2", "data-db-3", "stay in the cluster"]);
    spec.size = 2;
    step("grow", &spec, &["WH0715", "claim template `data`"]);
    spec.annotations = one("note");
    step("annotate the claims", &spec, &["WH0715"]);
    spec.labels = one("tier");
    step("label the claims", &spec, &["WH0715"]);
    spec.class = Some("fast");
    let new = if is_flat { FIRST } else { FIRST + 1 };
    spec.replicas = new;
    step(
        "another class for new replicas",
        &spec,
        &["WH0715", "`storageClassName` of persistentvolumeclaim/data-db-"],
    );
    spec.size = 1;
    step("shrink", &spec, &["volumes cannot shrink"]);
    spec.service = "db-others";
    step(
        "rename the service",
        &spec,
        &["`serviceName` of statefulset/db stays", "service/db-peers stays, too"],
    );
    spec.scaled = true;
    step("leave the replicas to others", &spec, &[]);
    assert_eq!(garden.delete(), [""; 0]);
    let claims = garden.before.identity();
    assert_eq!(claims.len(), usize::try_from(new).expect("it is small"), "{claims:?}");
    garden.case.finish();
}

#[test]
fn under_kpt_every_step_keeps_every_claim() {
    take_steps(Applier::Kpt);
}

#[test]
fn under_flux_every_step_keeps_every_claim() {
    take_steps(Applier::Flux);
}

#[test]
fn in_the_worst_order_every_step_keeps_every_claim() {
    take_steps(Applier::Worst(Tool::Helm));
}
