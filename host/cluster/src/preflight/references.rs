//! `ConfigMaps`, Secrets and service accounts that pods need and that do not exist.

use std::collections::BTreeMap;

use futures::future::join_all;
use serde_json::Value;

use crate::decide::PipelinePlan;
use crate::error::Problem;
use crate::json;
use crate::object::{Kind, ObjectRef};
use crate::session::Session;

use super::readable;

/// A finding for each object that pods cannot start without and that is not there.
pub(super) async fn missing(
    session: &Session<'_>,
    plan: &PipelinePlan,
) -> Result<Vec<Problem>, Problem> {
    let template = plan.stateful_set.body.pointer("/spec/template/spec").unwrap_or(&Value::Null);
    let needed = needed(template, &plan.pipeline.namespace);
    let looks = needed.into_iter().map(|(object, field)| async move {
        let what = object.to_string();
        let found = readable(session.exists(&object).await, &what)?;
        Ok::<_, Problem>((found == Some(false)).then(|| problem(plan, &object, &field)))
    });
    let found: Vec<_> = join_all(looks).await.into_iter().collect::<Result<_, _>>()?;
    Ok(found.into_iter().flatten().collect())
}

fn problem(plan: &PipelinePlan, object: &ObjectRef, field: &str) -> Problem {
    let why = match object.kind {
        Kind::ServiceAccount => "pods are refused until it exists",
        _ => "pods wait until it exists",
    };
    let what = format!("{object} does not exist in namespace {}", object.namespace);
    Problem::new("WH0310", what)
        .on(&plan.stateful_set.object)
        .field(format!(".spec.template.spec.{field}"))
        .why(why)
        .hint(format!("create it first, or correct {field}"))
}

/// Every object that a pod needs, with the first field that names it. What is optional is not needed.
fn needed(pod: &Value, namespace: &str) -> BTreeMap<ObjectRef, String> {
    let mut needed = BTreeMap::new();
    let mut need = |kind: Kind, name: &str, field: String| {
        if !name.is_empty() {
            needed.entry(ObjectRef::new(kind, namespace, name)).or_insert(field);
        }
    };
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

    use super::needed;

    #[test]
    fn every_kind_of_reference_is_found_once_and_optional_ones_are_not() {
        let pod = json!({
            "serviceAccountName": "sa",
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
            needed(&pod, "ns").into_iter().map(|(it, field)| format!("{it} {field}")).collect();
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
            ]
        );
    }
}
