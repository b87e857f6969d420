//! Rights that an apply needs and the credentials do not have.
//!
//! Every verb is asked for by a `SelfSubjectAccessReview`:
//! <https://kubernetes.io/docs/reference/access-authn-authz/authorization/#checking-api-access>.

use std::collections::{BTreeMap, BTreeSet};

use futures::future::join_all;
use k8s_openapi::api::authorization::v1::SelfSubjectAccessReview;
use serde_json::json;
use wellhead_diagnostics::Code;
use wellhead_spec::MigrationMethod;

use super::facts::{Denied, Right};
use super::pipeline_check::{Finding, PipelineCheck, Severity, changes};
use crate::api::client::Client;
use crate::decide::desired::Named;
use crate::decide::plan::{Decision, PipelinePlan, Step};
use crate::model::error::{ClusterError, Problem};
use crate::model::json::typed::typed;
use crate::model::object::{Kind, ObjectRef};
use crate::observe::live::LIST_FROM;
use crate::recreate::steps::changes_selector;
use crate::store::lease;

const REVIEWS: &str = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";

/// Rights that an apply of these pipelines uses, with the names of the objects where a Role may name them.
pub(super) fn needed<S>(plans: &[PipelinePlan<S>]) -> BTreeMap<Right, BTreeSet<String>> {
    let mut rights = BTreeMap::<Right, BTreeSet<String>>::new();
    let mut need = |namespace: &str, kind: Kind, verb: &'static str, name: &str| {
        let right = Right { namespace: namespace.to_owned(), kind, verb };
        let names = rights.entry(right).or_default();
        if !name.is_empty() {
            names.insert(name.to_owned());
        }
    };
    let mut objects = BTreeMap::<&str, usize>::new();
    for plan in plans {
        *objects.entry(&plan.pipeline.namespace).or_default() += plan.steps().count();
    }
    for plan in plans.iter().filter(|plan| changes(plan)) {
        let namespace = plan.pipeline.namespace.as_str();
        for step in plan.steps() {
            let ObjectRef { kind, name, .. } = &step.object;
            for verb in verbs(step) {
                need(namespace, *kind, verb, name);
            }
            if objects[namespace] >= LIST_FROM {
                need(namespace, *kind, "list", "");
            }
        }
        if plan.stateful_set.decision == Decision::Recreate {
            // To see that none hangs on it, and to let pods go that lack a volume.
            need(namespace, Kind::PersistentVolumeClaim, "list", "");
            need(namespace, Kind::Pod, "delete", "");
        }
        for (kind, verb) in migrations(plan) {
            need(namespace, kind, verb, "");
        }
        if changes_selector(&plan.stateful_set) {
            need(namespace, Kind::Pod, "patch", "");
            need(namespace, Kind::ControllerRevision, "patch", "");
        }
        let lease = lease::object(&plan.pipeline).name;
        for verb in
            ["get", "patch"].into_iter().chain((!plan.lease_state.exists()).then_some("create"))
        {
            need(namespace, Kind::Lease, verb, &lease);
        }
        for verb in ["list", "get", "create", "delete"] {
            need(namespace, Kind::ControllerRevision, verb, "");
        }
        for kind in [Kind::Pod, Kind::Event] {
            need(namespace, kind, "list", "");
        }
    }
    rights
}

/// What moving data needs, beside what any claim needs.
fn migrations<S>(plan: &PipelinePlan<S>) -> Vec<(Kind, &'static str)> {
    let methods = plan.claims.iter().filter(|it| it.decision == Decision::Migrate);
    let methods: BTreeSet<_> = methods.filter_map(|it| it.migration.as_ref()?.method).collect();
    if methods.is_empty() {
        return Vec::new();
    }
    let on_volumes = ["get", "list", "patch"].map(|verb| (Kind::PersistentVolume, verb));
    let on_pods = ["get", "patch"].map(|verb| (Kind::Pod, verb));
    let on_claims = ["create", "delete"].map(|verb| (Kind::PersistentVolumeClaim, verb));
    let fillers = methods.into_iter().filter_map(|method| match method {
        MigrationMethod::Clone => None,
        MigrationMethod::Snapshot => Some(Kind::VolumeSnapshot),
        MigrationMethod::Copy => Some(Kind::Job),
    });
    let on_fillers = fillers.flat_map(|kind| ["get", "create", "delete"].map(|verb| (kind, verb)));
    on_volumes.into_iter().chain(on_pods).chain(on_claims).chain(on_fillers).collect()
}

