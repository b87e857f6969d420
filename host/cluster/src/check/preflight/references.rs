//! Objects that pods need and that do not exist: `ConfigMaps`, Secrets, service accounts and classes.

use std::collections::BTreeMap;

use serde_json::Value;
use wellhead_diagnostics::Code;

use super::facts::ClusterFacts;
use super::pipeline_check::{Finding, PipelineCheck, Severity};
use crate::decide::plan::PipelinePlan;
use crate::model::error::Problem;
use crate::model::json;
use crate::model::object::{Kind, ObjectRef};

/// A finding for each object that pods cannot start without and that is not there.
pub(super) fn judge(facts: &ClusterFacts, check: &PipelineCheck<'_>) -> Vec<Finding> {
    let needed = needed(check.plan).into_iter().filter(|(object, _)| facts.absent.contains(object));
    let finding = |(object, field): (ObjectRef, String)| {
        check.finding(Severity::Warning, problem(check.plan, &object, &field))
    };
    needed.map(finding).collect()
}

fn problem(plan: &PipelinePlan, object: &ObjectRef, field: &str) -> Problem {
    let why = match object.kind {
        Kind::ConfigMap | Kind::Secret => "pods wait until it exists",
        _ => "pods are refused until it exists",
    };
    let what = match object.kind {
        Kind::RuntimeClass | Kind::PriorityClass => format!("{object} does not exist"),
        _ => format!("{object} does not exist in namespace {}", object.namespace),
    };
    Problem::new(Code::ReferenceNotFound, what)
        .on(&plan.stateful_set.object)
        .field(format!("spec.template.spec.{field}"))
        .why(why)
        .hint(format!("create it first, or correct {field}"))
}

/// Every object that the pods of a pipeline need, with the first field that names it.
pub(super) fn needed<S>(plan: &PipelinePlan<S>) -> BTreeMap<ObjectRef, String> {
    let pod = plan.stateful_set.body.pointer("/spec/template/spec").unwrap_or(&Value::Null);
    of_pod(pod, &plan.pipeline.namespace)
}

/// Every object that a pod needs, with the first field that names it. What is optional is not needed.
fn of_pod(pod: &Value, namespace: &str) -> BTreeMap<ObjectRef, String> {
    let mut needed = BTreeMap::new();
    let mut need = |kind: Kind, name: &str, field: String| {
        if !name.is_empty() {
            needed.entry(ObjectRef::new(kind, namespace, name)).or_insert(field);
        }
    };
    need(Kind::PriorityClass, json::text(pod, "/priorityClassName"), "priorityClassName".into());
    need(Kind::RuntimeClass, json::text(pod, "/runtimeClassName"), "runtimeClassName".into());
    need(Kind::ServiceAccount, json::text(pod, "/serviceAccountName"), "serviceAccountName".into());
    for secret in json::items(pod, "/imagePullSecrets") {
        need(Kind::Secret, json::name_of(secret), "imagePullSecrets".into());
    }
    for volume in json::items(pod, "/volumes") {
        let field = format!("volumes.{}", json::name_of(volume));
        let projected = json::items(volume, "/projected/sources").iter();
        for source in std::iter::once(volume).chain(projected) {
            need(Kind::ConfigMap, name_in(source, "configMap", "name"), field.clone());
            need(Kind::Secret, name_in(source, "secret", "secretName"), field.clone());
            need(Kind::Secret, name_in(source, "secret", "name"), field.clone());
        }
    }
    for list in ["initContainers", "containers"] {
        for container in json::items(pod, &format!("/{list}")) {
            let of = format!("{list}.{}", json::name_of(container));
            for variable in json::items(container, "/env") {
                let field = format!("{of}.env.{}", json::name_of(variable));
                let source = &variable["valueFrom"];
                need(Kind::ConfigMap, name_in(source, "configMapKeyRef", "name"), field.clone());
                need(Kind::Secret, name_in(source, "secretKeyRef", "name"), field);
            }
            for source in json::items(container, "/envFrom") {
                let field = format!("{of}.envFrom");
                need(Kind::ConfigMap, name_in(source, "configMapRef", "name"), field.clone());
                need(Kind::Secret, name_in(source, "secretRef", "name"), field);
            }
        }
    }
    needed
}

/// The name in a reference, or "" when there is none or it is optional.
fn name_in<'v>(source: &'v Value, reference: &str, field: &str) -> &'v str {
    let Some(reference) = source.get(reference) else { return "" };
    if reference.get("optional") == Some(&Value::Bool(true)) {
        return "";
    }
    reference.get(field).and_then(Value::as_str).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::of_pod;

    #[test]
    fn every_kind_of_reference_is_found_once_and_optional_ones_are_not() {
        let pod = json!({
            "serviceAccountName": "sa",
            "priorityClassName": "high",
            "runtimeClassName": "vm",
            "imagePullSecrets": [{"name": "pull"}],
            "volumes": [
                {"name": "a", "configMap": {"name": "conf"}},
                {"name": "b", "secret": {"secretName": "tls"}},
                {"name": "c", "projected": {"sources": [{"secret": {"name": "joined"}}]}},
                {"name": "d", "secret": {"secretName": "maybe", "optional": true}}],
            "containers": [{"name": "db",
                "env": [{"name": "X", "valueFrom": {"secretKeyRef": {"name": "tls", "key": "k"}}},
                        {"name": "Y", "valueFrom": {"configMapKeyRef": {"name": "env", "key": "k"}}},
                        {"name": "Z", "value": "plain"}],
                "envFrom": [{"secretRef": {"name": "all"}}]}]});
        let found: Vec<_> =
            of_pod(&pod, "ns").into_iter().map(|(it, field)| format!("{it} {field}")).collect();
        assert_eq!(
            found,
            [
                "config map/conf volumes.a",
                "config map/env containers.db.env.Y",
                "secret/all containers.db.envFrom",
                "secret/joined volumes.c",
                "secret/pull imagePullSecrets",
                "secret/tls volumes.b",
                "service account/sa serviceAccountName",
                "runtime class/vm runtimeClassName",
                "priority class/high priorityClassName",
            ]
        );
    }
}
