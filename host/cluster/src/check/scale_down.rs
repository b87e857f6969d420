//! Scaling down that deletes data: refused without a person's own words.
//!
//! With `whenScaled: Delete`, Kubernetes deletes the claims of every pod that is scaled away. Who asks for fewer
//! replicas need not know that, and what asks for them need not be a person.
//! <https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#persistentvolumeclaim-retention>

use std::collections::BTreeSet;
use std::fmt::Write as _;

use wellhead_diagnostics::Code;
use wellhead_spec::FieldPath;

use crate::api::client::Client;
use crate::decide::desired;
use crate::decide::desired::Source;
use crate::decide::plan::{Decision, PipelinePlan, Step};
use crate::decide::pod_changes::Pods;
use crate::model::error::{ClusterError, Problem};
use crate::model::json;
use crate::model::json::typed::ordinal;
use crate::model::object::PipelineRef;
use crate::model::remedy::Remedy;
use crate::recreate::orphans;

/// Most claims that one finding names.
const NAMED: usize = 10;

/// The pipelines whose claims may go, by the names that a person gave: `NAME`, or `NAMESPACE/NAME` where pipelines of
/// several namespaces have the name. A name of none is refused, for it says that something else was meant.
pub(crate) fn consented(
    names: &[String],
    source: &dyn Source,
    default: &str,
) -> Result<Vec<PipelineRef>, ClusterError> {
    if names.is_empty() {
        return Ok(Vec::new());
    }
    let pipeline = |at| desired::named(&source.objects(at), default).pipeline;
    let all: Vec<_> = (0..source.len()).map(pipeline).collect();
    let (mut consented, mut problems) = (Vec::new(), Vec::new());
    for name in names {
        let meant = |it: &&PipelineRef| it.name == *name || it.to_string() == *name;
        match all.iter().filter(meant).collect::<Vec<_>>()[..] {
            [only] => consented.push(only.clone()),
            [] => problems.push(unknown(name, &all)),
            [first, ..] => {
                let what =
                    format!("`--delete-claims {name}` names pipelines of several namespaces");
                let hint = format!("say which: --delete-claims {first}");
                problems.push(Problem::new(Code::ScaleDownLosesData, what).hint(hint));
            }
        }
    }
    if problems.is_empty() { Ok(consented) } else { Err(ClusterError::Refused(problems)) }
}

fn unknown(name: &str, all: &[PipelineRef]) -> Problem {
    let some: Vec<_> = all.iter().take(NAMED).map(|it| it.name.as_str()).collect();
    Problem::new(
        Code::ScaleDownLosesData,
        format!("`--delete-claims {name}` does not repeat the name of a pipeline"),
    )
    .why(format!("pipelines of this run: {}; nothing was written", some.join(", ")))
    .hint("omit it, or repeat the name of the pipeline whose claims to delete")
}

/// Why pipelines are refused: claims would go without the consent of the user. They were asked about in a dry run.
pub(crate) async fn refused(
    client: &Client<'_>,
    plans: &[PipelinePlan],
    consented: &[PipelineRef],
) -> Vec<Problem> {
    let mut problems = Vec::new();
    for plan in plans.iter().filter(|it| !consented.contains(&it.pipeline)) {
        match abandoned(client, plan).await {
            Ok(ordinals) => problems.extend(problem(plan, ordinals)),
            Err(problem) => problems.push(problem),
        }
    }
    problems
}

/// Ordinals of pods that run without a StatefulSet: the new one adopts them, and scales away those beyond its replicas.
async fn abandoned(client: &Client<'_>, plan: &PipelinePlan) -> Result<Vec<i64>, Problem> {
    let step = &plan.stateful_set;
    let deletes = Pods::of(&step.body).deletes_claims(SCALED);
    if step.live.is_some() || step.decision != Decision::Create || !deletes {
        return Ok(Vec::new());
    }
    let left = orphans::leftovers(client, &step.object).await;
    let left = left.map_err(|failure| failure.problem("look for pods of", &step.object))?;
    Ok(left.pods.iter().filter_map(ordinal).collect())
}

const SCALED: &str = "whenScaled";

fn problem(plan: &PipelinePlan, abandoned: Vec<i64>) -> Option<Problem> {
    let step = &plan.stateful_set;
    let claims = lost(step, abandoned);
    let by_others = claims.is_empty() && hands_over(step);
    let after = Pods::of(step.stored());
    let claims = if by_others { after.claims(after.ordinals.clone()) } else { claims };
    if claims.is_empty() {
        return None;
    }
    let (object, count) = (&step.object, claims.len());
    let what = if by_others {
        format!("scaling {object} down would delete claims and their data")
    } else {
        format!("scaling {object} down would delete {count} claims and their data")
    };
    let mut named = claims[..count.min(NAMED)].join(", ");
    if count > NAMED {
        let _ = write!(named, " and {} more", count - NAMED);
    }
    let why = format!("its retention policy says whenScaled: Delete; claims: {named}");
    Some(
        Problem::new(Code::ScaleDownLosesData, what)
            .on(object)
            .field("spec.replicas")
            .why(why)
            .remedy(Remedy::DeleteClaims { pipeline: plan.pipeline.name.clone() }),
    )
}

