//! Deleting many pipelines: each has its own fate, and what they cost grows with their number alone.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::Service;
use kube::api::PostParams;
use serde_json::json;
use wellhead_cluster::{Claims, ClusterError, DeleteOptions, DeleteReport, Deletion, Silent};
use wellhead_diagnostics::Code;
use wellhead_harness::Fault;

use crate::fleet::Bed;
use crate::plan_cli::Cli;
use crate::scenarios::Said;
use crate::support::{Env, Workload};

/// Deletions of the pipelines `p0`, `p1` and so on, whose claims stay.
fn deletions(env: &Env, number: usize) -> Vec<Deletion> {
    let deletion =
        |at| Deletion { pipeline: env.pipeline(&format!("p{at}")), claims: Claims::Keep };
    (0..number).map(deletion).collect()
}

async fn delete(bed: &Bed, deletions: &[Deletion]) -> Vec<Result<DeleteReport, ClusterError>> {
    bed.cluster.delete_all(deletions, &DeleteOptions::default(), &Silent).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deletion_that_fails_leaves_the_others_alone() {
    let bed = Bed::new("del-fates").await;
    bed.apply(&bed.sets(6)).await.expect("they are written");
    bed.proxy.script(|it| {
        let refused = it.writes("statefulsets") && it.name == "p2";
        if refused { Fault::error(403) } else { Fault::None }
    });
    let wanted = deletions(&bed.env, 6);
    let wanted = bed.cluster.check_deletions(&wanted).await.expect("nothing speaks against it");
    let results = delete(&bed, &wanted).await;
    for (at, result) in results.iter().enumerate() {
        match result {
            Ok(report) => assert_eq!(report.deleted.len(), 2, "p{at}"),
            Err(error) => {
                assert_eq!((at, error.problems()[0].code), (2, Code::AdmissionDenied), "{error:?}");
            }
        }
    }
    assert!(results[2].is_err());
    bed.proxy.clear();
    let left = bed.cluster.check_deletions(&wanted).await.expect("nothing speaks against it");
    assert_eq!(left, [wanted[2].clone()]);
    assert!(delete(&bed, &left).await[0].is_ok(), "the same call goes on");
    assert_eq!(bed.env.versions().await, [""; 0]);
    bed.env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn credentials_that_end_are_told_and_no_further_deletion_begins() {
    const NUMBER: usize = 150;
    let bed = Bed::new("del-ended").await;
    bed.apply(&bed.sets(NUMBER)).await.expect("they are written");
    let mut ended = false;
    bed.proxy.script(move |it| {
        ended |= it.writes("statefulsets");
        if ended { Fault::error(401) } else { Fault::None }
    });
    let wanted = deletions(&bed.env, NUMBER);
    let results = delete(&bed, &wanted).await;
    let not_begun = |it: &&Result<_, _>| matches!(it, Err(ClusterError::Stopped { .. }));
    assert!(results.iter().filter(not_begun).count() >= 20, "{results:?}");
    assert!(results.iter().all(Result::is_err));
    bed.proxy.clear();
    assert!(delete(&bed, &wanted).await.iter().all(Result::is_ok), "the same call goes on");
    assert_eq!(bed.env.versions().await, [""; 0]);
    bed.env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_grow_with_the_number_of_deletions_and_no_faster() {
    // For each: the record of a recreation, the Lease twice, the revision, two deletions, and looks until both are gone.
    const EACH: u64 = 16;
    // Leases, the three kinds, and revisions, in pages.
    const ALL: u64 = 30;
    let bed = Bed::new("del-linear").await;
    for number in [10, 150] {
        bed.apply(&bed.sets(number)).await.expect("they are written");
        bed.proxy.take_record();
        let results = delete(&bed, &deletions(&bed.env, number)).await;
        assert!(results.iter().all(Result::is_ok), "{results:?}");
        let mut kinds = BTreeMap::<_, u64>::new();
        for it in bed.proxy.take_record() {
            *kinds.entry(format!("{:?} {}", it.request.verb, it.request.resource)).or_default() +=
                1;
        }
        let sent: u64 = kinds.values().sum();
        let most = EACH * u64::try_from(number).expect("it is small") + ALL;
        assert!(sent <= most, "{sent} requests for {number}: {kinds:#?}");
    }
    assert_eq!(bed.env.versions().await, [""; 0]);
    bed.env.finish().await;
}

/// Two StatefulSets may name one Service, and claims of the same names.
#[tokio::test(flavor = "multi_thread")]
async fn what_another_stateful_set_uses_stays() {
    let env = Env::new("del-shared").await;
    env.apply(&Workload::new("db", 1)).await.expect("it becomes ready");
    let mut other = Workload::new("other", 0).render(&env.namespace).stateful_set;
    let spec = other.spec.as_mut().expect("it has one");
    spec.service_name = Some("db-peers".to_owned());
    env.stateful_sets().create(&PostParams::default(), &other).await.expect("somebody may make it");
    let status =
        env.cluster.status(&env.namespace, "db").await.expect("an answer").expect("it is there");
    assert_eq!(status.service.expect("it is shown").name, "db-peers");
    let report = env.cluster.delete(&env.namespace, "db", &DeleteOptions::default(), &Silent).await;
    let report = report.expect("it goes");
    let deleted: Vec<_> = report.deleted.iter().map(ToString::to_string).collect();
    assert_eq!(deleted, ["statefulset/db"]);
    assert!(env.services().get_opt("db-peers").await.expect("an answer").is_some());
    env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_of_one_deletes_nothing_of_any_and_one_that_hangs_is_told_beside_those_that_went()
{
    let cli = Cli::new("del-cli").await;
    let kept = Workload::new("kept", 1).with(|it| {
        it.spec = json!({"persistentVolumeClaimRetentionPolicy": {"whenDeleted": "Delete"}});
    });
    cli.env.apply(&kept).await.expect("it becomes ready");
    for name in ["one", "two"] {
        cli.env.send(&Workload::new(name, 0)).await.expect("it is written");
    }
    let namespace = cli.env.namespace.clone();
    let run = |names: &[&str], options: &[&str]| {
        let command = [&["delete"], names, &["-n", &namespace, "--yes"], options].concat();
        Said::of(&cli.bare(&command))
    };
    let before = cli.env.versions().await;
    run(&["one", "kept", "two"], &[]).ends(4, &["error[WH0207]"]);
    assert_eq!(cli.env.versions().await, before, "nothing is deleted");

    let hold = |finalizers| json!({"metadata": {"finalizers": finalizers}});
    cli.env.set_as::<Service>("somebody", "one-peers", hold(json!(["example.com/hold"]))).await;
    let said = run(&["one", "two", "gone"], &["--timeout", "3s"]);
    said.ends(3, &["error[WH0309]"]).prints(&[
        &format!("{namespace}/one: not gone yet: statefulset/one, service/one-peers"),
        &format!("{namespace}/two: deleted statefulset/two, service/two-peers"),
        &format!("{namespace}/gone: nothing to delete"),
    ]);
    cli.env.set_as::<Service>("somebody", "one-peers", hold(json!(null))).await;
    run(&["one", "two"], &[]).ends(0, &[]);
    cli.env.finish().await;
}