fn verbs<S>(step: &Step<S>) -> Vec<&'static str> {
    let mut verbs = vec!["get"];
    if step.decision != Decision::Leave {
        verbs.push("patch");
        if step.live.is_none() || step.decision == Decision::Recreate {
            verbs.push("create");
        }
        if step.decision == Decision::Recreate {
            verbs.push("delete");
        }
    }
    verbs
}

/// What the server says to one right.
pub(super) enum Answer {
    /// The credentials have it, or may not even ask.
    Allowed,
    /// They have it for these objects.
    AllowedByName,
    /// They do not have it.
    Denied(Denied),
}

/// Asks the server for one right. Who may not even ask is not judged.
pub(super) async fn ask(client: &Client<'_>, right: &Right, names: &BTreeSet<String>) -> Answer {
    let Some(reason) = review(client, right, "").await else { return Answer::Allowed };
    // No Role can name an object that does not exist yet, or all of a kind.
    if matches!(right.verb, "create" | "list") || names.is_empty() {
        return Answer::Denied(Denied { right: right.clone(), reason });
    }
    let each = names.iter().map(|name| review(client, right, name));
    match join_all(each).await.into_iter().flatten().next() {
        Some(reason) => Answer::Denied(Denied { right: right.clone(), reason }),
        None => Answer::AllowedByName,
    }
}

impl Answer {
    pub(super) fn denied(self) -> Option<Denied> {
        match self {
            Self::Denied(denied) => Some(denied),
            Self::Allowed | Self::AllowedByName => None,
        }
    }
}

/// Why the server denies a right, or none.
async fn review(client: &Client<'_>, right: &Right, name: &str) -> Option<String> {
    let (group, resource) = right.kind.resource();
    let mut attributes = json!({
        "namespace": right.namespace, "verb": right.verb, "group": group, "resource": resource});
    if !name.is_empty() {
        attributes["name"] = name.into();
    }
    let body = json!({
        "apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectAccessReview",
        "spec": {"resourceAttributes": attributes}});
    let answer: SelfSubjectAccessReview = typed(client.review(REVIEWS, &body).await.ok()?)?;
    let status = answer.status.filter(|it| !it.allowed)?;
    Some(status.reason.unwrap_or_default())
}

/// One finding for each kind of each namespace: what is missing, and the rule that gives it.
pub(super) fn judge(denied: &[Denied], checks: &[PipelineCheck<'_>]) -> Vec<Finding> {
    let finding = |(severity, denied): (Severity, Vec<&Denied>)| {
        let Right { namespace, kind, .. } = &denied.first()?.right;
        let check = checks.iter().find(|check| check.plan.pipeline.namespace == *namespace)?;
        let object = check.plan.steps().map(|step| &step.object).find(|it| it.kind == *kind);
        Some(check.finding(severity, problem(&denied, object)))
    };
    by_kind(denied).into_iter().filter_map(finding).collect()
}

/// An apply works without some rights; it knows less then, or leaves old records.
fn severity(right: &Right) -> Severity {
    if without(right).is_some() { Severity::Warning } else { Severity::Refusal }
}

/// What an apply does not do without a right, where it does the rest.
fn without(right: &Right) -> Option<&'static str> {
    match (right.kind, right.verb) {
        (Kind::Pod, "delete") => Some("pods that are in the way of a rollout are not replaced"),
        (Kind::Pod | Kind::Event, "list") => {
            Some("when pods do not become ready, nothing can be said about why")
        }
        (Kind::ControllerRevision, "delete") => Some("old revisions stay in the history"),
        _ => None,
    }
}

/// The rights of one kind in one namespace, apart by what it means that they are missing.
fn by_kind(denied: &[Denied]) -> Vec<(Severity, Vec<&Denied>)> {
    let mut missing = BTreeMap::<_, Vec<&Denied>>::new();
    for one in denied {
        let Right { namespace, kind, .. } = &one.right;
        let told = (namespace, kind, severity(&one.right) == Severity::Warning);
        missing.entry(told).or_default().push(one);
    }
    missing.into_values().map(|denied| (severity(&denied[0].right), denied)).collect()
}

