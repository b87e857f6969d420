//! Many pipelines in one apply: each has its own fate, and what they cost grows with their number alone.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};

use k8s_openapi::api::coordination::v1::Lease;
use kube::Api;
use kube::api::{Patch, PatchParams};
use serde_json::{Value, json};
use wellhead_cluster::{
    Action, ApplyOptions, ApplyReport, Cluster, ClusterError, ConnectOptions, Event, Fate,
    PlanOptions, Progress, Silent, Wait,
};
use wellhead_diagnostics::Code;
use wellhead_harness::{Fault, Proxy, Request, SharedControlPlane};
use wellhead_render::ResourceSet;

use crate::faults::block_on;
use crate::support::{Env, Workload};

const OTHER: &str = "ci@runner-7_1-00";

fn quick() -> ApplyOptions {
    ApplyOptions { wait: Wait::No, ..ApplyOptions::default() }
}

/// A namespace, and a connection whose requests a proxy sees.
pub(crate) struct Bed {
    pub(crate) env: Env,
    pub(crate) proxy: Proxy,
    pub(crate) cluster: Cluster,
}

impl Bed {
    pub(crate) async fn new(test: &str) -> Self {
        let env = Env::new(test).await;
        let proxy = Proxy::start(SharedControlPlane::get()).expect("a proxy");
        let kubeconfig = Some(proxy.kubeconfig().to_owned());
        let options = ConnectOptions { kubeconfig, ..ConnectOptions::default() };
        let cluster = Cluster::connect(&options).await.expect("the kubeconfig is good");
        Self { env, proxy, cluster }
    }

    /// Pipelines without pods.
    pub(crate) fn sets(&self, number: usize) -> Vec<ResourceSet> {
        let workload = |at| Workload::new(&format!("p{at}"), 0).render(&self.env.namespace);
        (0..number).map(workload).collect()
    }

    pub(crate) async fn apply(&self, sets: &[ResourceSet]) -> Result<ApplyReport, ClusterError> {
        self.cluster.apply(sets, &quick(), &Silent).await
    }
}

fn fates(report: &ApplyReport) -> BTreeMap<&str, Fate> {
    report.pipelines.iter().map(|it| (it.pipeline.name.as_str(), it.fate)).collect()
}

fn is_lease(request: &Request, pipeline: &str) -> bool {
    request.resource == "leases" && request.name == format!("wellhead.{pipeline}")
}

fn report_of(error: &ClusterError) -> &ApplyReport {
    match error {
        ClusterError::Interrupted { report, .. } => report,
        other => panic!("not interrupted: {other:?}"),
    }
}

