//! Parts of a pod that do nothing, which a server takes and a pipeline does not have.

use std::collections::HashSet;

use serde_json::Value;
use wellhead_diagnostics::Code;
use wellhead_spec::FieldPath;

use crate::import::finding::ImportFinding;
use crate::import::json::text;

/// Leaves out volumes that claims take the place of, and pull secrets without a name.
pub(super) fn remove(object: &str, pod: &mut Value, templates: &[Value]) -> Vec<ImportFinding> {
    let at = FieldPath::of(["spec", "template", "spec"]);
    let claims: HashSet<&str> = templates.iter().map(|it| text(it, "/metadata/name")).collect();
    let mut findings = Vec::new();
    if let Some(volumes) = pod.get_mut("volumes").and_then(Value::as_array_mut) {
        volumes.retain(|volume| {
            let name = text(volume, "/name");
            let replaced = claims.contains(name);
            if replaced {
                let message =
                    format!("the volume `{name}` has the name of a claim template: the pipeline has the claim only");
                let reason = "the controller puts the claim of each replica in its place";
                findings.push(nothing(object, at.key("volumes").key(name), message).reason(reason));
            }
            !replaced
        });
    }
    if let Some(secrets) = pod.get_mut("imagePullSecrets").and_then(Value::as_array_mut) {
        let before = secrets.len();
        secrets.retain(|secret| !is_nameless(secret));
        if secrets.len() < before {
            let message = "a pull secret has no name: the pipeline does not have it";
            let reason = "Kubernetes makes nothing of it";
            let finding = nothing(object, at.key("imagePullSecrets"), message.to_owned());
            findings.push(finding.reason(reason));
        }
    }
    findings
}

/// Whether an item says no more than that its name is empty.
fn is_nameless(item: &Value) -> bool {
    let fields = item.as_object();
    fields.is_some_and(|it| it.iter().all(|(key, value)| key == "name" && *value == ""))
}

fn nothing(object: &str, field: FieldPath, message: String) -> ImportFinding {
    ImportFinding::warning(Code::FieldWithoutEffect, object, message).field(field)
}
