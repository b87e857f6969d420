//! Why a container of a pod does not run.

use k8s_openapi::api::core::v1::{ContainerStatus, Pod};
use wellhead_diagnostics::Code;

use super::{Outlook, Reason};
use crate::model::error::Problem;
use crate::model::json::typed::text;
use crate::model::object::ObjectRef;

/// What to do about a container that cannot be created or started, by what the kubelet and the container runtime say
/// of it. The first line of which all parts are in the message counts.
/// <https://github.com/kubernetes/kubernetes/blob/v1.36.3/pkg/kubelet/kuberuntime/security_context_others.go>,
/// <https://github.com/kubernetes/kubernetes/blob/v1.36.3/pkg/kubelet/kubelet_pods.go>
const HINTS: &[(&[&str], Outlook, &str)] = &[
    (
        &["runAsNonRoot", "image will run as root"],
        Outlook::Unlikely,
        "set `securityContext.runAsUser` to a number other than 0, or build the image with a numeric `USER`",
    ),
    (
        &["non-numeric user"],
        Outlook::Unlikely,
        "set `securityContext.runAsUser` to the number of that user, or build the image with a numeric `USER`",
    ),
    (
        &["break", "non-root policy"],
        Outlook::Unlikely,
        "set `securityContext.runAsUser` to a number other than 0, or `runAsNonRoot` to false",
    ),
    (
        &["couldn't find key"],
        Outlook::MayHeal,
        "add the key to the ConfigMap or Secret that it names, or correct the key",
    ),
    (&["configmap", "not found"], Outlook::MayHeal, MISSING),
    (&["secret", "not found"], Outlook::MayHeal, MISSING),
    (
        &["exec:", "executable file not found"],
        Outlook::Unlikely,
        "correct `command`: the image has no such program",
    ),
    (
        &["exec:", "no such file or directory"],
        Outlook::Unlikely,
        "correct `command`: the image has no such program, or not the interpreter that its first line names",
    ),
    (
        &["exec", "permission denied"],
        Outlook::Unlikely,
        "correct `command`, or make the file executable in the image for the user that the container runs as",
    ),
    (
        &["exec format error"],
        Outlook::Unlikely,
        "use an image for the architecture of the node, or a `nodeSelector` for that of the image",
    ),
    (
        &["no command specified"],
        Outlook::Unlikely,
        "set `command`: the image does not say what to run",
    ),
    (
        &["error mounting", "not a directory"],
        Outlook::Unlikely,
        "correct `mountPath` or `subPath`: a file would be mounted on a folder, or a folder on a file",
    ),
    (
        &["error mounting"],
        Outlook::Unlikely,
        "correct `mountPath` or `subPath` of the mount that it names",
    ),
    (&["ubPath"], Outlook::Unlikely, "correct `subPath` of the mount that it names"),
    (
        &["seccomp"],
        Outlook::Unlikely,
        "have the profile put on every node, or correct `securityContext.seccompProfile`",
    ),
    (
        &["apparmor"],
        Outlook::Unlikely,
        "have the profile loaded on every node, or correct `securityContext.appArmorProfile`",
    ),
];

const MISSING: &str = "create the ConfigMap or Secret that it names, or correct the name";

/// What to do about a container of which the node says this, and whether waiting helps; none where that is unknown.
fn advice(message: &str) -> Option<(Outlook, &'static str)> {
    let said = |parts: &[&str]| parts.iter().all(|part| message.contains(part));
    HINTS.iter().find(|(parts, ..)| said(parts)).map(|(_, outlook, hint)| (*outlook, *hint))
}

pub(super) fn of_containers(pod: &Pod, object: &ObjectRef) -> Option<Reason> {
    let status = pod.status.as_ref()?;
    let lists = [&status.init_container_statuses, &status.container_statuses];
    let mut statuses = lists.into_iter().flatten().flatten();
    statuses.find_map(|status| of_container(status, pod, object))
}

