//! Rules of environment variables and of the references that they and files of volumes take.
//! <https://github.com/kubernetes/kubernetes/blob/v1.36.3/pkg/apis/core/validation/validation.go>,
//! `ValidateEnv` and `ValidateEnvFrom`.

use std::collections::{BTreeSet, HashMap};

use k8s_openapi::api::core::v1::{
    Container, EnvVar, EnvVarSource, FileKeySelector, ObjectFieldSelector, ResourceFieldSelector,
};
use wellhead_diagnostics::Code;

use crate::text::Escaped as _;
use crate::validate::path::no_way_up;
use crate::validate::rule::{dns_label, each, label_key, object_name, one_of, quantity, refuse};
use crate::{FieldPath, Finding, PipelineSpec};

/// Fields of a pod that a variable can have.
/// <https://kubernetes.io/docs/concepts/workloads/pods/downward-api/>
const FIELDS: &[&str] = &[
    "metadata.name",
    "metadata.namespace",
    "metadata.uid",
    "spec.nodeName",
    "spec.serviceAccountName",
    "status.hostIP",
    "status.hostIPs",
    "status.podIP",
    "status.podIPs",
];
/// Fields of a pod that a file of a volume can have.
pub(crate) const FILE_FIELDS: &[&str] = &[
    "metadata.name",
    "metadata.namespace",
    "metadata.labels",
    "metadata.annotations",
    "metadata.uid",
];
const RESOURCES: &[&str] = &[
    "limits.cpu",
    "limits.memory",
    "limits.ephemeral-storage",
    "requests.cpu",
    "requests.memory",
    "requests.ephemeral-storage",
];
const BYTES: &[&str] =
    &["1", "1k", "1M", "1G", "1T", "1P", "1E", "1Ki", "1Mi", "1Gi", "1Ti", "1Pi", "1Ei"];
/// Longest key of a ConfigMap or Secret.
const KEY_MAX: usize = 253;

pub(crate) fn check(
    spec: &PipelineSpec,
    at: &FieldPath,
    container: &Container,
    findings: &mut Vec<Finding>,
) {
    let variables = container.env.as_deref().unwrap_or_default();
    for (at, variable) in each(&at.key("env"), variables, |it| it.name.clone(), findings) {
        if let Some(reason) = reason(variable) {
            findings.push(Finding::error(Code::InvalidEnvVar, at.clone(), reason));
        }
        if let Some(from) = &variable.value_from {
            source(spec, &at.key("valueFrom"), from, findings);
        }
    }
    if container.env_from.iter().flatten().next().is_none() {
        order(&at.key("env"), variables, findings);
    }
    for (index, from) in container.env_from.iter().flatten().enumerate() {
        let at = at.key("envFrom").index(index);
        let prefix = from.prefix.as_deref().unwrap_or_default();
        if !is_name(prefix) {
            let message = "the prefix of variables is printable ASCII without `=`";
            findings.push(Finding::error(Code::InvalidEnvVar, at.key("prefix"), message));
        }
        let config = from.config_map_ref.as_ref().map(|it| &it.name);
        let secret = from.secret_ref.as_ref().map(|it| &it.name);
        if config.is_some() == secret.is_some() {
            let message = "variables come from one of `configMapRef` and `secretRef`";
            findings.push(Finding::error(Code::InvalidEnvVar, at.clone(), message));
        }
        for (field, name) in [("configMapRef", config), ("secretRef", secret)] {
            if let Some(name) = name {
                object_name(&at.key(field).key("name"), name, findings);
            }
        }
    }
}

