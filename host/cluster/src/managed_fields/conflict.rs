//! Two kinds of 409: another manager owns a field, or the object changed since it was read.

use std::collections::HashMap;

use kube::core::Status;
use kube::core::response::StatusCause;
use serde_json::{Map, Value};
use wellhead_diagnostics::Code;
use wellhead_render::item_name;
use wellhead_spec::FieldPath;

use super::items::{Items, decoded};
use super::unchanged;
use crate::model::error::Problem;
use crate::model::object::ObjectRef;
use crate::model::remedy::Remedy;

/// The findings when a status is a field conflict; empty for every other 409. `body` was sent, and `live` read before.
pub(crate) fn field_conflicts(
    status: &Status,
    object: &ObjectRef,
    body: &Value,
    live: Option<&Value>,
) -> Vec<Problem> {
    let causes = status.details.iter().flat_map(|details| &details.causes);
    let conflicts = causes.filter(|cause| cause.reason == "FieldManagerConflict");
    let mut lists = Lists::default();
    let describe = |it: &StatusCause| describe(it, object, (body, live), &mut lists);
    let mut found: Vec<_> = conflicts.map(describe).collect();
    // The server's order depends on when who wrote.
    found.sort_by(|one, other| (&one.field, &one.manager).cmp(&(&other.field, &other.manager)));
    found
}

/// `conflict with "MANAGER" using VERSION` or `conflict with "MANAGER" with subresource ...`.
fn describe<'v>(
    StatusCause { message, field, .. }: &StatusCause,
    object: &ObjectRef,
    (body, live): (&'v Value, Option<&'v Value>),
    lists: &mut Lists<'v>,
) -> Problem {
    let manager = message.split('"').nth(1).unwrap_or("another manager");
    let path = field.trim_start_matches('.');
    let mut facts = Vec::new();
    // Any variable may hold a secret, and a message ends up in logs.
    let mut at =
        |object, path: &str| if path.contains(".env[") { None } else { at(object, path, lists) };
    if let Some(live) = live.and_then(|live| at(live, path)) {
        facts.push(format!("it is now {live}"));
    }
    if let Some(wanted) = at(body, path) {
        facts.push(format!("the pipeline says {wanted}"));
    }
    let ours = followed(body, path, lists).map(|(path, _)| path);
    // The server's own notation is left for what the object does not have.
    let shown = ours.as_ref().map_or_else(|| path.to_owned(), FieldPath::to_string);
    let mut problem =
        Problem::new(Code::FieldConflict, format!("\"{manager}\" owns {shown} of {object}"))
            .on(object)
            .field(&shown)
            .remedy(Remedy::SetPolicy { manager: manager.to_owned(), field: None });
    if !facts.is_empty() {
        problem.why = Some(facts.join("; "));
    }
    problem.manager = Some(manager.to_owned());
    problem.path = ours;
    problem
}

/// The scalar at a path such as `spec.template.spec.containers[name="nginx"].image`, if it can be followed.
fn at<'v>(object: &'v Value, path: &str, lists: &mut Lists<'v>) -> Option<String> {
    let (_, value) = followed(object, path, lists)?;
    (!value.is_array() && !value.is_object()).then(|| value.to_string())
}

/// What is at a path as the server writes it, and the path as we do. The server does not quote keys, so that only the
/// object tells where a key with dots ends.
fn followed<'v>(
    object: &'v Value,
    path: &str,
    lists: &mut Lists<'v>,
) -> Option<(FieldPath, &'v Value)> {
    let mut rest = path;
    let (mut at, mut value) = (FieldPath::root(), object);
    while !rest.is_empty() {
        let tail = if let Some(keyed) = rest.strip_prefix('[') {
            let (keys, tail) = keyed.split_once(']')?;
            let items = value.as_array()?;
            let index = lists.position(items, keys)?;
            (at, value) = (at.with(item_name(&at, &items[index], index)), &items[index]);
            tail
        } else {
            let ends = |tail: &str| tail.is_empty() || tail.starts_with(['.', '[']);
            let keys = value.as_object()?.iter();
            let fitting = keys.filter_map(|(key, value)| {
                let tail = rest.strip_prefix(key.as_str()).filter(|tail| ends(tail))?;
                Some((key, value, tail))
            });
            let (key, next, tail) = fitting.max_by_key(|(key, ..)| key.len())?;
            (at, value) = (at.then(key.as_str()), next);
            tail
        };
        rest = tail.strip_prefix('.').unwrap_or(tail);
    }
    Some((at, value))
}

/// The lists of some objects by the keys of their items, each read once.
#[derive(Default)]
struct Lists<'v>(HashMap<*const Value, Items<'v>>);

impl<'v> Lists<'v> {
    /// The first item that has the keys of `name="nginx"` or `containerPort=80,protocol="TCP"`.
    fn position(&mut self, items: &'v [Value], keys: &str) -> Option<usize> {
        let keys = keys.split(',').map(|pair| {
            let (name, value) = pair.split_once('=')?;
            Some((name.to_owned(), decoded(value)?))
        });
        let keys: Option<Map<String, Value>> = keys.collect();
        // The objects outlive this, so that an address is one list.
        let items = self.0.entry(items.as_ptr()).or_insert_with(|| Items::of(items));
        items.find(&keys?, unchanged::key_field)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::Lists;

    fn object() -> Value {
        json!({"metadata": {"annotations": {"example.com/owner": "a", "example": "b"}},
            "spec": {"replicas": 3, "template": {"spec": {"containers": [
                {"name": "a", "image": "x"},
                {"name": "b", "image": "y", "env": [{"name": "A", "value": "1"}],
                 "ports": [{"containerPort": 80, "name": "web"}]}]}}}})
    }

    fn at(object: &Value, path: &str) -> Option<String> {
        super::at(object, path, &mut Lists::default())
    }

    #[test]
    fn a_path_is_followed_through_keyed_lists() {
        let object = object();
        assert_eq!(at(&object, "spec.replicas").as_deref(), Some("3"));
        let image = at(&object, r#"spec.template.spec.containers[name="b"].image"#);
        assert_eq!(image.as_deref(), Some("\"y\""));
        let port = r#"spec.template.spec.containers[name="b"].ports[containerPort=80,protocol="TCP"].name"#;
        assert_eq!(at(&object, port).as_deref(), Some("\"web\""));
        assert_eq!(at(&object, "spec.nothing.here"), None);
    }

    #[test]
    fn a_path_of_the_server_becomes_one_of_ours() {
        let object = object();
        for (theirs, ours) in [
            ("spec.replicas", "spec.replicas"),
            (
                r#"spec.template.spec.containers[name="b"].env[name="A"].value"#,
                "spec.template.spec.containers.b.env.A.value",
            ),
            (
                r#"spec.template.spec.containers[name="b"].ports[containerPort=80,protocol="TCP"].name"#,
                "spec.template.spec.containers.b.ports.80/TCP.name",
            ),
            (
                "metadata.annotations.example.com/owner",
                r#"metadata.annotations["example.com/owner"]"#,
            ),
        ] {
            let found = super::followed(&object, theirs, &mut Lists::default())
                .map(|(path, _)| path.to_string());
            assert_eq!(found.as_deref(), Some(ours));
        }
    }
}
