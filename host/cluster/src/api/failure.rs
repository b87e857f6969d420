//! A request that did not succeed, and what that means.

use std::time::Duration;

use kube::core::Status;
use wellhead_diagnostics::Code;

use super::connect::connection::Connection;
use crate::model::error::Problem;
use crate::model::object::{ALL_NAMESPACES, Kind, ObjectRef};
use words::{Words, words};

pub(crate) mod words;

/// Why one request failed.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The server answered with an error.
    Answered { status: Box<Status>, retry_after: Option<Duration> },
    /// No connection, or it broke.
    Connection { server: String, proxy: Option<String>, words: Words },
    /// There are no credentials to send with the request.
    Credentials(Box<Problem>),
    /// The server took longer than one attempt may.
    Silent { server: String, after: Duration },
    /// The reply is no JSON.
    Unreadable(String),
    /// The reply has more bytes than any that a server sends.
    TooLarge,
    /// The request could not even be written.
    Unsendable(String),
}

impl Failure {
    /// From an error status and its body. A proxy in between may answer with something that is no `Status`.
    pub(crate) fn answered(code: u16, retry_after: Option<Duration>, body: &[u8]) -> Self {
        let mut status: Status = serde_json::from_slice(body).unwrap_or_else(|_| {
            Status::failure(String::from_utf8_lossy(body).trim(), "").with_code(code)
        });
        status.code = code;
        let asked = status.details.as_ref().map_or(0, |details| details.retry_after_seconds);
        let asked = (asked > 0).then(|| Duration::from_secs(asked.into()));
        Self::Answered { status: Box::new(status), retry_after: retry_after.or(asked) }
    }

    /// From an error of the client library.
    pub(crate) fn from_client(connection: &Connection, error: &kube::Error) -> Self {
        let (server, proxy) = (connection.server.clone(), connection.proxy.clone());
        Self::Connection { server, proxy, words: words(error) }
    }

    pub(crate) fn code(&self) -> Option<u16> {
        match self {
            Self::Answered { status, .. } => Some(status.code),
            _ => None,
        }
    }

    pub(crate) fn is_not_found(&self) -> bool {
        self.code() == Some(404)
    }

    pub(crate) fn is_conflict(&self) -> bool {
        self.code() == Some(409)
    }

    pub(crate) fn is_forbidden(&self) -> bool {
        self.code() == Some(403)
    }

    /// Whether the same request may succeed a little later.
    pub(crate) fn is_transient(&self) -> bool {
        match self {
            Self::Answered { status, .. } if is_untypable(status) => false,
            Self::Answered { status, .. } => matches!(status.code, 429 | 500 | 502 | 503 | 504),
            Self::Connection { words, .. } => !words.is_permanent,
            // A reply cut short looks like broken JSON.
            Self::Silent { .. } | Self::Unreadable(_) => true,
            Self::TooLarge | Self::Unsendable(_) | Self::Credentials(_) => false,
        }
    }

    /// Whether the server has more to do than it can.
    pub(crate) fn is_overload(&self) -> bool {
        matches!(self, Self::Silent { .. }) || matches!(self.code(), Some(429 | 503 | 504))
    }

    pub(crate) fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Answered { retry_after, .. } => *retry_after,
            _ => None,
        }
    }

    pub(crate) fn status(&self) -> Option<&Status> {
        match self {
            Self::Answered { status, .. } => Some(status),
            _ => None,
        }
    }

    /// The cause in one line.
    pub(crate) fn reason(&self) -> String {
        match self {
            Self::Answered { status, .. } if status.message.is_empty() => {
                format!("the server answered {}", status.code)
            }
            Self::Answered { status, .. } => status.message.clone(),
            Self::Connection { words, proxy: Some(proxy), .. } => {
                format!("{}; by way of the proxy {proxy}", words.said)
            }
            Self::Connection { words, .. } => words.said.clone(),
            Self::Credentials(problem) => problem.what.clone(),
            Self::Silent { after, .. } if after.subsec_millis() > 0 => {
                format!("no answer within {} ms", after.as_millis())
            }
            Self::Silent { after, .. } => format!("no answer within {} s", after.as_secs()),
            Self::Unreadable(detail) => format!("the reply cannot be read: {detail}"),
            Self::TooLarge => "the reply has more bytes than a server sends".to_owned(),
            Self::Unsendable(detail) => format!("the request cannot be written: {detail}"),
        }
    }

    /// The finding for a request about one object.
    pub(crate) fn problem(&self, verb: &str, object: &ObjectRef) -> Problem {
        self.describe(&format!("cannot {verb} {object}"), &object.namespace).on(object)
    }

    /// The finding for any request; `what` names it.
    pub(crate) fn describe(&self, what: &str, namespace: &str) -> Problem {
        match self {
            Self::Answered { status, .. } => answered(status, what, namespace),
            Self::Connection { server, words, .. } => {
                Problem::new(Code::ServerUnreachable, format!("{what}: {server} cannot be reached"))
                    .why(self.reason())
                    .hint(words.hint)
            }
            Self::Credentials(problem) => {
                let mut problem = Problem::clone(problem);
                problem.what = format!("{what}: {}", problem.what);
                problem
            }
            Self::Silent { server, .. } => {
                Problem::new(Code::ServerUnreachable, format!("{what}: {server} does not answer"))
                    .why(self.reason())
                    .retry(" once the API server answers")
            }
            Self::Unreadable(_) | Self::TooLarge | Self::Unsendable(_) => {
                Problem::new(Code::UnusableAnswer, what).why(self.reason())
            }
        }
    }
}

