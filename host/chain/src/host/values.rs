//! What each value of a pipeline must be beside its type, by the path of its field: what the setters of single fields
//! check, for the functions that take a path, and wherever the value stands inside of a larger one.

use std::collections::HashSet;
use std::net::IpAddr;

use serde_json::Value;
use wellhead_spec::draft::{ListKey, list_key};
use wellhead_spec::{ClaimName, FieldPath, ImageReference, MAX_REPLICAS, ObjectName, Segment};

use super::claim::{ACCESS_MODES, VOLUME_MODES};
use super::container::PULL_POLICIES;
use super::fields::one_of;
use super::{check, syntax};
use crate::session::fault::{EditFault, invalid};

type Checked = Result<(), String>;

const RESTART_POLICIES: &[&str] = &["Always", "OnFailure", "Never"];
const MESSAGE_POLICIES: &[&str] = &["File", "FallbackToLogsOnError"];
const DNS_POLICIES: &[&str] = &["ClusterFirst", "ClusterFirstWithHostNet", "Default", "None"];
const PREEMPTION_POLICIES: &[&str] = &["PreemptLowerPriority", "Never"];

/// Holds a value to what its field, and each field inside of it, asks for.
pub(super) fn check(path: &FieldPath, value: &Value) -> Result<(), EditFault> {
    let mut at = path.segments().to_vec();
    walk(path, &mut at, value)?;
    syntax::check_at(path, value).map_err(|error| invalid(path, error))
}

/// Checks a value and those inside of it, in their order.
fn walk(path: &FieldPath, at: &mut Vec<Segment>, value: &Value) -> Result<(), EditFault> {
    rule(at, value).map_err(|error| {
        if at.len() == path.segments().len() {
            return invalid(path, error);
        }
        let inside: FieldPath = at.iter().cloned().collect();
        invalid(path, format!("`{inside}`: {error}"))
    })?;
    match value {
        Value::Object(fields) => {
            for (key, value) in fields {
                at.push(Segment::Key(key.into()));
                walk(path, at, value)?;
                at.pop();
            }
        }
        Value::Array(items) => {
            let keys = list_key(at);
            let mut seen = HashSet::new();
            for (index, item) in items.iter().enumerate() {
                if let Some(key) = keys.of(item)
                    && !seen.insert(key.clone())
                {
                    return Err(invalid(path, format!("duplicate `{key}`")));
                }
                at.push(keys.segment(item, index));
                walk(path, at, item)?;
                at.pop();
            }
        }
        _ => {}
    }
    Ok(())
}

/// A path as the table writes it: items of lists are `*`.
fn pattern(at: &[Segment]) -> Vec<&str> {
    let is_item = |depth: usize| list_key(&at[..depth]) != ListKey::Index;
    let steps = at.iter().enumerate().map(|(depth, segment)| match segment {
        Segment::Key(key) if !is_item(depth) => key.as_str(),
        _ => "*",
    });
    steps.collect()
}

/// What one field asks of its value. A value of another type is told where types are read.
fn rule(at: &[Segment], value: &Value) -> Checked {
    let steps = pattern(at);
    match &steps[..] {
        ["containers" | "initContainers", "*", rest @ ..] => of_container(rest, value),
        ["claims", "*", rest @ ..] => of_claim(rest, value),
        ["service", rest @ ..] => of_service(rest, value),
        ["volumes", "*"] => one_source(value),
        ["volumes", "*", "name"] => text(value, check::dns_label),
        ["resources", "requests" | "limits", name] => resource(name, value),
        rest => of_pod(rest, value),
    }
}

fn of_pod(steps: &[&str], value: &Value) -> Checked {
    match steps {
        ["replicas"] => number(value, |it| {
            let message = || format!("replicas must be between 0 and {MAX_REPLICAS}, got {it}");
            if (0..=i64::from(MAX_REPLICAS)).contains(&it) { Ok(()) } else { Err(message()) }
        }),
        ["terminationGracePeriodSeconds" | "minReadySeconds" | "revisionHistoryLimit"] => {
            number(value, not_negative)
        }
        ["labels" | "podLabels" | "nodeSelector", key] => label(key, value),
        ["annotations" | "podAnnotations", key] => annotation(key, value),
        ["serviceAccountName" | "priorityClassName" | "runtimeClassName" | "schedulerName"]
        | ["imagePullSecrets", "*", "name"]
        | ["hostAliases", "*", "hostnames", "*"]
        | ["resourceClaims", "*", "resourceClaimName" | "resourceClaimTemplateName"] => {
            text(value, ObjectName::check)
        }
        ["dnsPolicy"] => text(value, one_of(DNS_POLICIES)),
        ["preemptionPolicy"] => text(value, one_of(PREEMPTION_POLICIES)),
        ["os", "name"] => text(value, one_of(&["linux", "windows"])),
        ["hostname" | "subdomain"] | ["resourceClaims", "*", "name"] => {
            text(value, check::dns_label)
        }
        ["readinessGates", "*", "conditionType"] | ["schedulingGates", "*", "name"] => {
            text(value, check::label_key)
        }
        ["hostAliases", "*", "ip"] => text(value, address),
        _ => Ok(()),
    }
}

