//! One pipeline that is applied by a plan which was accepted before.

use wellhead_cluster::{ClusterError, Fate, Silent};
use wellhead_diagnostics::Code;

use crate::support::{Env, Workload, patient};

#[tokio::test(flavor = "multi_thread")]
async fn an_accepted_plan_is_written_if_no_run_wrote_since_and_not_at_all_otherwise() {
    let env = Env::new("accepted").await;
    let sets = [Workload::new("db", 1).render(&env.namespace)];
    let options = patient();
    let check = async || {
        let plans = env.cluster.check(&sets, &options, &Silent).await;
        plans.expect("nothing speaks against it").pop().expect("one for each pipeline")
    };
    let (accepted, outdated) = (check().await, check().await);
    assert!(accepted.needs_writing());
    assert!(env.versions().await.is_empty(), "a check writes nothing");

    let report = env.cluster.apply_accepted(&accepted, &options, &Silent).await;
    let report = report.expect("it becomes ready");
    assert_eq!(report.pipelines[0].fate, Fate::Applied);
    assert_eq!(report.pipelines[0].revision, Some(1));
    let written = env.versions().await;

    let refused = env.cluster.apply_accepted(&outdated, &options, &Silent).await;
    let Err(ClusterError::Refused(problems)) = refused else { panic!("{refused:?}") };
    assert_eq!(problems[0].code, Code::NotAsPlanned);
    assert_eq!(env.versions().await, written);

    let settled = check().await;
    assert!(!settled.needs_writing());
    let report = env.cluster.apply_accepted(&settled, &options, &Silent).await;
    let report = report.expect("it is ready");
    assert_eq!((report.pipelines[0].fate, report.requests), (Fate::Unchanged, 0));
    assert_eq!(env.versions().await, written);
    env.finish().await;
}
