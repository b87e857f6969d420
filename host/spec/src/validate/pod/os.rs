//! Rules of the operating system of pods.
//! <https://github.com/kubernetes/kubernetes/blob/v1.36.3/pkg/apis/core/validation/validation.go>,
//! `validateOS`: each system has security settings of its own.

use k8s_openapi::api::core::v1::{PodSecurityContext, SecurityContext};
use serde::Serialize;
use serde_json::Value;

use crate::validate::rule::{each_container, field, one_of, refuse};
use crate::{FieldPath, Finding, PipelineSpec};

/// Security settings that both systems have, and those that only Windows has.
const SHARED: &str = "runAsNonRoot";
const WINDOWS: &str = "windowsOptions";

pub(crate) fn check(spec: &PipelineSpec, findings: &mut Vec<Finding>) {
    let Some(os) = &spec.os else { return };
    one_of(&field("os").key("name"), Some(&os.name), &["linux", "windows"], findings);
    settings(&os.name, &field("securityContext"), spec.security_context.as_ref(), findings);
    for (at, container) in each_container(spec) {
        let context = container.security_context.as_ref();
        settings(&os.name, &at.key("securityContext"), context, findings);
    }
    if os.name == "windows" {
        for (name, given) in [
            ("hostPID", spec.host_pid.is_some()),
            ("hostIPC", spec.host_ipc.is_some()),
            ("hostUsers", spec.host_users.is_some()),
            ("shareProcessNamespace", spec.share_process_namespace.is_some()),
            ("resources", spec.resources.is_some()),
        ] {
            if given {
                refuse(&field(name), "Windows has no such setting", findings);
            }
        }
    }
}

fn settings<T: Context>(
    os: &str,
    at: &FieldPath,
    context: Option<&T>,
    findings: &mut Vec<Finding>,
) {
    let Some(Ok(Value::Object(fields))) = context.map(serde_json::to_value) else { return };
    for name in fields.keys() {
        let fits = match os {
            "windows" => name == SHARED || name == WINDOWS,
            _ => name != WINDOWS,
        };
        if !fits {
            let message = format!("pods of `os: {{name: {os}}}` have no such setting");
            refuse(&at.key(name), message, findings);
        }
    }
}

/// The two kinds of security settings.
trait Context: Serialize {}
impl Context for PodSecurityContext {}
impl Context for SecurityContext {}