/// The waiting reasons of the kubelet:
/// <https://github.com/kubernetes/kubernetes/blob/v1.36.3/pkg/kubelet/images/types.go>,
/// <https://github.com/kubernetes/kubernetes/blob/v1.36.3/pkg/kubelet/kuberuntime/kuberuntime_container.go>
fn of_container(status: &ContainerStatus, pod: &Pod, object: &ObjectRef) -> Option<Reason> {
    let waiting = status.state.as_ref()?.waiting.as_ref()?;
    let (reason, message) = (text(waiting.reason.as_ref()), text(waiting.message.as_ref()));
    let container = &status.name;
    let image = image(pod, container).unwrap_or(&status.image);
    let why = if message.is_empty() { reason.to_owned() } else { format!("{reason}: {message}") };
    let name = &object.name;
    let image_problem = || {
        Problem::new(
            Code::ImagePull,
            format!("pod {name} cannot start: image {image} cannot be pulled ({reason})"),
        )
        .on(object)
        .field(format!("containers.{container}.image"))
        .why(why.clone())
        .hint("check the image's name, tag and pull secret, then apply again")
    };
    match reason {
        "InvalidImageName" | "ErrImageNeverPull" => {
            Some(Reason::new(Outlook::Never, image_problem()))
        }
        "ImagePullBackOff" | "ErrImagePull" | "ImageInspectError" | "RegistryUnavailable" => {
            Some(Reason::new(Outlook::Unlikely, image_problem()))
        }
        "CrashLoopBackOff" => Some(crashing(status, object, &why)),
        "CreateContainerConfigError" | "CreateContainerError" | "RunContainerError" => {
            let what = format!("container {container} of pod {name} cannot be created");
            Some(not_created(what, &why, object))
        }
        "PreCreateHookError" | "PreStartHookError" | "PostStartHookError" => {
            let what = format!("a hook of container {container} of pod {name} fails");
            let problem = Problem::new(Code::ContainerNotCreated, what).on(object).why(why);
            let hint = "correct `lifecycle` of the container, or what its hook needs";
            Some(Reason::new(Outlook::Unlikely, problem.hint(hint)))
        }
        _ => None,
    }
}

fn not_created(what: String, why: &str, object: &ObjectRef) -> Reason {
    let problem = Problem::new(Code::ContainerNotCreated, what).on(object).why(why);
    match advice(why) {
        Some((outlook, hint)) => Reason::new(outlook, problem.hint(hint)),
        None => Reason::new(Outlook::MayHeal, problem.hint(object.kubectl("describe"))),
    }
}

/// A container that ends again and again, or never gets to its first instruction.
fn crashing(status: &ContainerStatus, object: &ObjectRef, why: &str) -> Reason {
    let (name, container) = (&object.name, &status.name);
    let last = status.last_state.as_ref().and_then(|it| it.terminated.as_ref());
    let reason = text(last.and_then(|it| it.reason.as_ref()));
    let message = text(last.and_then(|it| it.message.as_ref()));
    if matches!(reason, "StartError" | "ContainerCannotRun") {
        let what = format!("container {container} of pod {name} cannot be started");
        return not_created(what, &format!("{reason}: {message}"), object);
    }
    let restarts = status.restart_count;
    let what = format!("container {container} of pod {name} crashes, {restarts} restarts so far");
    let problem = Problem::new(Code::CrashLoop, what).on(object);
    let problem = if reason == "OOMKilled" {
        problem
            .why(format!("{why}\nit used more memory than it may, and was killed (OOMKilled)"))
            .hint("raise `resources.limits.memory` of the container, or let it use less")
    } else {
        let namespace = &object.namespace;
        problem
            .why(why)
            .hint(format!("kubectl -n {namespace} logs {name} -c {container} --previous"))
    };
    Reason::new(Outlook::Unlikely, problem)
}