/// Somebody else writes a Lease.
async fn take(leases: &Api<Lease>, pipeline: &str, holder: Option<&str>, renewed: u32) {
    let fields = json!({"spec": {
        "holderIdentity": holder, "leaseDurationSeconds": 15,
        "acquireTime": "2026-01-01T00:00:00.000000Z",
        "renewTime": format!("2026-01-01T00:00:00.{renewed:06}Z")}});
    let params =
        PatchParams { field_manager: Some("wellhead".to_owned()), ..PatchParams::default() };
    let (name, patch) = (format!("wellhead.{pipeline}"), Patch::Merge(fields));
    leases.patch(&name, &params, &patch).await.expect("somebody may write it");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pipeline_that_fails_leaves_the_others_alone() {
    /// Renews the Lease of the other run each time that somebody says to wait for it.
    struct Renewing(Api<Lease>, AtomicU32);
    impl Progress for Renewing {
        fn event(&self, event: Event) {
            if let Event::Held { pipeline, .. } = event {
                let renewed = self.1.fetch_add(1, Ordering::Relaxed);
                block_on(take(&self.0, &pipeline.name, Some(OTHER), renewed));
            }
        }
    }
    let bed = Bed::new("fates").await;
    // One exists, and another run that is alive holds it.
    bed.apply(&bed.sets(1)).await.expect("it is written");
    let mut sets = bed.sets(8);
    sets[0] = Workload::new("p0", 0)
        .with(|it| it.image = "nginx:1.27".to_owned())
        .render(&bed.env.namespace);
    take(&bed.env.leases(), "p0", Some(OTHER), 0).await;
    // A policy that comes after the check refuses another one.
    bed.proxy.script(|it| {
        let refused = it.writes("statefulsets") && it.name == "p3";
        if refused { Fault::error(403) } else { Fault::None }
    });
    let other = Renewing(bed.env.leases(), AtomicU32::new(1));
    let error = bed.cluster.apply(&sets, &quick(), &other).await.expect_err("two fail");
    let report = report_of(&error);
    let codes: Vec<_> = error.problems().iter().map(|it| it.code).collect();
    assert_eq!(codes, [Code::PipelineLocked, Code::AdmissionDenied], "{error:?}");
    for (name, fate) in fates(report) {
        let expected = if ["p0", "p3"].contains(&name) { Fate::Failed } else { Fate::Applied };
        assert_eq!(fate, expected, "{name}");
    }
    assert_eq!(report.pipelines[3].problems.len(), 1, "each says why");
    // The same call goes on from there.
    bed.proxy.clear();
    take(&bed.env.leases(), "p0", None, 9).await;
    let report = bed.apply(&sets).await.expect("nothing is in the way any more");
    assert_eq!(report.fates(Fate::Applied), 2);
    assert_eq!(report.fates(Fate::Unchanged), 6);
    bed.env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pipeline_that_loses_its_lease_is_looked_at_again_alone() {
    let bed = Bed::new("lost").await;
    let sets = bed.sets(4);
    let (seen, is_seen) = mpsc::channel();
    let (leases, runtime) = (bed.env.leases(), tokio::runtime::Handle::current());
    let mut interruption = Some(is_seen);
    let looks = Arc::new(AtomicUsize::new(0));
    let (counted, mut taken) = (Arc::clone(&looks), false);
    bed.proxy.script(move |it| {
        if it.dry_run && it.object() == "statefulsets/p1" {
            counted.fetch_add(1, Ordering::Relaxed);
        }
        let is_first = it.writes("statefulsets") && it.name == "p1";
        if let Some(is_seen) = interruption.take_if(|_| is_first) {
            taken = true;
            let (leases, runtime) = (leases.clone(), runtime.clone());
            // Another run takes the Lease over, is noticed at the next renewal, and goes away.
            return Fault::Before(Box::new(move || {
                runtime.block_on(take(&leases, "p1", Some(OTHER), 0));
                is_seen.recv().expect("the renewal looks at the Lease");
                runtime.block_on(take(&leases, "p1", None, 1));
            }));
        }
        if taken && is_lease(it, "p1") && !it.is_write() {
            taken = false;
            let seen = seen.clone();
            return Fault::After(Box::new(move || seen.send(()).expect("it is waited for")));
        }
        Fault::None
    });
    let report = bed.apply(&sets).await.expect("all of them are written");
    assert_eq!(report.fates(Fate::Applied), 4, "{report:?}");
    assert_eq!(report.count(Action::Created), 8, "also what was written before the Lease was lost");
    assert!(report.pipelines.iter().all(|it| it.revision == Some(1)), "{report:?}");
    let record = bed.proxy.take_record();
    let dry_runs = |name: &str| {
        let of_it = |it: &&wellhead_harness::Exchange| {
            it.request.dry_run && it.request.object() == format!("statefulsets/{name}")
        };
        record.iter().filter(of_it).count()
    };
    assert!(dry_runs("p1") >= 1);
    assert_eq!([dry_runs("p0"), dry_runs("p2"), dry_runs("p3")], [1; 3]);
    let again = bed.apply(&sets).await.expect("nothing is left to do");
    assert_eq!(again.fates(Fate::Unchanged), 4);
    bed.env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn credentials_that_end_are_told_once_and_no_further_pipeline_begins() {
    let bed = Bed::new("ended").await;
    let sets = bed.sets(60);
    let mut ended = false;
    bed.proxy.script(move |it| {
        ended |= it.writes("statefulsets");
        if ended { Fault::error(401) } else { Fault::None }
    });
    let error = bed.apply(&sets).await.expect_err("nobody is known any more");
    let codes: Vec<_> = error.problems().iter().map(|it| it.code).collect();
    assert_eq!(codes, [Code::Unauthorized], "{error:?}");
    let report = report_of(&error);
    assert!(report.fates(Fate::NotBegun) >= 20, "{:?}", fates(report));
    assert!(report.fates(Fate::Failed) >= 1);
    bed.proxy.clear();
    let report = bed.apply(&sets).await.expect("the same call goes on");
    assert_eq!(report.pipelines.len(), 60);
    assert_eq!(bed.apply(&sets).await.expect("all is done").fates(Fate::Unchanged), 60);
    bed.env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_grow_with_the_number_of_pipelines_and_no_faster() {
    // For each: two dry runs, the Lease twice, the revision, and two writes.
    const EACH: u64 = 7;
    // For all: Leases and objects by label and then the names of the rest, what a preflight reads, the records. That is 40;
    // the rest is for pipelines that are looked at again, as the machine may be too busy to renew a Lease in time.
    const ALL: u64 = 130;
    let bed = Bed::new("linear").await;
    // More than are looked at together.
    for number in [40, 300] {
        let sets = bed.sets(number);
        let report = bed.apply(&sets).await.expect("they are written");
        let new = report.fates(Fate::Applied);
        let most = EACH * u64::try_from(new).expect("it is small") + ALL;
        let mut kinds = BTreeMap::<_, usize>::new();
        for it in bed.proxy.take_record() {
            let Request { verb, resource, dry_run, .. } = it.request;
            *kinds.entry(format!("{verb:?} {resource} dry run: {dry_run}")).or_default() += 1;
        }
        assert!(report.requests <= most, "{} requests for {new}: {kinds:#?}", report.requests);
        assert_eq!(report.count(Action::Created), 2 * new);
        let again = bed.apply(&sets).await.expect("nothing is left to do");
        assert_eq!(again.requests, 3, "Leases, Services, StatefulSets");
    }
    bed.env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_refuses_every_second_request_gets_no_more_than_thrice_as_many() {
    const PIPELINES: usize = 150;
    let bed = Bed::new("busy").await;
    let quiet = bed.apply(&bed.sets(PIPELINES)).await.expect("they are written").requests;
    // An overloaded server turns away whatever comes, with the two answers that say so.
    let mut number = 0_u64;
    bed.proxy.script(move |_| {
        number += 1;
        // Every second one on average, in no order that a retry could fit into.
        match number.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 62 {
            0 => Fault::Answer { code: 429, retry_after: Some(0) },
            1 => Fault::error(504),
            _ => Fault::None,
        }
    });
    let sets: Vec<_> = (0..PIPELINES)
        .map(|at| Workload::new(&format!("busy{at}"), 0).render(&bed.env.namespace))
        .collect();
    let report = bed.apply(&sets).await.expect("a slow server makes it slow");
    assert_eq!(report.fates(Fate::Applied), PIPELINES);
    assert!(report.requests <= 3 * quiet, "{} against {quiet}", report.requests);
    println!("{} requests against {quiet} of a quiet run", report.requests);
    bed.proxy.clear();
    assert_eq!(bed.apply(&sets).await.expect("all is done").fates(Fate::Unchanged), PIPELINES);
    bed.env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_of_thousands_is_planned_and_applied_again() {
    let env = Env::new("long-list").await;
    let with = |last: &str| {
        let env: Vec<Value> = (0..4_000)
            .map(|at| json!({"name": format!("VAR_{at}"), "value": at.to_string()}))
            .chain([json!({"name": "LAST", "value": last})])
            .collect();
        let container = json!({"name": "nginx", "image": "nginx:1.27", "env": env});
        let spec = json!({"template": {"spec": {"containers": [container]}}});
        Workload::new("db", 0).with(|it| it.spec = spec)
    };
    env.send(&with("a")).await.expect("it is written");
    let again = env.send(&with("a")).await.expect("it is as wanted");
    assert_eq!(again.fates(Fate::Unchanged), 1);
    let sets = [with("b").render(&env.namespace)];
    let options = PlanOptions::default();
    let plan = env.cluster.plan(&sets, &options, &Silent).await.expect("it can be planned");
    let objects = plan.pipelines[0].objects.iter();
    let changes: Vec<_> = objects.flat_map(|it| it.changes().into_owned()).collect();
    assert_eq!(changes.len(), 1, "{changes:?}");
    assert!(changes[0].path.to_string().ends_with("env.LAST.value"), "{}", changes[0].path);
    env.finish().await;
}
