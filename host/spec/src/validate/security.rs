//! Rules of security settings, of the pod and of its containers.
//! <https://github.com/kubernetes/kubernetes/blob/v1.36.3/pkg/apis/core/validation/validation.go>,
//! `ValidateSecurityContext` and `validatePodSpecSecurityContext`.

use std::collections::HashSet;

use k8s_openapi::api::core::v1::{
    AppArmorProfile, Container, PodSecurityContext, SeccompProfile, SecurityContext, Sysctl,
    WindowsSecurityContextOptions,
};
use wellhead_diagnostics::Code;

use super::path::relative;
use super::rule::{each_container, field, in_range, one_of, refuse};
use crate::text::Escaped as _;
use crate::{FieldPath, Finding, ObjectName, PipelineSpec};

/// Users and groups have 31 bits.
const IDENTITIES: std::ops::RangeInclusive<i64> = 0..=i32::MAX as i64;
const PROFILES: &[&str] = &["RuntimeDefault", "Localhost", "Unconfined"];
/// `PATH_MAX` of Linux, less the end of the text.
const PROFILE_MAX: usize = 4095;
/// <https://learn.microsoft.com/troubleshoot/windows-server/active-directory/naming-conventions-for-computer-domain-site-ou>
const WINDOWS_USER_MAX: usize = 104;
const WINDOWS_DOMAIN_MAX: usize = 63;
const GMSA_MAX: usize = 64 << 10;
const SYSCTL_MAX: usize = 253;

/// The pod, and what it and its containers must agree on.
pub(super) fn check_pod(spec: &PipelineSpec, findings: &mut Vec<Finding>) {
    let at = field("securityContext");
    if let Some(it) = &spec.security_context {
        pod(&at, it, findings);
    }
    if spec.host_pid == Some(true) && spec.share_process_namespace == Some(true) {
        let message = "with `hostPID`, the processes of the node are shared already";
        refuse(&field("shareProcessNamespace"), message, findings);
    }
    if spec.host_users == Some(false) {
        for (name, value) in [
            ("hostNetwork", spec.host_network),
            ("hostPID", spec.host_pid),
            ("hostIPC", spec.host_ipc),
        ] {
            if value == Some(true) {
                refuse(&field(name), "it does not go with `hostUsers: false`", findings);
            }
        }
    }
    for (at, container) in each_container(spec) {
        in_pod(spec, &at, container, findings);
    }
    host_process(spec, findings);
    kernel(spec, findings);
}

/// Settings of a namespace that the pod does not have for itself.
/// <https://github.com/kubernetes/component-helpers/blob/v0.36.3/node/util/sysctl/namespace.go>
fn kernel(spec: &PipelineSpec, findings: &mut Vec<Finding>) {
    const NET: &[&str] = &["net."];
    const IPC: &[&str] = &[
        "fs.mqueue.",
        "kernel.sem",
        "kernel.shmall",
        "kernel.shmmax",
        "kernel.shmmni",
        "kernel.shm_rmid_forced",
        "kernel.msgmax",
        "kernel.msgmnb",
        "kernel.msgmni",
    ];
    let sysctls = spec.security_context.as_ref().and_then(|it| it.sysctls.as_deref());
    for (index, it) in sysctls.unwrap_or_default().iter().enumerate() {
        let name = it.name.replace('/', ".");
        // A name that ends in a dot stands for all below it.
        let is_meant = |it: &&str| name == **it || (it.ends_with('.') && name.starts_with(it));
        for (name_of, shares, names) in
            [("hostNetwork", spec.host_network, NET), ("hostIPC", spec.host_ipc, IPC)]
        {
            if shares == Some(true) && names.iter().any(is_meant) {
                let at = field("securityContext").key("sysctls").index(index).key("name");
                refuse(
                    &at,
                    format!("with `{name_of}`, it would be a setting of the node"),
                    findings,
                );
            }
        }
    }
}