/// What to say when not even what exists may be read: every right that an apply could need, at once.
pub(crate) async fn unreadable(
    client: &Client<'_>,
    pipelines: &[Named],
    problem: Problem,
) -> ClusterError {
    let mut rights = BTreeMap::<Right, BTreeSet<String>>::new();
    let leases = pipelines.iter().map(|it| lease::object(&it.pipeline));
    let objects = pipelines.iter().flat_map(|it| it.objects.iter().cloned()).chain(leases);
    let objects: BTreeSet<_> = objects.collect();
    let mut counts = BTreeMap::<&str, usize>::new();
    for object in &objects {
        *counts.entry(&object.namespace).or_default() += 1;
    }
    for object in &objects {
        let list = (counts[object.namespace.as_str()] >= LIST_FROM).then_some("list");
        let mut need = |kind: Kind, verb: &'static str, name: &str| {
            let right = Right { namespace: object.namespace.clone(), kind, verb };
            let names = rights.entry(right).or_default();
            names.extend((!name.is_empty()).then(|| name.to_owned()));
        };
        for verb in ["get", "patch", "create"].into_iter().chain(list) {
            need(object.kind, verb, &object.name);
        }
        for verb in ["list", "get", "create"] {
            need(Kind::ControllerRevision, verb, "");
        }
    }
    let answers = join_all(rights.iter().map(|(right, names)| ask(client, right, names))).await;
    let denied: Vec<_> = answers.into_iter().filter_map(Answer::denied).collect();
    let finding = |(_, denied): (Severity, Vec<&Denied>)| {
        let Right { namespace, kind, .. } = &denied[0].right;
        let mut objects = objects.iter();
        let object = objects.find(|it| it.namespace == *namespace && it.kind == *kind);
        self::problem(&denied, object)
    };
    let problems: Vec<_> = by_kind(&denied).into_iter().map(finding).collect();
    if problems.is_empty() { problem.into() } else { ClusterError::Refused(problems) }
}

/// What rights of one kind in one namespace are missing.
fn problem(denied: &[&Denied], object: Option<&ObjectRef>) -> Problem {
    let Right { namespace, kind, .. } = &denied[0].right;
    let verbs: Vec<_> = denied.iter().map(|it| it.right.verb).collect();
    let (group, resource) = kind.resource();
    let verbs = verbs.join(", ");
    let (place, holder) = if kind.is_cluster_wide() {
        (String::new(), "ClusterRole".to_owned())
    } else {
        (format!(" in namespace {namespace}"), format!("Role of namespace {namespace}"))
    };
    let what = format!("the credentials may not {verbs} {resource}{place}");
    let rule = format!(
        "add a rule to a {holder}: {{apiGroups: [\"{group}\"], resources: [{resource}], verbs: [{verbs}]}}"
    );
    let mut problem = Problem::new(Code::Forbidden, what).hint(rule);
    problem.object = object.cloned();
    let reason = denied.iter().map(|it| it.reason.as_str()).find(|it| !it.is_empty());
    problem.why = without(&denied[0].right).or(reason).map(str::to_owned);
    problem
}

