//! What an expansion looks like while it goes on, and when it cannot.

use wellhead_harness::VolumeFault;

use super::support::{Bed, Growth, await_some, growth_of};

const GI: u64 = 1 << 30;

/// Returns once the status of the claim's growth is as wanted.
async fn grown(bed: &Bed, claim: &str, what: &str, wanted: impl Fn(&Growth) -> bool) -> Growth {
    await_some(what, async || Some(growth_of(&bed.get(claim).await)).filter(&wanted)).await
}

async fn done(bed: &Bed, claim: &str, size: &str) {
    let what = format!("{claim} has {size}");
    let growth = grown(bed, claim, &what, |growth| growth.capacity == size).await;
    assert!(growth.state.is_none() && growth.conditions.is_empty(), "{:?}", growth.conditions);
}

#[tokio::test]
async fn a_growth_keeps_the_bytes_and_tells_volume_and_claim() {
    let bed = Bed::new("grow").await;
    let before = bed.filled("data", "csi").await;
    let handle = bed.handle("data").await;

    bed.request("data", "2Gi").await;

    done(&bed, "data", "2Gi").await;
    let volume = bed.bound("data").await;
    let capacity = volume.spec.expect("a spec").capacity.expect("a capacity");
    assert_eq!(capacity["storage"].0, "2Gi");
    assert_eq!(bed.hash("data").await, before);
    let calls = bed.calls("ControllerExpandVolume", &handle);
    assert_eq!(calls.len(), 1, "{calls:?}");
    assert_eq!(calls[0].request["capacity_range"]["required_bytes"], (2 * GI).to_string());
}

#[tokio::test]
async fn a_growth_that_the_driver_refuses_is_infeasible_and_a_smaller_one_is_taken() {
    let bed = Bed::new("infeasible").await;
    bed.claim("data", "csi-small", "1Gi").await;
    bed.bound("data").await;

    bed.request("data", "3Gi").await;

    let refused = grown(&bed, "data", "the growth is infeasible", |growth| {
        growth.state.as_deref() == Some("ControllerResizeInfeasible")
            && growth.conditions.iter().any(|one| one == "ControllerResizeError")
    });
    assert_eq!(refused.await.capacity, "1Gi");
    bed.warned("data", "is larger than the class allows").await;
    bed.request("data", "1536Mi").await;
    done(&bed, "data", "1536Mi").await;
}

#[tokio::test]
async fn a_growth_without_space_goes_on_with_its_first_size() {
    let bed = Bed::new("exhausted").await;
    bed.claim("data", "csi", "1Gi").await;
    let handle = bed.handle("data").await;
    let fault = VolumeFault::of("ControllerExpandVolume").matching(&handle);
    let fault = bed.inject(&fault.ending("ResourceExhausted", "the pool is full"));

    bed.request("data", "3Gi").await;

    bed.warned("data", "the pool is full").await;
    let stuck = growth_of(&bed.get("data").await);
    assert_eq!(stuck.state.as_deref(), Some("ControllerResizeInProgress"));
    assert_eq!(stuck.conditions, ["Resizing"], "only the warning says why");
    bed.request("data", "2Gi").await;
    let tried = bed.calls("ControllerExpandVolume", &handle).len();
    await_some("it is tried again", async || {
        (bed.calls("ControllerExpandVolume", &handle).len() > tried + 1).then_some(())
    })
    .await;
    fault.take_back().expect("it is there");
    done(&bed, "data", "3Gi").await;
}

#[tokio::test]
async fn a_growth_whose_answer_is_lost_is_carried_out_once() {
    let bed = Bed::new("lost-answer").await;
    bed.claim("data", "csi", "1Gi").await;
    let handle = bed.handle("data").await;
    let fault = VolumeFault::of("ControllerExpandVolume").matching(&handle);
    let fault = bed.inject(&fault.ending("Internal", "reset").times(2).after_the_work());

    bed.request("data", "2Gi").await;

    done(&bed, "data", "2Gi").await;
    assert!(!fault.is_left());
    let calls = bed.calls("ControllerExpandVolume", &handle);
    assert!(calls.len() == 3 && calls.iter().all(|call| call.done), "{calls:?}");
    let codes: Vec<_> = calls.iter().map(|call| call.code.as_str()).collect();
    assert_eq!(codes, ["Internal", "Internal", "OK"]);
}

#[tokio::test]
async fn a_growth_that_a_node_has_to_finish_waits_for_it() {
    let bed = Bed::new("node").await;
    bed.claim("data", "csi-node", "1Gi").await;
    bed.bound("data").await;

    bed.request("data", "2Gi").await;

    let pending = grown(&bed, "data", "the node has to expand the file system", |growth| {
        growth.state.as_deref() == Some("NodeResizePending")
    });
    let pending = pending.await;
    assert_eq!(pending.capacity, "1Gi");
    let waits = |one: &String| one == "FileSystemResizePending";
    assert!(pending.conditions.iter().any(waits), "{:?}", pending.conditions);
}