fn pod(at: &FieldPath, context: &PodSecurityContext, findings: &mut Vec<Finding>) {
    for (name, identity) in [
        ("fsGroup", context.fs_group),
        ("runAsUser", context.run_as_user),
        ("runAsGroup", context.run_as_group),
    ] {
        identity.inspect(|it| in_range(&at.key(name), *it, IDENTITIES, findings));
    }
    for (index, group) in context.supplemental_groups.iter().flatten().enumerate() {
        in_range(&at.key("supplementalGroups").index(index), *group, IDENTITIES, findings);
    }
    for (name, value, options) in [
        ("fsGroupChangePolicy", &context.fs_group_change_policy, &["OnRootMismatch", "Always"][..]),
        ("supplementalGroupsPolicy", &context.supplemental_groups_policy, &["Merge", "Strict"]),
        // `MountOption` needs a feature that clusters have off by default.
        ("seLinuxChangePolicy", &context.se_linux_change_policy, &["Recursive"]),
    ] {
        one_of(&at.key(name), value.as_deref(), options, findings);
    }
    profiles(at, context.seccomp_profile.as_ref(), context.app_armor_profile.as_ref(), findings);
    windows(at, context.windows_options.as_ref(), findings);
    let mut seen = HashSet::new();
    for (index, it) in context.sysctls.iter().flatten().enumerate() {
        sysctl(&at.key("sysctls").index(index).key("name"), it, &mut seen, findings);
    }
}

fn sysctl<'s>(
    at: &FieldPath,
    sysctl: &'s Sysctl,
    seen: &mut HashSet<&'s str>,
    findings: &mut Vec<Finding>,
) {
    let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let part = |part: &str| {
        part.bytes().all(|byte| inner(byte) || matches!(byte, b'-' | b'_'))
            && part.bytes().next().is_some_and(inner)
            && part.bytes().next_back().is_some_and(inner)
    };
    if sysctl.name.len() > SYSCTL_MAX || !sysctl.name.split(['.', '/']).all(part) {
        let message = format!("`{}` is not a kernel setting", sysctl.name.escaped());
        let finding = Finding::error(Code::InvalidValue, at.clone(), message);
        findings.push(finding.hint("e.g. `net.core.somaxconn`"));
    }
    if !seen.insert(&sysctl.name) {
        let message = format!("duplicate `{}`", sysctl.name.escaped());
        findings.push(Finding::error(Code::DuplicateItem, at.clone(), message));
    }
}

/// A container by itself.
pub(super) fn check(at: &FieldPath, context: &SecurityContext, findings: &mut Vec<Finding>) {
    for (name, identity) in
        [("runAsUser", context.run_as_user), ("runAsGroup", context.run_as_group)]
    {
        identity.inspect(|it| in_range(&at.key(name), *it, IDENTITIES, findings));
    }
    let mounts = &["Default", "Unmasked"];
    one_of(&at.key("procMount"), context.proc_mount.as_deref(), mounts, findings);
    profiles(at, context.seccomp_profile.as_ref(), context.app_armor_profile.as_ref(), findings);
    windows(at, context.windows_options.as_ref(), findings);
    if context.allow_privilege_escalation != Some(false) {
        return;
    }
    let added = context.capabilities.as_ref().and_then(|it| it.add.as_deref()).unwrap_or_default();
    for (is_set, what) in [
        (context.privileged == Some(true), "`privileged`"),
        (added.iter().any(|it| it == "CAP_SYS_ADMIN"), "the capability `CAP_SYS_ADMIN`"),
    ] {
        if is_set {
            let message = format!("with {what}, a process can always get more rights");
            refuse(&at.key("allowPrivilegeEscalation"), message, findings);
        }
    }
}

/// What a container may not have in this pod.
fn in_pod(spec: &PipelineSpec, at: &FieldPath, it: &Container, findings: &mut Vec<Finding>) {
    let own_users = spec.host_users == Some(false);
    let unmasked = it.security_context.as_ref().and_then(|it| it.proc_mount.as_deref());
    if unmasked == Some("Unmasked") && !own_users {
        let at = at.key("securityContext").key("procMount");
        refuse(&at, "`Unmasked` needs `hostUsers: false`", findings);
    }
    if own_users && it.volume_devices.as_ref().is_some_and(|it| !it.is_empty()) {
        let message = "devices do not go with `hostUsers: false`";
        refuse(&at.key("volumeDevices"), message, findings);
    }
}

