use serde_json::{Value, json};

use super::acquired::lasting;
use super::state::LeaseState;
use super::*;

fn lease(holder: Option<&str>) -> Value {
    json!({
        "metadata": {
            "annotations": {REVISION: "7"},
            "managedFields": [
                {"manager": "wellhead", "time": "2026-01-01T00:00:00Z"},
                {"manager": "kubectl", "time": "2026-01-01T01:00:00Z"}]},
        "spec": {"holderIdentity": holder, "acquireTime": "2026-01-01T00:00:00.000001Z",
                 "renewTime": "2026-01-01T00:00:00.000002Z",
                 "leaseDurationSeconds": 15}})
}

fn lease_state(holder: Option<&str>, now: &str) -> LeaseState {
    LeaseState::new(Some(&lease(holder)), now.parse().unwrap())
}

#[test]
fn the_age_of_a_renewal_is_by_the_servers_clock_and_our_own_entry() {
    let held = |now| lease_state(Some("a@b"), now).holder().unwrap();
    assert!(
        !held("2026-01-01T00:00:15Z").is_gone(),
        "written at 0.9 s and looked at at 15.0 s, it is good until 15.9 s"
    );
    assert!(held("2026-01-01T00:00:16Z").is_gone());
    assert!(!held("2025-12-31T23:00:00Z").is_gone(), "a clock that was set back proves nothing");
}

#[test]
fn a_lease_is_good_for_six_replies_of_a_slow_server_and_two_minutes_at_most() {
    let lasting = |reply| lasting(Duration::from_millis(reply)).as_secs();
    assert_eq!([0, 2_500, 2_501, 10_000, 60_000].map(lasting), [15, 15, 16, 60, 120]);
}

#[test]
fn a_dead_holder_is_taken_over_when_its_own_lease_ends() {
    let after = |seconds: i64, lasts: i64| {
        let mut live = lease(Some("a@b"));
        live["spec"]["leaseDurationSeconds"] = lasts.into();
        let written: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
        let now = written + Duration::from_secs(seconds.try_into().unwrap());
        LeaseState::new(Some(&live), now).holder().unwrap().is_gone()
    };
    assert!(!after(60, 60) && after(61, 60));
    assert!(
        !after(120, i64::from(i32::MAX)) && after(121, i64::from(i32::MAX)),
        "no Lease keeps others out for ever"
    );
    assert!(!after(15, 0) && after(16, 0), "one that does not say is like any other");
}

#[test]
fn a_revision_is_settled_only_when_nobody_is_at_work() {
    let now = "2026-01-01T00:00:00Z";
    assert!(lease_state(None, now).is_settled());
    assert!(!lease_state(Some("a@b"), now).is_settled());
    assert!(!LeaseState::default().is_settled(), "no Lease, nothing applied");
    assert_eq!(lease_state(None, now).revision(), 7);
}

#[test]
fn a_rollback_is_awaited_only_while_it_is_what_was_applied_last() {
    let rolling_back = |number: &str| {
        let mut live = lease(None);
        live["metadata"]["annotations"][ROLLING_BACK] = number.into();
        LeaseState::new(Some(&live), "2026-01-01T00:00:00Z".parse().unwrap()).rolling_back()
    };
    assert_eq!(["7", "6", ""].map(rolling_back), [Some(7), None, None]);
    assert_eq!(lease_state(None, "2026-01-01T00:00:00Z").rolling_back(), None);
}

#[test]
fn a_micro_time_has_six_digits() {
    let now = micro(Timestamp::now());
    assert_eq!(now.len(), "2026-01-01T00:00:00.000000Z".len(), "{now}");
}

#[test]
fn a_field_of_another_type_hides_no_holder() {
    let mut live = lease(Some("a@b"));
    live["spec"]["renewTime"] = "soon".into();
    live["spec"]["leaseDurationSeconds"] = i64::MAX.into();
    let held = LeaseState::new(Some(&live), "2026-01-01T00:00:15Z".parse().unwrap()).holder();
    let held = held.unwrap();
    assert_eq!((held.identity.as_str(), held.is_gone()), ("a@b", false));
    assert_eq!(held.since, "2026-01-01T00:00:00.000001Z");
}
