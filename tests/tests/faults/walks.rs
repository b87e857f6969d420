//! However a pipeline came to be what it is: it is what its last version makes from nothing.
//!
//! `WELLHEAD_FAULTS_WALKS=200`, which `cargo xtask faults --walks 200` sets, says how many walks there are;
//! `WELLHEAD_FAULTS_SEED` where they begin. A walk that fails names its seed.

use std::collections::BTreeMap;
use std::sync::Mutex;

use serde_json::Value;

use crate::bed::{Case, await_some};
use crate::enumeration::{at_once, wish};
use crate::oracle::lost_claims;
use crate::spec::Spec;
use crate::state::{State, differences};
use wellhead_tests::dice::Dice;

/// Changes of a walk.
const STEPS: usize = 20;

/// One change of a person's mind. Volumes grow only; everything else goes back and forth.
fn step(spec: &mut Spec, dice: &mut Dice) {
    match dice.below(10) {
        0 => spec.image = format!("nginx:1.{}", dice.below(9)),
        1 => spec.replicas = 1 + dice.small(4),
        2 => set_or_remove(&mut spec.env, dice),
        3 => set_or_remove(&mut spec.labels, dice),
        4 => set_or_remove(&mut spec.pod_labels, dice),
        5 => spec.port = 80 + u16::try_from(dice.below(5)).expect("it is below 5"),
        6 => spec.strategy = ["RollingUpdate", "OnDelete"][usize::from(dice.below(3) == 0)],
        7 => spec.size += dice.small(2),
        8 => {
            let ordinal = dice.small(4);
            let size = spec.sizes.get(&ordinal).copied().unwrap_or(spec.size).max(spec.size);
            spec.sizes.insert(ordinal, size + 1);
        }
        _ => {
            spec.image = format!("nginx:1.{}", dice.below(9));
            spec.replicas = 1 + dice.small(4);
        }
    }
    // A claim that had a size of its own keeps at least what all have.
    for size in spec.sizes.values_mut() {
        *size = (*size).max(spec.size);
    }
}

fn set_or_remove(map: &mut BTreeMap<String, String>, dice: &mut Dice) {
    let key = dice.letter();
    if map.remove(&key).is_none() {
        map.insert(key, dice.letter());
    }
}

/// What the last version decides: claims beyond its replicas are kept from earlier ones, templates of claims cannot
/// change, and revisions tell of the way.
pub(crate) fn decided(state: &State, spec: &Spec) -> BTreeMap<String, Value> {
    let mut objects = state.normalised();
    objects.retain(|name, _| {
        let beyond = |ordinal: &str| ordinal.parse().is_ok_and(|it: u32| it >= spec.replicas);
        let left = name.strip_prefix("persistentvolumeclaims/data-db-").is_some_and(beyond);
        !left && !name.starts_with("controllerrevisions/") && !name.starts_with("leases/")
    });
    for (name, object) in &mut objects {
        if let Some(spec) = object["spec"].as_object_mut() {
            spec.remove("volumeClaimTemplates");
        }
        if name.starts_with("persistentvolumeclaims/") {
            // How far it has grown depends on when one looks.
            object["status"] = object["status"]["phase"].clone();
        }
    }
    objects
}

fn walk(seed: u64) -> Vec<String> {
    let mut dice = Dice(seed);
    let case = Case::new("walk");
    case.let_volumes_grow();
    let mut spec = Spec::first().with(|it| it.replicas = 2);
    case.apply(&spec);
    let (mut wrong, before) = (Vec::new(), case.state());
    for number in 0..STEPS {
        step(&mut spec, &mut dice);
        case.write(&spec);
        // Whether pods are ready in between is another question. A claim can change once it has its volume.
        let ran = await_some("every claim has its volume", || {
            let ran = case.run(&["apply", "-f", "db.yaml", "--wait=false"]);
            let pending = ran.code() == Some(4) && ran.stderr.contains("this claim is Pending");
            (!pending).then_some(ran)
        });
        if !ran.status.success() {
            wrong.push(format!("step {number} ends with {}: {}", ran.status, ran.stderr));
        }
    }
    // Under OnDelete pods stay as they are.
    spec.strategy = "RollingUpdate";
    case.apply(&spec);
    let scratch = Case::new("scratch");
    scratch.apply(&spec);
    let after = case.state();
    wrong.extend(lost_claims(&before, &after));
    wrong.extend(differences(&decided(&scratch.state(), &spec), &decided(&after, &spec)));
    scratch.finish();
    case.finish();
    wrong
}

#[test]
fn a_pipeline_is_what_its_last_version_makes_whatever_came_before() {
    let (first, walks) = (wish("WELLHEAD_FAULTS_SEED", 0), wish("WELLHEAD_FAULTS_WALKS", 4));
    let seeds: Vec<_> = (first..first + walks).collect();
    let failed = Mutex::new(Vec::new());
    at_once(&seeds, |seed| {
        let wrong = walk(*seed as u64);
        if !wrong.is_empty() {
            println!("walk {seed}: {}", wrong.join("\n    "));
            failed.lock().expect("no walk panics here").push(*seed);
        }
    });
    let failed = failed.into_inner().expect("no walk panics here");
    println!("walks: {walks} of {STEPS} changes, {} end elsewhere", failed.len());
    assert!(failed.is_empty(), "seeds: {failed:?}");
}