fn profiles(
    at: &FieldPath,
    seccomp: Option<&SeccompProfile>,
    app_armor: Option<&AppArmorProfile>,
    findings: &mut Vec<Finding>,
) {
    if let Some(it) = seccomp {
        let at = at.key("seccompProfile");
        profile(&at, &it.type_, it.localhost_profile.as_deref(), findings);
        if let Some(path) = &it.localhost_profile {
            relative(&at.key("localhostProfile"), path, findings);
        }
    }
    let Some(it) = app_armor else { return };
    let at = at.key("appArmorProfile");
    profile(&at, &it.type_, it.localhost_profile.as_deref(), findings);
    if let Some(name) = it.localhost_profile.as_deref()
        && (name.is_empty() || name.trim() != name || name.len() > PROFILE_MAX)
    {
        let message = format!("`{}` is not the name of a profile", name.escaped());
        refuse(&at.key("localhostProfile"), message, findings);
    }
}

fn profile(at: &FieldPath, kind: &str, name: Option<&str>, findings: &mut Vec<Finding>) {
    one_of(&at.key("type"), Some(kind), PROFILES, findings);
    if (kind == "Localhost") != name.is_some() {
        let message = "`type: Localhost`, and no other, names a `localhostProfile`";
        refuse(&at.key("localhostProfile"), message, findings);
    }
}

fn windows(
    at: &FieldPath,
    options: Option<&WindowsSecurityContextOptions>,
    findings: &mut Vec<Finding>,
) {
    let Some(options) = options else { return };
    let at = at.key("windowsOptions");
    if let Some(Err(error)) = options.gmsa_credential_spec_name.as_deref().map(ObjectName::new) {
        let at = at.key("gmsaCredentialSpecName");
        findings.push(Finding::error(Code::InvalidName, at, error.to_string()));
    }
    if let Some(it) = &options.gmsa_credential_spec
        && (it.is_empty() || it.len() > GMSA_MAX)
    {
        refuse(&at.key("gmsaCredentialSpec"), "it has 1 byte to 64 KiB", findings);
    }
    if let Some(name) = &options.run_as_user_name
        && !is_windows_user(name)
    {
        let message = format!("`{}` is not a user: `USER` or `DOMAIN\\USER`", name.escaped());
        refuse(&at.key("runAsUserName"), message, findings);
    }
}

/// Narrower than Windows: a domain is a DNS name or the short name of one.
fn is_windows_user(name: &str) -> bool {
    let (domain, user) = name.split_once('\\').map_or((None, name), |(it, user)| (Some(it), user));
    let part = |it: &str| {
        it.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !it.is_empty()
            && !it.starts_with('-')
            && !it.ends_with('-')
    };
    let domain_is_good =
        domain.is_none_or(|it| it.len() <= WINDOWS_DOMAIN_MAX && it.split('.').all(part));
    let good = |c: char| !c.is_control() && !"\"/\\:;|=,+*?<>@[]".contains(c);
    domain_is_good
        && !user.is_empty()
        && user.len() <= WINDOWS_USER_MAX
        && user.chars().all(good)
        && !user.chars().all(|c| matches!(c, '.' | ' '))
}

/// Processes of a Windows node: all containers or none, in the network of the node.
fn host_process(spec: &PipelineSpec, findings: &mut Vec<Finding>) {
    let windows = spec.security_context.as_ref().and_then(|it| it.windows_options.as_ref());
    let of_pod = windows.and_then(|it| it.host_process);
    let (mut with, mut without) = (false, false);
    for (at, container) in each_container(spec) {
        let context = container.security_context.as_ref();
        let own = context.and_then(|it| it.windows_options.as_ref()?.host_process);
        if own.is_some() && of_pod.is_some() && own != of_pod {
            let at = at.key("securityContext").key("windowsOptions").key("hostProcess");
            refuse(&at, "the pod's `hostProcess` says otherwise", findings);
        }
        let is_set = own.or(of_pod) == Some(true);
        (with, without) = (with || is_set, without || !is_set);
    }
    let at = field("securityContext").key("windowsOptions").key("hostProcess");
    if with && without {
        refuse(&at, "all containers are processes of the node, or none is", findings);
    }
    if with && spec.host_network != Some(true) {
        refuse(&field("hostNetwork"), "`hostProcess` needs `hostNetwork: true`", findings);
    }
}
