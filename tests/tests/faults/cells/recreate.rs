//! A StatefulSet that is made anew while its pods run.

use wellhead_harness::{Fault, Part, Verb};

use super::server::breakable;
use super::{ready, settled};
use crate::bed::Case;
use crate::operation::Operation::Recreate;
use crate::oracle::{PODS_WERE_REPLACED, assert_right, settle};

fn is_delete(request: &wellhead_harness::Request) -> bool {
    request.verb == Verb::Delete && request.writes("statefulsets")
}

#[test]
fn cell_32_killed_between_delete_and_recreate_the_pods_run_on() {
    let at = Recreate.reference().number(|it| is_delete(&it.request));
    let places =
        [at, at + 1, at + 2].map(|at| ["before", "sent", "after"].map(|it| format!("{at}:{it}")));
    crate::enumeration::at_once(&places.concat(), |place| {
        let (case, before) = ready("cell-32", Recreate);
        assert!(case.run_until(place, Recreate.arguments()).crashed(), "{place}");
        case.run(Recreate.arguments()).ends_with(0);
        assert_eq!(case.state().uids("pods"), before.uids("pods"), "{place}");
        settled(case, Recreate, &before);
    });
}

#[test]
fn cell_33_nothing_is_applied_before_the_old_object_is_gone() {
    let control_plane = breakable();
    let case = Case::on(&control_plane, "cell-33");
    Recreate.prepare(&case);
    let before = case.state();
    control_plane.kill(Part::ControllerManager).expect("it dies");
    let limited = [Recreate.arguments(), &["--timeout", "5s"]].concat();
    let ran = case.run(&limited);
    assert!(matches!(ran.code(), Some(1 | 3)), "{ran:?}");
    // The object is there still, held by the finalizer of its orphaning, and was not written again.
    let record = case.proxy.record();
    let at = record.iter().position(|it| is_delete(&it.request)).expect("it was deleted");
    let after = &record[at + 1..];
    assert!(!after.iter().any(|it| it.request.writes("statefulsets")), "{after:?}");
    let held = case.state();
    let object = &held.objects["statefulsets/db"]["metadata"];
    assert_eq!(object["finalizers"], serde_json::json!(["orphan"]), "{object}");
    control_plane.start_part(Part::ControllerManager).expect("it starts");
    case.run(Recreate.arguments()).ends_with(0);
    assert_eq!(case.state().uids("pods"), before.uids("pods"));
    settled(case, Recreate, &before);
}

#[test]
fn cell_34_a_delete_without_its_body_loses_no_claim_and_is_told() {
    let (case, before) = ready("cell-34", Recreate);
    case.proxy.once(is_delete, Fault::StripBody);
    case.run(Recreate.arguments()).ends_with(0).says(&["db-0"]);
    let mut wrong = settle(&case, Recreate, &before);
    wrong.retain(|it| it != PODS_WERE_REPLACED);
    assert_right(&wrong);
    case.finish();
}