/// The claims of pods that are there and would be scaled away.
fn lost(step: &Step, abandoned: Vec<i64>) -> Vec<String> {
    let after = Pods::of(step.stored());
    if step.decision == Decision::Leave || !after.deletes_claims(SCALED) {
        return Vec::new();
    }
    let before = step.live.as_ref().map(Pods::of);
    // Pods of an earlier scale-down may still be there, and the policy of now decides about their claims.
    let there = step.live.iter().flat_map(|live| {
        let created = Pods::of(live).first(json::number(live, "/status/replicas"));
        before.iter().flat_map(|it| it.ordinals.clone()).chain(created).collect::<Vec<_>>()
    });
    let gone: BTreeSet<_> =
        there.chain(abandoned).filter(|it| !after.ordinals.contains(it)).collect();
    let of = |pods: &Pods<'_>| pods.claims(gone.iter().copied());
    let claims: BTreeSet<_> = of(&after).into_iter().chain(before.iter().flat_map(of)).collect();
    claims.into_iter().collect()
}

/// Whether the policy becomes `Delete` while another manager sets the number of replicas: no later apply is asked.
fn hands_over(step: &Step) -> bool {
    let Some(live) = &step.live else { return false };
    let after = step.stored();
    let begins = Pods::of(after).deletes_claims(SCALED) && !Pods::of(live).deletes_claims(SCALED);
    let replicas = FieldPath::of(["spec", "replicas"]);
    begins && step.shared.iter().any(|it| it.path == replicas)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{hands_over, lost};
    use crate::check::preflight::fixture;
    use crate::decide::plan::{Decision, Step};
    use crate::model::object::Kind;

    fn set(start: i64, replicas: i64, policy: &str) -> Value {
        json!({"metadata": {"name": "ws"}, "spec": {
            "replicas": replicas, "ordinals": {"start": start},
            "persistentVolumeClaimRetentionPolicy": {"whenScaled": policy},
            "volumeClaimTemplates": [{"metadata": {"name": "data"}}]}})
    }

    fn step(live: Option<Value>, body: &Value) -> Step {
        let decision = Decision::Update;
        Step { live, decision, ..fixture::step(Kind::StatefulSet, "ws", body) }
    }

    fn of(live: Value, body: &Value) -> Vec<String> {
        lost(&step(Some(live), body), Vec::new())
    }

    #[test]
    fn the_policy_of_then_decides_about_the_claims_of_the_pods_of_now() {
        let (kept, deleted) = ("Retain", "Delete");
        let all = ["data-ws-1", "data-ws-2"];
        assert_eq!(of(set(0, 3, deleted), &set(0, 1, deleted)), all);
        // Both in one apply.
        assert_eq!(of(set(0, 3, kept), &set(0, 1, deleted)), all);
        assert!(of(set(0, 3, deleted), &set(0, 1, kept)).is_empty());
        assert!(of(set(0, 1, deleted), &set(0, 3, deleted)).is_empty());
    }

    #[test]
    fn pods_go_by_their_ordinals_whatever_their_number() {
        assert_eq!(of(set(0, 2, "Delete"), &set(1, 2, "Delete")), ["data-ws-0"]);
        assert_eq!(of(set(0, 2, "Delete"), &set(0, 0, "Delete")), ["data-ws-0", "data-ws-1"]);
    }

    #[test]
    fn pods_of_an_earlier_scale_down_count_and_so_do_those_without_a_stateful_set() {
        let mut live = set(0, 1, "Retain");
        live["status"]["replicas"] = 3.into();
        assert_eq!(of(live, &set(0, 1, "Delete")), ["data-ws-1", "data-ws-2"]);
        let created = step(None, &set(0, 1, "Delete"));
        assert_eq!(lost(&created, vec![0, 4]), ["data-ws-4"]);
    }

    #[test]
    fn what_the_server_would_store_counts_and_not_what_is_sent() {
        let mut body = set(0, 3, "Delete");
        body["spec"].as_object_mut().unwrap().remove("replicas");
        let mut step = step(Some(set(0, 3, "Delete")), &body);
        step.stage.stored = Some(set(0, 3, "Delete"));
        assert!(lost(&step, Vec::new()).is_empty());
        assert!(!hands_over(&step));
    }

    #[test]
    fn numbers_that_no_cluster_has_do_no_harm() {
        for number in [i64::MAX, i64::MIN, -1] {
            let claims = of(set(number, number, "Delete"), &set(0, 1, "Delete"));
            assert!(claims.len() < 200_000, "{}", claims.len());
        }
    }
}