/// Leaves out what the server says of single objects of a kind for which a right is missing.
pub(super) fn drop_repeated(problems: &mut Vec<Problem>, findings: &[Finding]) {
    let missing = findings.iter().filter(|it| it.severity == Severity::Refusal);
    let missing = missing.filter(|it| it.problem.code == Code::Forbidden);
    let missing = missing.filter_map(|it| it.problem.object.as_ref());
    let missing: BTreeSet<_> = missing.map(|it| (it.namespace.as_str(), it.kind)).collect();
    problems.retain(|problem| {
        let about = problem.object.as_ref().map(|it| (it.namespace.as_str(), it.kind));
        problem.code != Code::Forbidden || about.is_none_or(|about| !missing.contains(&about))
    });
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use wellhead_diagnostics::Code;
    use wellhead_spec::MigrationMethod;

    use super::{drop_repeated, judge, needed};
    use crate::check::preflight::facts::{Denied, Right};
    use crate::check::preflight::fixture::{checks, existing, facts, plan};
    use crate::check::preflight::pipeline_check::{Finding, Severity};
    use crate::decide::plan::{Decision, PipelinePlan};
    use crate::model::error::Problem;
    use crate::model::object::Kind;
    use crate::model::storage::migration::Migration;

    fn asked(plan: PipelinePlan) -> Vec<String> {
        let rights = needed(&[plan]).into_keys();
        rights.map(|it| format!("{} {}", it.verb, it.kind.resource().1)).collect()
    }

    #[test]
    fn only_what_the_plan_needs_is_asked_for() {
        assert_eq!(
            asked(plan("db", 1, &json!({}))),
            [
                "create services",
                "get services",
                "patch services",
                "create persistentvolumeclaims",
                "get persistentvolumeclaims",
                "patch persistentvolumeclaims",
                "create statefulsets",
                "get statefulsets",
                "patch statefulsets",
                "list pods",
                "list events",
                "create leases",
                "get leases",
                "patch leases",
                "create controllerrevisions",
                "delete controllerrevisions",
                "get controllerrevisions",
                "list controllerrevisions",
            ]
        );
        assert_eq!(
            asked(existing(plan("db", 1, &json!({})), 1)),
            [
                "get services",
                "get persistentvolumeclaims",
                "get statefulsets",
                "patch statefulsets",
                "list pods",
                "list events",
                "create leases",
                "get leases",
                "patch leases",
                "create controllerrevisions",
                "delete controllerrevisions",
                "get controllerrevisions",
                "list controllerrevisions",
            ]
        );
        let many = asked(plan("db", 9, &json!({})));
        assert!(many.contains(&"list persistentvolumeclaims".to_owned()), "{many:?}");
    }

    fn denied(kind: Kind, verb: &'static str) -> Denied {
        let right = Right { namespace: "ns".to_owned(), kind, verb };
        Denied { right, reason: "no rule".to_owned() }
    }

    fn found(denied: &[Denied]) -> Vec<Finding> {
        let plans = [plan("db", 1, &json!({}))];
        judge(denied, &checks(&plans, &facts(&[], &[])))
    }

    #[test]
    fn moving_data_needs_rights_on_volumes_and_on_what_fills_them() {
        let mut plan = existing(plan("db", 1, &json!({})), 1);
        let migration = Migration { method: Some(MigrationMethod::Copy), ..Migration::default() };
        plan.claims[0].decision = Decision::Migrate;
        plan.claims[0].migration = Some(Box::new(migration));
        let asked = asked(plan);
        for right in [
            "patch persistentvolumes",
            "patch pods",
            "delete persistentvolumeclaims",
            "create jobs",
        ] {
            assert!(asked.iter().any(|it| it == right), "{right}: {asked:?}");
        }
        assert!(!asked.iter().any(|it| it.ends_with("volumesnapshots")), "{asked:?}");
        let found = found(&[denied(Kind::PersistentVolume, "patch")]);
        assert_eq!(found[0].problem.what, "the credentials may not patch persistentvolumes");
        assert!(found[0].problem.hints[0].contains("ClusterRole"), "{found:?}");
    }

    #[test]
    fn what_is_missing_is_told_by_kind_with_the_rule_that_gives_it() {
        let all = [
            denied(Kind::StatefulSet, "create"),
            denied(Kind::StatefulSet, "patch"),
            denied(Kind::Event, "list"),
        ];
        let found = found(&all);
        let [one, events] = &found[..] else { panic!("{found:?}") };
        assert_eq!((one.severity, events.severity), (Severity::Refusal, Severity::Warning));
        let what = "the credentials may not create, patch statefulsets in namespace ns";
        assert_eq!(one.problem.what, what);
        let rule = r#"{apiGroups: ["apps"], resources: [statefulsets], verbs: [create, patch]}"#;
        assert!(one.problem.hints.last().is_some_and(|hint| hint.ends_with(rule)));
    }

    #[test]
    fn what_the_server_says_of_single_objects_is_left_out_then() {
        let found = found(&[denied(Kind::StatefulSet, "patch")]);
        let plan = plan("db", 1, &json!({}));
        let of = |object| Problem::new(Code::Forbidden, "cannot apply").on(object);
        let service = plan.service.as_ref().expect("it has one");
        let mut problems = vec![of(&plan.stateful_set.object), of(&service.object)];
        drop_repeated(&mut problems, &found);
        assert_eq!(problems, [of(&service.object)]);
    }
}
