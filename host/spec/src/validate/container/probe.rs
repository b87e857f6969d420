//! Rules of probes and of what runs at the start and the end of a container.
//! <https://github.com/kubernetes/kubernetes/blob/v1.36.3/pkg/apis/core/validation/validation.go>,
//! `validateProbe` and `validateLifecycle`.

use k8s_openapi::api::core::v1::{
    Container, ExecAction, HTTPGetAction, LifecycleHandler, Probe, SleepAction, TCPSocketAction,
};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
use wellhead_diagnostics::Code;

use crate::text::Escaped as _;
use crate::validate::rule::{
    in_range, is_port_name, not_negative, one_of, port, port_number, refuse,
};
use crate::validate::service::no_port;
use crate::{FieldPath, Finding};

/// Seconds that a pod has to stop, where it does not say.
/// <https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-termination>
const GRACE_PERIOD: i64 = 30;

/// Probes and handlers of a container that keeps running; `grace` is the pod's time to stop.
pub(crate) fn check(
    at: &FieldPath,
    container: &Container,
    grace: Option<i64>,
    findings: &mut Vec<Finding>,
) {
    for (name, probe, only_once) in [
        ("livenessProbe", &container.liveness_probe, true),
        ("readinessProbe", &container.readiness_probe, false),
        ("startupProbe", &container.startup_probe, true),
    ] {
        let Some(probe) = probe else { continue };
        let at = at.key(name);
        check_probe(&at, probe, findings);
        if only_once && probe.success_threshold.is_some_and(|it| it > 1) {
            let message = "one success is enough for this kind of probe";
            refuse(&at.key("successThreshold"), message, findings);
        }
        if !only_once && probe.termination_grace_period_seconds.is_some() {
            let message = "a container that is not ready is not stopped";
            refuse(&at.key("terminationGracePeriodSeconds"), message, findings);
        }
    }
    named_ports(at, container, findings);
    let Some(lifecycle) = &container.lifecycle else { return };
    let at = at.key("lifecycle");
    for (name, handler) in [("postStart", &lifecycle.post_start), ("preStop", &lifecycle.pre_stop)]
    {
        let Some(handler) = handler else { continue };
        check_handler(&at.key(name), &Handler::from(handler), grace, findings);
    }
    if lifecycle.stop_signal.is_some() {
        let message =
            "a signal of its own needs the operating system, which a pipeline does not name";
        let finding = Finding::error(Code::InvalidValue, at.key("stopSignal"), message);
        findings.push(finding.hint("remove it: the image says which signal stops it"));
    }
}

/// Ports that probes and handlers name and the container does not have.
fn named_ports(at: &FieldPath, container: &Container, findings: &mut Vec<Finding>) {
    let lifecycle = container.lifecycle.as_ref();
    let start = lifecycle.and_then(|it| it.post_start.as_ref());
    let stop = lifecycle.and_then(|it| it.pre_stop.as_ref());
    let handlers = [
        (at.key("livenessProbe"), container.liveness_probe.as_ref().map(Handler::from)),
        (at.key("readinessProbe"), container.readiness_probe.as_ref().map(Handler::from)),
        (at.key("startupProbe"), container.startup_probe.as_ref().map(Handler::from)),
        (at.key("lifecycle").key("postStart"), start.map(Handler::from)),
        (at.key("lifecycle").key("preStop"), stop.map(Handler::from)),
    ];
    let ports = container.ports.iter().flatten();
    let names: Vec<_> = ports.filter_map(|it| it.name.as_deref()).collect();
    for (at, handler) in handlers {
        let Some(handler) = handler else { continue };
        let http = handler.http_get.map(|it| ("httpGet", &it.port));
        let tcp = handler.tcp_socket.map(|it| ("tcpSocket", &it.port));
        for (kind, port) in http.into_iter().chain(tcp) {
            if let IntOrString::String(name) = port
                && is_port_name(name)
                && !names.contains(&name.as_str())
            {
                findings.push(no_port(at.key(kind).key("port"), name, &names));
            }
        }
    }
}