fn image<'a>(pod: &'a Pod, container: &str) -> Option<&'a str> {
    let spec = pod.spec.as_ref()?;
    let mut containers = spec.init_containers.iter().flatten().chain(&spec.containers);
    containers.find(|found| found.name == container)?.image.as_deref()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::model::json::typed::lenient;
    use crate::model::object::Kind;

    fn reason(status: &Value) -> Reason {
        let pod = lenient(&json!({"spec": {"containers": [{"name": "db", "image": "db:1"}]}}));
        of_container(&lenient(status), &pod, &ObjectRef::new(Kind::Pod, "ns", "db-0"))
            .expect("it is told")
    }

    fn waiting(reason_is: &str, message: &str) -> (Outlook, String) {
        let state = json!({"waiting": {"reason": reason_is, "message": message}});
        let Reason { problem, outlook, .. } = reason(&json!({"name": "db", "state": state}));
        assert_eq!(problem.code, Code::ContainerNotCreated);
        assert!(problem.why.is_some_and(|why| why.contains(message)));
        (outlook, problem.hints.join("\n"))
    }

    /// Messages as kubelet v1.36, containerd 2 and runc 1.3 word them.
    #[test]
    fn what_to_do_follows_from_what_the_node_says() {
        let config = "CreateContainerConfigError";
        let run = "RunContainerError";
        let start = "failed to create containerd task: failed to create shim task: OCI runtime create failed: runc \
                     create failed: unable to start container process: ";
        for (reason, message, outlook, hint) in [
            (
                config,
                "container has runAsNonRoot and image will run as root (pod: \"db-0_b(1)\", container: db)",
                Outlook::Unlikely,
                "runAsUser",
            ),
            (
                config,
                "container has runAsNonRoot and image has non-numeric user (nginx), cannot verify user is non-root",
                Outlook::Unlikely,
                "the number of that user",
            ),
            (
                config,
                "container's runAsUser breaks non-root policy (pod: \"db-0_b(1)\", container: db)",
                Outlook::Unlikely,
                "`runAsNonRoot` to false",
            ),
            (config, "couldn't find key password in Secret b/db", Outlook::MayHeal, "the key"),
            (config, "configmap \"db\" not found", Outlook::MayHeal, "create the ConfigMap"),
            (config, "secret \"db\" not found", Outlook::MayHeal, "create the ConfigMap"),
            (
                config,
                "failed to prepare subPath for volumeMount \"data\" of container \"db\"",
                Outlook::Unlikely,
                "`subPath`",
            ),
            (
                run,
                &format!("{start}exec: \"dbd\": executable file not found in $PATH"),
                Outlook::Unlikely,
                "no such program",
            ),
            (
                run,
                &format!("{start}exec: \"/run.sh\": stat /run.sh: no such file or directory"),
                Outlook::Unlikely,
                "interpreter",
            ),
            (
                run,
                &format!("{start}exec: \"/run.sh\": permission denied"),
                Outlook::Unlikely,
                "executable",
            ),
            (
                run,
                &format!(
                    "{start}error during container init: error mounting \"/a\" to rootfs at \"/b\": not a directory"
                ),
                Outlook::Unlikely,
                "a file would be mounted on a folder",
            ),
            (
                "CreateContainerError",
                "failed to generate container spec: no command specified",
                Outlook::Unlikely,
                "set `command`",
            ),
            (
                "CreateContainerError",
                "context deadline exceeded",
                Outlook::MayHeal,
                "kubectl -n ns describe pod/db-0",
            ),
            ("PostStartHookError", "exit status 1", Outlook::Unlikely, "`lifecycle`"),
        ] {
            let (is, said) = waiting(reason, message);
            assert_eq!(is, outlook, "{message}");
            assert!(said.contains(hint), "{message}: {said}");
        }
    }

    #[test]
    fn a_container_that_never_ran_has_no_log_to_look_at() {
        let crash = |terminated: Value| {
            reason(&json!({"name": "db", "restartCount": 2,
                "state": {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off 20s"}},
                "lastState": {"terminated": terminated}}))
            .problem
        };
        let never = crash(json!({"reason": "StartError", "exitCode": 128,
            "message": "exec: \"dbd\": executable file not found in $PATH"}));
        assert_eq!(never.code, Code::ContainerNotCreated);
        assert!(never.hints[0].contains("no such program"));
        let killed = crash(json!({"reason": "OOMKilled", "exitCode": 137}));
        assert_eq!(killed.code, Code::CrashLoop);
        assert!(killed.hints[0].contains("limits.memory"));
        let ended = crash(json!({"reason": "Error", "exitCode": 1}));
        assert_eq!(ended.hints, ["kubectl -n ns logs db-0 -c db --previous"]);
    }
}