/// Variables that use one below them, or themselves. Where others come from elsewhere (`envFrom`), the
/// name may be one of those.
/// <https://kubernetes.io/docs/tasks/inject-data-application/define-interdependent-environment-variables/>
fn order(list: &FieldPath, variables: &[EnvVar], findings: &mut Vec<Finding>) {
    let mut defined: HashMap<&str, usize> = HashMap::new();
    for (index, variable) in variables.iter().enumerate() {
        defined.entry(&variable.name).or_insert(index);
    }
    for (index, variable) in variables.iter().enumerate() {
        let name = variable.name.escaped();
        for used in references(variable.value.as_deref().unwrap_or_default()) {
            let Some(below) = defined.get(used).copied().filter(|it| *it >= index) else {
                continue;
            };
            let used = used.escaped();
            let (message, hint) = if below == index {
                (
                    format!("`$({used})` is not expanded: a variable cannot use itself"),
                    format!("write the whole value, or `$$({used})` for the text"),
                )
            } else {
                (
                    format!("`$({used})` is not expanded: `{used}` is defined below `{name}`"),
                    format!("move `{used}` above `{name}`"),
                )
            };
            let at = list.key(variable.name.as_str()).key("value");
            findings.push(Finding::warning(Code::EnvVarOrder, at, message).hint(hint));
        }
    }
}

/// The names that a value refers to as `$(NAME)`, each once; `$$` is a dollar sign.
/// <https://github.com/kubernetes/kubernetes/blob/v1.36.3/third_party/forked/golang/expansion/expand.go>
fn references(value: &str) -> BTreeSet<&str> {
    let mut found = BTreeSet::new();
    let mut rest = value;
    while let Some(at) = rest.find('$') {
        rest = &rest[at + 1..];
        if let Some(after) = rest.strip_prefix('$') {
            rest = after;
        } else if let Some(name) = rest.strip_prefix('(')
            && let Some(end) = name.find(')')
        {
            found.insert(&name[..end]);
            rest = &name[end + 1..];
        }
    }
    found
}

/// Printable ASCII without `=`; the empty text is one.
fn is_name(name: &str) -> bool {
    name.bytes().all(|byte| (b' '..=b'~').contains(&byte) && byte != b'=')
}

/// Values are not shown: they may be secrets.
fn reason(variable: &EnvVar) -> Option<&'static str> {
    if variable.name.is_empty() {
        return Some("an environment variable has no name");
    }
    if !is_name(&variable.name) {
        return Some("the name of an environment variable is printable ASCII without `=`");
    }
    let from = variable.value_from.as_ref()?;
    if variable.value.as_ref().is_some_and(|value| !value.is_empty()) {
        return Some("an environment variable has a `value` or a `valueFrom`, not both");
    }
    let sources = [
        from.config_map_key_ref.is_some(),
        from.field_ref.is_some(),
        from.file_key_ref.is_some(),
        from.resource_field_ref.is_some(),
        from.secret_key_ref.is_some(),
    ];
    let given = sources.iter().filter(|it| **it).count();
    (given != 1).then_some("`valueFrom` names exactly one source")
}

fn source(spec: &PipelineSpec, at: &FieldPath, from: &EnvVarSource, findings: &mut Vec<Finding>) {
    let config = from.config_map_key_ref.as_ref().map(|it| (&it.name, &it.key));
    let secret = from.secret_key_ref.as_ref().map(|it| (&it.name, &it.key));
    for (field, reference) in [("configMapKeyRef", config), ("secretKeyRef", secret)] {
        let Some((name, key)) = reference else { continue };
        object_name(&at.key(field).key("name"), name, findings);
        config_key(&at.key(field).key("key"), key, findings);
    }
    if let Some(it) = &from.field_ref {
        pod_field(&at.key("fieldRef"), it, FIELDS, findings);
    }
    if let Some(it) = &from.resource_field_ref {
        resource(&at.key("resourceFieldRef"), it, findings);
    }
    if let Some(it) = &from.file_key_ref {
        file(spec, &at.key("fileKeyRef"), it, findings);
    }
}

/// <https://kubernetes.io/docs/concepts/configuration/configmap/#configmap-object>
fn config_key(at: &FieldPath, key: &str, findings: &mut Vec<Finding>) {
    let form = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    let dots = key == "." || key.starts_with("..");
    if key.is_empty() || key.len() > KEY_MAX || !key.bytes().all(form) || dots {
        let message = format!(
            "`{}` is not a key: at most 253 letters, digits, `-`, `_` and `.`, no `..` in front",
            key.escaped()
        );
        refuse(at, message, findings);
    }
}