fn of_container(steps: &[&str], value: &Value) -> Checked {
    match steps {
        ["name"]
        | ["resources", "claims", "*", "name"]
        | ["volumeMounts" | "volumeDevices", "*", "name"] => text(value, check::dns_label),
        ["image"] => text(value, ImageReference::check),
        ["imagePullPolicy"] => text(value, one_of(PULL_POLICIES)),
        ["restartPolicy"] => text(value, one_of(RESTART_POLICIES)),
        ["terminationMessagePolicy"] => text(value, one_of(MESSAGE_POLICIES)),
        ["terminationMessagePath" | "workingDir"] => text(value, check::printable),
        ["command" | "args", "*"] | ["env", "*", "value"] => text(value, check::free_text),
        ["env", "*", "name"] => text(value, check::env_name),
        ["env", "*"] if value.get("value").is_some() && value.get("valueFrom").is_some() => {
            Err("a variable has a value or a source".to_owned())
        }
        ["env", "*", "valueFrom"] => match value.as_object() {
            Some(sources) if sources.values().filter(|it| !it.is_null()).count() != 1 => {
                Err("a variable comes from exactly one source".to_owned())
            }
            _ => Ok(()),
        },
        ["ports", "*", "containerPort" | "hostPort"] => number(value, port),
        ["ports", "*", "hostIP"] => text(value, address),
        ["ports", "*", "name"] => text(value, check::port_name),
        ["ports", "*", "protocol"] => text(value, one_of(&["TCP", "UDP", "SCTP"])),
        ["resources", "requests" | "limits", name] => resource(name, value),
        ["volumeMounts", "*"] => mount(value),
        ["volumeDevices", "*", "devicePath"] => text(value, check::mount_path),
        ["volumeMounts", "*", "mountPropagation"] => {
            // What is mounted in the container would reach the node with the third one, `Bidirectional`.
            text(value, one_of(&["None", "HostToContainer"]))
        }
        ["volumeMounts", "*", "recursiveReadOnly"] => {
            text(value, one_of(&["Disabled", "IfPossible", "Enabled"]))
        }
        ["volumeMounts", "*", "subPath" | "subPathExpr"] => text(value, check::path_inside),
        _ => Ok(()),
    }
}

fn of_claim(steps: &[&str], value: &Value) -> Checked {
    match steps {
        ["name"] => text(value, ClaimName::check),
        ["size"] | ["ordinals", "*", "size"] => text(value, check::size),
        ["ordinals", "*", "from" | "to"] => number(value, not_negative),
        ["storageClass"] | ["ordinals", "*", "storageClass"] => text(value, check::storage_class),
        ["volumeMode"] => text(value, one_of(VOLUME_MODES)),
        ["volumeAttributesClass"] => text(value, ObjectName::check),
        ["mountPath"] => text(value, check::mount_path),
        ["accessModes", "*"] => text(value, one_of(ACCESS_MODES)),
        ["accessModes"] => match value.as_array().and_then(|it| first_twice(it)) {
            Some(twice) => Err(format!("duplicate `{twice}`")),
            None => Ok(()),
        },
        ["labels", key] => label(key, value),
        ["annotations", key] => annotation(key, value),
        _ => Ok(()),
    }
}

fn of_service(steps: &[&str], value: &Value) -> Checked {
    match steps {
        ["ports", "*", "port" | "nodePort"] => number(value, port),
        ["ports", "*", "name"] => text(value, check::dns_label),
        ["ports", "*", "protocol"] => text(value, one_of(&["TCP", "UDP", "SCTP"])),
        ["ports", "*", "targetPort"] => match value {
            Value::String(name) => check::port_name(name).map_err(str::to_owned),
            value => number(value, port),
        },
        ["labels", key] => label(key, value),
        ["annotations", key] => annotation(key, value),
        _ => Ok(()),
    }
}

/// A text of a form. Others have another type.
fn text<E: ToString>(value: &Value, check: impl FnOnce(&str) -> Result<(), E>) -> Checked {
    value.as_str().map_or(Ok(()), |text| check(text).map_err(|error| error.to_string()))
}

fn number(value: &Value, check: impl FnOnce(i64) -> Checked) -> Checked {
    value.as_i64().map_or(Ok(()), check)
}

fn not_negative(number: i64) -> Checked {
    if number < 0 { Err("it is less than 0".to_owned()) } else { Ok(()) }
}

fn port(number: i64) -> Checked {
    if (1..=65_535).contains(&number) {
        return Ok(());
    }
    Err(format!("{number} is not a port: 1 to 65535"))
}

fn address(text: &str) -> Checked {
    text.parse::<IpAddr>().map(drop).map_err(|_| "it is not an IP address".to_owned())
}

fn label(key: &str, value: &Value) -> Checked {
    check::label_key(key)?;
    text(value, check::label_value)
}

fn annotation(key: &str, value: &Value) -> Checked {
    check::label_key(key)?;
    text(value, check::free_text)
}

fn resource(name: &str, value: &Value) -> Checked {
    check::qualified_name(name)?;
    text(value, check::amount)
}

fn one_source(volume: &Value) -> Checked {
    let sources = volume.as_object().map_or(0, |it| it.keys().filter(|it| *it != "name").count());
    if sources > 1 { Err("a volume has one source".to_owned()) } else { Ok(()) }
}

fn mount(mount: &Value) -> Checked {
    let is_set = |field: &str, off: &str| {
        mount.get(field).and_then(Value::as_str).is_some_and(|it| it != off)
    };
    if is_set("subPath", "") && is_set("subPathExpr", "") {
        return Err("it has a `subPathExpr`, beside which there is no `subPath`".to_owned());
    }
    let read_only = mount.get("readOnly") == Some(&Value::Bool(true));
    if is_set("recursiveReadOnly", "Disabled") && !read_only {
        return Err("it has `recursiveReadOnly`, which needs `readOnly`".to_owned());
    }
    Ok(())
}

fn first_twice(items: &[Value]) -> Option<&str> {
    let twice = |(at, item): (usize, &Value)| items[..at].contains(item);
    let found = items.iter().enumerate().position(twice)?;
    items[found].as_str()
}