/// What servers of Go and nginx answer to plain HTTP on a port of TLS.
const SPEAKS_TLS: [&str; 2] =
    ["HTTP request to an HTTPS server", "plain HTTP request was sent to HTTPS port"];

fn answered(status: &Status, what: &str, namespace: &str) -> Problem {
    let message = status.message.as_str();
    let kind = status.details.as_ref().map_or("", |details| details.kind.as_str());
    match status.code {
        401 => Problem::new(
            Code::Unauthorized,
            format!("{what}: the server does not accept the credentials"),
        )
        .why(message)
        .hint("log in again, or choose another user with --context or --user"),
        403 if message.contains("because it is being terminated") => {
            let what = format!("{what}: namespace \"{namespace}\" is being deleted");
            of_namespace(namespace, what)
        }
        403 if message.contains("User \"system:anonymous\"") => {
            let sent = "no credentials were sent that the server can see";
            Problem::new(Code::Unauthorized, format!("{what}: {sent}"))
                .why(message)
                .hint("log in, or choose another user with --context or --user; a proxy that ends TLS hides certificates")
        }
        // https://kubernetes.io/docs/reference/access-authn-authz/authorization/: only the authorizer's message
        // names the user and the verb; admission's does not.
        403 if message.contains("User \"") && message.contains("\" cannot ") => {
            // A Role allows nothing of what is in no namespace, or in all of them.
            let role =
                if message.contains(" at the cluster scope") { "ClusterRole" } else { "Role" };
            Problem::new(Code::Forbidden, format!("{what}: forbidden (403)")).why(message).hint(format!(
                "ask for the right, with RBAC a {role} that allows it, or choose another user with --context"
            ))
        }
        404 if kind == "namespaces" => Problem::new(
            Code::NamespaceUnusable,
            format!("{what}: namespace \"{namespace}\" does not exist"),
        )
        .hint(format!("kubectl create namespace {namespace}")),
        403 => {
            Problem::new(Code::AdmissionDenied, format!("{what}: denied by an admission policy"))
                .why(message)
                .hint("change what the policy names, or the policy")
        }
        400 if SPEAKS_TLS.iter().any(|said| message.contains(said)) => {
            Problem::new(Code::NoClusterConfig, format!("{what}: the server speaks TLS"))
                .why("`server` of the kubeconfig begins with http://")
                .hint("write https:// in `server` of the kubeconfig")
        }
        400 | 422 if message.contains("denied request") => {
            Problem::new(Code::AdmissionDenied, format!("{what}: denied by an admission policy"))
                .why(message)
                .hint("change what the policy names, or the policy")
        }
        code @ (400 | 422) => {
            Problem::new(Code::InvalidObject, format!("{what}: rejected as invalid ({code})"))
                .why(message)
        }
        code if is_untypable(status) => {
            Problem::new(Code::InvalidObject, format!("{what}: rejected as invalid ({code})"))
                .why(message)
        }
        code => Problem::new(Code::UnusableAnswer, format!("{what}: the server answered {code}"))
            .why(message),
    }
}

/// Server-side apply answers 500 when it cannot tell the items of a list apart or cannot read a value.
/// <https://github.com/kubernetes/kubernetes/issues/113482>
fn is_untypable(status: &Status) -> bool {
    const SAID: [&str; 2] =
        ["failed to create typed patch object", "unable to convert unstructured object"];
    status.code == 500 && SAID.iter().any(|said| status.message.contains(said))
}

/// A namespace that takes everything in it along.
pub(crate) fn of_namespace(name: &str, what: String) -> Problem {
    Problem::new(Code::NamespaceUnusable, what).on(&ObjectRef::new(Kind::Namespace, name, name)).hint(format!(
        "once it is gone, create it again: kubectl wait namespace/{name} --for=delete --timeout=10m && \
         kubectl create namespace {name}"
    ))
}

/// What a LIST of one kind is called where it fails.
pub(crate) fn failed(kind: Kind, namespace: &str) -> impl Fn(Failure) -> Problem {
    move |failure| {
        let plural = kind.resource().1;
        if namespace == ALL_NAMESPACES {
            let what = format!("cannot list {plural} in all namespaces");
            let problem = failure.describe(&what, namespace);
            if failure.is_forbidden() {
                let hint = "ask for a ClusterRole that lists them, or name one namespace: -n NAMESPACE without -A";
                return Problem { hints: vec![hint.to_owned()], ..problem };
            }
            return problem;
        }
        failure.describe(&format!("cannot list {plural} in namespace {namespace}"), namespace)
    }
}