/// A reference to a field of the pod: one of `fields`, a label or an annotation.
pub(crate) fn pod_field(
    at: &FieldPath,
    reference: &ObjectFieldSelector,
    fields: &[&str],
    findings: &mut Vec<Finding>,
) {
    one_of(&at.key("apiVersion"), reference.api_version.as_deref(), &["v1"], findings);
    let (at, path) = (at.key("fieldPath"), reference.field_path.as_str());
    let subscript = |map: &str| path.strip_prefix(map)?.strip_prefix("['")?.strip_suffix("']");
    if let Some(key) = subscript("metadata.labels") {
        label_key(&at, key, findings);
    } else if let Some(key) = subscript("metadata.annotations") {
        label_key(&at, &key.to_ascii_lowercase(), findings);
    } else if !fields.contains(&path) {
        let message = format!("`{}` is not a field that a pod hands on", path.escaped());
        let known = fields.join("`, `");
        let hint =
            format!("there are `{known}`, `metadata.labels['KEY']`, `metadata.annotations['KEY']`");
        findings.push(Finding::error(Code::InvalidValue, at, message).hint(hint));
    }
}

/// A reference to a request or limit, in parts of a size.
pub(crate) fn resource(
    at: &FieldPath,
    reference: &ResourceFieldSelector,
    findings: &mut Vec<Finding>,
) {
    let name = reference.resource.as_str();
    let (_, kind) = name.split_once('.').unwrap_or_default();
    let huge = ["limits.hugepages-", "requests.hugepages-"].iter().any(|it| name.starts_with(it));
    if !huge {
        one_of(&at.key("resource"), Some(name), RESOURCES, findings);
    }
    let Some(divisor) = &reference.divisor else { return };
    let at = at.key("divisor");
    let Some(quantity) = quantity(&at, divisor, findings) else { return };
    let units = if kind == "cpu" { &["1", "1m"][..] } else { BYTES };
    if !quantity.is_zero() && !units.contains(&quantity.canonical().as_str()) {
        let message = format!("`{}` is none of the units {}", divisor.0, units.join(", "));
        refuse(&at, message, findings);
    }
}

/// A variable in a file of a volume that containers share.
fn file(spec: &PipelineSpec, at: &FieldPath, it: &FileKeySelector, findings: &mut Vec<Finding>) {
    if it.key.is_empty() || !is_name(&it.key) {
        let message = "the name of an environment variable is printable ASCII without `=`";
        findings.push(Finding::error(Code::InvalidEnvVar, at.key("key"), message));
    }
    if it.path.is_empty() {
        refuse(&at.key("path"), "the path is empty", findings);
    }
    no_way_up(&at.key("path"), &it.path, findings);
    dns_label(&at.key("volumeName"), &it.volume_name, "a volume name", findings);
    let volume = spec.volumes.iter().find(|volume| volume.name == it.volume_name);
    if volume.is_none_or(|volume| volume.empty_dir.is_none()) {
        let message = format!("`{}` is not an `emptyDir` volume", it.volume_name.escaped());
        let finding = Finding::error(Code::UnknownVolume, at.key("volumeName"), message);
        findings.push(finding.hint("name one of `volumes` that is an `emptyDir`"));
    }
}

#[cfg(test)]
mod tests {
    use super::references;

    /// From the table of `expand_test.go`.
    #[test]
    fn references_are_found_as_kubernetes_finds_them() {
        for (value, names) in [
            ("http://$(HOST):80", &["HOST"][..]),
            ("$(A)-$(B)$(A)", &["A", "B"]),
            ("$$(A)", &[]),
            ("$$$(A)", &["A"]),
            ("$A ${A} $(A", &[]),
            ("$", &[]),
            ("$()", &[""]),
        ] {
            assert_eq!(references(value).into_iter().collect::<Vec<_>>(), names, "{value}");
        }
    }
}
