//! Two kinds of 409: somebody else owns a field, or the object changed under our hands.

use kube::core::Status;
use serde_json::Value;

use crate::decide::Step;
use crate::error::Problem;

/// The findings when a status is a field conflict; empty for every other 409.
pub(crate) fn field_conflicts(status: &Status, step: &Step) -> Vec<Problem> {
    let causes = status.details.iter().flat_map(|details| &details.causes);
    let conflicts = causes.filter(|cause| cause.reason == "FieldManagerConflict");
    conflicts.map(|cause| describe(&cause.message, &cause.field, step)).collect()
}

/// `conflict with "MANAGER" using VERSION` or `conflict with "MANAGER" with subresource ...`.
fn describe(message: &str, field: &str, step: &Step) -> Problem {
    let manager = message.split('"').nth(1).unwrap_or("another manager");
    let path = field.trim_start_matches('.');
    let mut facts = Vec::new();
    // Any variable may hold a secret, and a message ends up in logs.
    let at = |object, path: &str| if path.contains(".env[") { None } else { at(object, path) };
    if let Some(live) = step.live.as_ref().and_then(|live| at(live, path)) {
        facts.push(format!("it is now {live}"));
    }
    if let Some(wanted) = at(&step.body, path) {
        facts.push(format!("the pipeline says {wanted}"));
    }
    let mut problem =
        Problem::new("WH0401", format!("\"{manager}\" owns {path} of {}", step.object))
            .on(&step.object)
            .field(field)
            .hint(format!("leave {path} out of the pipeline, or make \"{manager}\" give it up"));
    if !facts.is_empty() {
        problem.why = Some(facts.join("; "));
    }
    problem.manager = Some(manager.to_owned());
    problem
}

/// The value at a path such as `spec.template.spec.containers[name="nginx"].image`, if it can be followed.
fn at(object: &Value, path: &str) -> Option<String> {
    let mut rest = path;
    let mut value = object;
    while !rest.is_empty() {
        if let Some(keyed) = rest.strip_prefix('[') {
            let (key, tail) = keyed.split_once(']')?;
            value = value.as_array()?.iter().find(|item| has_keys(item, key))?;
            rest = tail.strip_prefix('.').unwrap_or(tail);
        } else {
            let end = rest.find(['.', '[']).unwrap_or(rest.len());
            value = value.get(&rest[..end])?;
            rest = rest[end..].strip_prefix('.').unwrap_or(&rest[end..]);
        }
    }
    (!value.is_array() && !value.is_object()).then(|| value.to_string())
}

/// Whether an item has the keys of `name="nginx"` or `containerPort=80,protocol="TCP"`.
fn has_keys(item: &Value, keys: &str) -> bool {
    keys.split(',').all(|pair| {
        let Some((name, value)) = pair.split_once('=') else { return false };
        let value: Result<Value, _> = serde_json::from_str(value);
        value.is_ok_and(|value| item.get(name) == Some(&value))
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::at;

    #[test]
    fn a_path_is_followed_through_keyed_lists() {
        let object = json!({"spec": {"replicas": 3, "containers": [
            {"name": "a", "image": "x"}, {"name": "b", "image": "y",
             "ports": [{"containerPort": 80, "protocol": "TCP", "name": "web"}]}]}});
        assert_eq!(at(&object, "spec.replicas").as_deref(), Some("3"));
        let image = at(&object, r#"spec.containers[name="b"].image"#);
        assert_eq!(image.as_deref(), Some("\"y\""));
        let port = r#"spec.containers[name="b"].ports[containerPort=80,protocol="TCP"].name"#;
        assert_eq!(at(&object, port).as_deref(), Some("\"web\""));
        assert_eq!(at(&object, "spec.nothing.here"), None);
    }
}