fn check_probe(at: &FieldPath, probe: &Probe, findings: &mut Vec<Finding>) {
    check_handler(at, &Handler::from(probe), None, findings);
    for (name, number) in [
        ("initialDelaySeconds", probe.initial_delay_seconds),
        ("timeoutSeconds", probe.timeout_seconds),
        ("periodSeconds", probe.period_seconds),
        ("successThreshold", probe.success_threshold),
        ("failureThreshold", probe.failure_threshold),
    ] {
        not_negative(&at.key(name), number.map(i64::from), findings);
    }
    if let Some(seconds) = probe.termination_grace_period_seconds {
        in_range(&at.key("terminationGracePeriodSeconds"), seconds, 1..=i64::MAX, findings);
    }
}

/// What a probe or a lifecycle does.
struct Handler<'a> {
    exec: Option<&'a ExecAction>,
    http_get: Option<&'a HTTPGetAction>,
    tcp_socket: Option<&'a TCPSocketAction>,
    grpc: Option<i32>,
    sleep: Option<&'a SleepAction>,
}

impl<'a> From<&'a Probe> for Handler<'a> {
    fn from(it: &'a Probe) -> Self {
        Self {
            exec: it.exec.as_ref(),
            http_get: it.http_get.as_ref(),
            tcp_socket: it.tcp_socket.as_ref(),
            grpc: it.grpc.as_ref().map(|it| it.port),
            sleep: None,
        }
    }
}

impl<'a> From<&'a LifecycleHandler> for Handler<'a> {
    fn from(it: &'a LifecycleHandler) -> Self {
        Self {
            exec: it.exec.as_ref(),
            http_get: it.http_get.as_ref(),
            tcp_socket: it.tcp_socket.as_ref(),
            grpc: None,
            sleep: it.sleep.as_ref(),
        }
    }
}

fn check_handler(
    at: &FieldPath,
    handler: &Handler<'_>,
    grace: Option<i64>,
    findings: &mut Vec<Finding>,
) {
    let Handler { exec, http_get, tcp_socket, grpc, sleep } = handler;
    let given =
        [exec.is_some(), http_get.is_some(), tcp_socket.is_some(), grpc.is_some(), sleep.is_some()];
    if given.iter().filter(|it| **it).count() != 1 {
        let message = "exactly one of `exec`, `httpGet`, `tcpSocket`, `grpc` (of probes) and `sleep` \
                       (of handlers) says what is done";
        refuse(at, message, findings);
    }
    if exec.is_some_and(|it| it.command.as_deref().unwrap_or_default().is_empty()) {
        refuse(&at.key("exec").key("command"), "there is no command to run", findings);
    }
    if let Some(it) = http_get {
        check_http(&at.key("httpGet"), it, findings);
    }
    if let Some(it) = tcp_socket {
        port(&at.key("tcpSocket").key("port"), &it.port, findings);
    }
    if let Some(number) = *grpc {
        port_number(&at.key("grpc").key("port"), number, findings);
    }
    if let Some(it) = sleep {
        let at = at.key("sleep").key("seconds");
        let most = grace.unwrap_or(GRACE_PERIOD);
        if !(0..=most).contains(&it.seconds) {
            let message = format!("`{}` is not within the {most} seconds to stop", it.seconds);
            let finding = Finding::error(Code::InvalidValue, at, message);
            findings.push(finding.hint("raise `terminationGracePeriodSeconds`, or sleep less"));
        }
    }
}

fn check_http(at: &FieldPath, http: &HTTPGetAction, findings: &mut Vec<Finding>) {
    port(&at.key("port"), &http.port, findings);
    one_of(&at.key("scheme"), http.scheme.as_deref(), &["HTTP", "HTTPS"], findings);
    for (index, header) in http.http_headers.iter().flatten().enumerate() {
        let form = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        if header.name.is_empty() || !header.name.bytes().all(form) {
            let name = header.name.escaped();
            let message = format!("`{name}` is not a header: letters, digits and `-`");
            refuse(&at.key("httpHeaders").index(index).key("name"), message, findings);
        }
    }
}
