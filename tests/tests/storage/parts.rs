//! CSI parts that are away.

use wellhead_harness::{ControlPlane, Options, Part, PartState, VolumeFault, controlplane_binary};

use super::support::{Bed, await_some};

/// A control plane that a test may break.
fn own() -> ControlPlane {
    let binary = controlplane_binary().expect("it is built");
    ControlPlane::start(&binary, &Options::temporary().with_csi()).expect("it starts")
}

async fn serving(control_plane: &ControlPlane) {
    await_some("every part serves", async || {
        let status = control_plane.status().expect("the supervisor answers");
        status.parts.values().all(|part| part.serving).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn claims_wait_for_parts_that_are_away_and_are_carried_out_when_they_are_back() {
    let control_plane = own();
    let bed = Bed::on(&control_plane, "away").await;
    let status = control_plane.status().expect("the supervisor answers");
    assert_eq!(status.parts.len(), Part::ALL.len() + Part::CSI.len());
    bed.filled("data", "csi").await;

    // The driver is away: its sidecars end when they notice, and are started again.
    control_plane.kill(Part::CsiDriver).expect("it runs");
    bed.claim("first", "csi", "1Gi").await;
    bed.request("data", "2Gi").await;
    bed.snapshot("snap", "data").await;
    control_plane.start_part(Part::CsiDriver).expect("it starts");
    serving(&control_plane).await;
    bed.bound("first").await;
    bed.snapshot_ready("snap").await;
    await_some("the claim has grown", async || {
        let growth = super::support::growth_of(&bed.get("data").await);
        (growth.capacity == "2Gi").then_some(())
    })
    .await;

    // The driver ends in the middle of a call, after its work.
    let fault = VolumeFault::of("CreateVolume").matching("second").times(1);
    let fault = bed.inject(&fault.after_the_work().crashing());
    bed.claim("second", "csi", "1Gi").await;
    bed.bound("second").await;
    assert!(!fault.is_left());
    serving(&control_plane).await;

    for part in Part::CSI {
        control_plane.stop(part).expect("it runs");
        let status = control_plane.status().expect("the supervisor answers");
        assert_eq!(status.parts[&part].state, PartState::Stopped);
        control_plane.cont(part).expect("it is stopped");
    }
    for part in [Part::Provisioner, Part::Resizer, Part::Snapshotter, Part::SnapshotController] {
        control_plane.kill(part).expect("it runs");
        control_plane.start_part(part).expect("it starts");
    }
    serving(&control_plane).await;
    bed.claim("third", "csi", "1Gi").await;
    bed.bound("third").await;

    let dir = control_plane.dir().to_owned();
    drop(control_plane);
    assert!(!dir.exists(), "the bytes of volumes are gone, too");
}
