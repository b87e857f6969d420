//! Fields of which Kubernetes takes one alone: who sets another has to take the first away.
//! <https://github.com/kubernetes/kubernetes/blob/v1.36.3/pkg/apis/core/validation/validation.go>

use std::collections::HashSet;

use serde_json::Value;

use crate::model::json;

/// What holds one of [`HANDLERS`].
const HOOKS: [&str; 5] =
    ["livenessProbe", "readinessProbe", "startupProbe", "postStart", "preStop"];
const HANDLERS: [&str; 5] = ["exec", "httpGet", "tcpSocket", "grpc", "sleep"];
/// The value of a variable.
const VALUES: [&str; 2] = ["value", "valueFrom"];

/// Whether a field cannot stay beside what is wanted of the struct around it. `of` is the name of that struct, or of
/// the list that it is an item of.
pub(super) fn displaced(of: &str, field: &str, wanted: &Value) -> bool {
    let Some(wanted) = wanted.as_object() else { return false };
    let one_of = |members: &[&str]| {
        members.contains(&field) && wanted.keys().any(|it| members.contains(&it.as_str()))
    };
    let says = |key: &str, value: &str| wanted.get(key).is_some_and(|it| it == value);
    let is_not = |key: &str, value: &str| wanted.contains_key(key) && !says(key, value);
    match of {
        _ if HOOKS.contains(&of) => one_of(&HANDLERS),
        "volumes" => field != "name" && wanted.keys().any(|it| it != "name"),
        "env" => one_of(&VALUES),
        "valueFrom" => !wanted.is_empty(),
        "updateStrategy" => field == "rollingUpdate" && is_not("type", "RollingUpdate"),
        "seccompProfile" | "appArmorProfile" => {
            field == "localhostProfile" && is_not("type", "Localhost")
        }
        "spec" => field == "sessionAffinityConfig" && is_not("sessionAffinity", "ClientIP"),
        _ => false,
    }
}

/// Names that only one item of a list, or of two lists together, may have, as they are wanted.
#[derive(Debug)]
pub(super) struct Names<'w> {
    containers: HashSet<&'w str>,
    init_containers: HashSet<&'w str>,
}

impl<'w> Names<'w> {
    pub(super) fn of(wanted: &'w Value) -> Self {
        let names = |list: &str| {
            let pointer = format!("/spec/template/spec/{list}");
            json::items(wanted, &pointer).iter().map(json::name_of).collect()
        };
        Self { containers: names("containers"), init_containers: names("initContainers") }
    }

    /// Whether an item that is not wanted has a name that is: of a port under another number, or of a container in the
    /// other list. `beside` are the wanted items of its list.
    pub(super) fn takes(&self, list: &str, item: &Value, beside: &HashSet<&str>) -> bool {
        let name = json::name_of(item);
        !name.is_empty()
            && match list {
                "ports" => beside.contains(name),
                "containers" => self.init_containers.contains(name),
                "initContainers" => self.containers.contains(name),
                _ => false,
            }
    }
}

/// The names of wanted items.
pub(super) fn names(wanted: &[Value]) -> HashSet<&str> {
    wanted.iter().map(json::name_of).collect()
}

/// What is wanted where nothing is.
pub(super) fn nothing() -> &'static Value {
    static NOTHING: Value = Value::Null;
    &NOTHING
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::displaced;

    #[test]
    fn one_of_a_union_displaces_the_others() {
        for (of, field, wanted, is) in [
            ("readinessProbe", "httpGet", json!({"exec": {}}), true),
            ("readinessProbe", "httpGet", json!({"periodSeconds": 1}), false),
            ("readinessProbe", "periodSeconds", json!({"exec": {}}), false),
            ("volumes", "emptyDir", json!({"name": "v", "secret": {}}), true),
            ("volumes", "emptyDir", json!({"name": "v"}), false),
            ("env", "value", json!({"name": "A", "valueFrom": {}}), true),
            ("valueFrom", "fieldRef", json!({"secretKeyRef": {}}), true),
            ("updateStrategy", "rollingUpdate", json!({"type": "OnDelete"}), true),
            ("updateStrategy", "rollingUpdate", json!({"type": "RollingUpdate"}), false),
            ("updateStrategy", "rollingUpdate", json!({}), false),
            ("seccompProfile", "localhostProfile", json!({"type": "Unconfined"}), true),
            ("spec", "sessionAffinityConfig", json!({"sessionAffinity": "None"}), true),
            ("resources", "limits", json!({"requests": {}}), false),
        ] {
            assert_eq!(displaced(of, field, &wanted), is, "{of} {field} {wanted}");
        }
    }
}
