//! Going back.

use serde_json::Value;
use wellhead_harness::{Exchange, Verb};
use wellhead_tests::guest::Guest;

use super::pods::customize;
use super::{ready, settled};
use crate::bed::{Case, await_some, writes};
use crate::operation::Operation::Unstick;
use crate::operation::placed_writes;
use crate::oracle::{assert_right, lost_claims};
use crate::spec::Spec;
use crate::state::differences;
use crate::walks::decided;
use wellhead_tests::dice::Dice;

#[test]
fn cell_37_going_back_from_a_bad_image_replaces_exactly_the_stuck_pod() {
    let (case, before) = ready("cell-37", Unstick);
    case.run(Unstick.arguments()).ends_with(0);
    let record = case.proxy.record();
    let deleted = record.iter().filter(|it| it.request.verb == Verb::Delete);
    let deleted: Vec<_> = deleted.map(|it| it.request.object()).collect();
    assert_eq!(deleted, ["pods/db-2"]);
    let (pods, now) = (before.uids("pods"), case.state().uids("pods"));
    let kept = ["db-0", "db-1", "db-2"].map(|name| pods.get(name) == now.get(name));
    assert_eq!(kept, [true, true, false]);
    settled(case, Unstick, &before);
}

#[test]
fn cell_38_killed_between_template_and_pod_the_same_command_does_it() {
    let at = Unstick.reference().write(|it| it.writes("pods"));
    for place in [format!("{at}:before"), format!("{at}:sent")] {
        let (case, before) = ready("cell-38", Unstick);
        assert!(case.run_until(&place, Unstick.arguments()).crashed());
        settled(case, Unstick, &before);
    }
}

#[test]
fn cell_38_killed_without_a_number_the_same_command_goes_the_same_way() {
    let command = ["rollback", "db"];
    let (case, _) = ready("cell-38", Unstick);
    case.run_until("0:before", &command).ends_with(0);
    let exchanges = case.proxy.take_record();
    let all = placed_writes(&exchanges).map(|(place, it)| (place, it.request.object()));
    let all: Vec<_> = all.collect();
    case.finish();
    let [places @ .., (_, last)] = &all[..] else { panic!("nothing was written") };
    assert_eq!(last, "leases/wellhead.db", "with this write it is done");
    assert!(places.iter().any(|(_, object)| object == "pods/db-2"), "{places:?}");
    for (place, _) in places {
        let (case, before) = ready("cell-38", Unstick);
        assert!(case.run_until(&format!("{place}:after"), &command).crashed());
        let replaced = |it: &Exchange| it.request.writes("pods") && it.code == Some(200);
        if case.proxy.record().iter().any(replaced) {
            // The pods become ready with nobody looking on: done, for all but the one who asked for it.
            await_some("the rollout is complete", || {
                let set = &case.state().objects["statefulsets/db"]["status"];
                (set["currentRevision"] == set["updateRevision"] && set["readyReplicas"] == 3)
                    .then_some(())
            });
        }
        case.run(&command).ends_with(0);
        let wrong = differences(&Unstick.reference().end, &case.state().normalised());
        assert!(wrong.is_empty(), "killed after {place}: {wrong:#?}");
        assert_right(&lost_claims(&before, &case.state()));
        case.finish();
    }
}

#[test]
fn cell_39_going_back_to_smaller_claims_is_refused_and_not_half_done() {
    let case = Case::new("cell-39");
    case.let_volumes_grow();
    case.apply(&Spec::first());
    case.apply(&Spec::second().with(|it| it.size = 2));
    let before = case.state();
    case.proxy.take_record();
    case.run(&["rollback", "db", "1"]).ends_with(4).says(&["WH0416", "--keep-storage"]);
    assert_eq!(writes(&case.proxy.take_record()), [""; 0]);
    assert_eq!(case.state().trace(), before.trace());
    let keep = ["rollback", "db", "1", "--keep-storage"];
    case.run(&keep).ends_with(0);
    let after = case.state();
    assert_right(&lost_claims(&before, &after));
    for (name, claim) in after.of("persistentvolumeclaims") {
        assert_eq!(claim["spec"]["resources"]["requests"]["storage"], "2Gi", "{name}");
    }
    case.proxy.take_record();
    case.run(&keep).ends_with(0);
    assert_eq!(writes(&case.proxy.take_record()), [""; 0]);
    case.finish();
}

#[test]
fn cell_40_going_back_needs_neither_plugin_nor_file() {
    let case = Case::new("cell-40");
    case.write(&Spec::first());
    let apply = ["apply", "-f", "db.yaml", "-c", "custom.yaml"];
    customize(&case, &Guest::sets_label("team", "data").build());
    case.run(&apply).ends_with(0);
    let first = case.state().normalised();
    customize(&case, &Guest::sets_label("team", "ml").build());
    case.run(&apply).ends_with(0);
    for file in ["guest.wasm", "custom.yaml", "db.yaml"] {
        std::fs::remove_file(case.folder.path().join(file)).expect("it is there");
    }
    case.run(&["rollback", "db", "1"]).ends_with(0);
    let objects = |mut state: std::collections::BTreeMap<String, Value>| {
        state.retain(|name, _| {
            !name.starts_with("controllerrevisions/") && !name.starts_with("leases/")
        });
        state
    };
    assert_eq!(differences(&objects(first), &objects(case.state().normalised())), [""; 0]);
    case.finish();
}

#[test]
fn cell_41_twenty_times_back_and_forth_is_as_a_direct_apply() {
    let case = Case::new("cell-41");
    let mut dice = Dice(41);
    let spec = |number: usize| {
        Spec::first().with(|it| {
            it.image = format!("nginx:1.{number}");
            it.replicas = 2 + u32::try_from(number % 2).expect("it is small");
            it.labels.insert("version".to_owned(), number.to_string());
            it.port = 80 + u16::try_from(number).expect("it is small");
        })
    };
    // What each revision holds.
    let mut revisions = Vec::new();
    for number in 0..4 {
        case.apply(&spec(number));
        revisions.push(number);
    }
    let before = case.state();
    for _ in 0..20 {
        // The oldest ones are not kept.
        let kept = revisions.len().min(8);
        let chosen =
            revisions.len() - kept + usize::try_from(dice.below(kept as u64)).expect("it fits");
        let content = revisions[chosen];
        let target = (chosen + 1).to_string();
        case.run(&["rollback", "db", &target, "--wait=false"]).ends_with(0);
        if revisions.last() != Some(&content) {
            revisions.push(content);
        }
    }
    let last = *revisions.last().expect("there are some");
    case.run(&["rollback", "db", &revisions.len().to_string()]).ends_with(0);
    let scratch = Case::new("cell-41");
    scratch.apply(&spec(last));
    let (after, wanted) = (case.state(), scratch.state());
    let decided = |state| decided(state, &spec(last));
    assert_eq!(differences(&decided(&wanted), &decided(&after)), [""; 0]);
    assert_right(&lost_claims(&before, &after));
    scratch.finish();
    case.finish();
}
