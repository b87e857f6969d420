//! Finding the cluster and opening the connection.

use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;

use kube::Config;
use kube::config::{KubeConfigOptions, Kubeconfig, KubeconfigError};

use crate::error::{ClusterError, Problem};
use crate::transport::{Limits, Transport};

/// Which cluster to talk to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConnectOptions {
    /// A kubeconfig file. Without one: the list in `KUBECONFIG`, then `~/.kube/config`, then the service account of
    /// the pod this runs in.
    pub kubeconfig: Option<PathBuf>,
    /// A context of the kubeconfig. Without one: its current context.
    pub context: Option<String>,
}

/// A connection to one cluster. Clones share it.
#[derive(Clone)]
pub struct Cluster {
    pub(crate) transport: Arc<Transport>,
    default_namespace: String,
    context_name: String,
    server_url: String,
}

impl std::fmt::Debug for Cluster {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Cluster").field("context", &self.context_name).finish_non_exhaustive()
    }
}

impl Cluster {
    /// Reads the configuration and prepares the connection. No request is sent yet.
    pub async fn connect(options: &ConnectOptions) -> Result<Self, ClusterError> {
        // Both rustls providers may be linked into one program; without a choice rustls panics at the first
        // connection. Somebody else having chosen already is fine.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let (mut config, context_name) = configuration(options).await?;
        let limits = Limits::default();
        config.read_timeout = Some(limits.attempt);
        config.write_timeout = Some(limits.attempt);
        // An idle connection must not eat into the deadline of the next request.
        config.reset_reader_on_write = true;
        // One retry policy, ours: kube's waits as long as a server's Retry-After asks, without a limit.
        config.default_retry = false;
        let no_proxy = ["NO_PROXY", "no_proxy"].iter().find_map(|name| std::env::var(name).ok());
        if bypasses_proxy(config.cluster_url.host().unwrap_or_default(), no_proxy.as_deref()) {
            config.proxy_url = None;
        }
        let default_namespace = config.default_namespace.clone();
        let server_url = config.cluster_url.to_string().trim_end_matches('/').to_owned();
        let client = kube::Client::try_from(config).map_err(|error| {
            Problem::new("WH0411", format!("cannot prepare the connection to {server_url}"))
                .why(crate::failure::chain(&error))
                .hint("check the cluster, user and proxy entries of the kubeconfig")
        })?;
        let transport = Arc::new(Transport::new(client, &server_url, limits));
        Ok(Self { transport, default_namespace, context_name, server_url })
    }

    /// The namespace of the context, else `default`.
    pub fn default_namespace(&self) -> &str {
        &self.default_namespace
    }

    /// The name of the context, or `in-cluster`.
    pub fn context_name(&self) -> &str {
        &self.context_name
    }

    /// The API server's address.
    pub fn server_url(&self) -> &str {
        &self.server_url
    }

    /// Requests sent over this connection so far, retries included.
    pub fn requests_sent(&self) -> u64 {
        self.transport.requests_sent()
    }
}

async fn configuration(options: &ConnectOptions) -> Result<(Config, String), Problem> {
    let Some(kubeconfig) = kubeconfig(options)? else {
        let config = Config::incluster().map_err(|_| {
            Problem::new("WH0411", "no cluster is configured")
                .why("there is no kubeconfig, and this does not run in a pod")
                .hint("pass --kubeconfig FILE or set KUBECONFIG")
        })?;
        return Ok((config, "in-cluster".to_owned()));
    };
    let contexts: Vec<_> = kubeconfig.contexts.iter().map(|context| context.name.clone()).collect();
    let name = options.context.clone().or_else(|| kubeconfig.current_context.clone());
    let selection = KubeConfigOptions { context: name.clone(), ..KubeConfigOptions::default() };
    let config = Config::from_custom_kubeconfig(kubeconfig, &selection)
        .await
        .map_err(|error| context_problem(&error, name.as_deref(), &contexts))?;
    Ok((config, name.unwrap_or_default()))
}

/// The configured kubeconfig, or `None` when nobody configured one. A broken file is an error and never
/// silently replaced by the pod's service account.
fn kubeconfig(options: &ConnectOptions) -> Result<Option<Kubeconfig>, Problem> {
    let read = match &options.kubeconfig {
        Some(path) => Kubeconfig::read_from(path),
        None => Kubeconfig::read(),
    };
    match read {
        Ok(kubeconfig) => Ok(Some(kubeconfig)),
        Err(KubeconfigError::FindPath) if options.context.is_none() => Ok(None),
        Err(KubeconfigError::ReadConfig(error, _))
            if error.kind() == std::io::ErrorKind::NotFound
                && options.kubeconfig.is_none()
                && options.context.is_none()
                && std::env::var_os("KUBECONFIG").is_none_or(|list| list.is_empty()) =>
        {
            Ok(None)
        }
        Err(error) => Err(Problem::new("WH0411", "the kubeconfig cannot be used")
            .why(crate::failure::chain(&error))
            .hint("pass --kubeconfig FILE or set KUBECONFIG")),
    }
}

fn context_problem(error: &KubeconfigError, name: Option<&str>, contexts: &[String]) -> Problem {
    let available = if contexts.is_empty() { "none".to_owned() } else { contexts.join(", ") };
    match (error, name) {
        (KubeconfigError::LoadContext(_), Some(name)) => {
            Problem::new("WH0411", format!("context \"{name}\" is not in the kubeconfig"))
                .why(format!("available: {available}"))
                .hint("pass --context NAME")
        }
        (KubeconfigError::CurrentContextNotSet, _) => {
            Problem::new("WH0411", "the kubeconfig names no current context")
                .why(format!("available: {available}"))
                .hint("pass --context NAME")
        }
        _ => Problem::new("WH0411", "the kubeconfig cannot be used")
            .why(crate::failure::chain(error))
            .hint("check the cluster and user entries of the context"),
    }
}

/// Whether kubectl would talk to this host directly: loopback always, and what `NO_PROXY` lists. The client library
/// compares the list with the proxy's own address.
/// <https://pkg.go.dev/golang.org/x/net/http/httpproxy#Config>
fn bypasses_proxy(host: &str, no_proxy: Option<&str>) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let is_loopback =
        host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
    let listed = |entry: &str| {
        let suffix = entry.trim_start_matches("*.").trim_start_matches('.');
        let below = host.strip_suffix(suffix).is_some_and(|rest| rest.ends_with('.'));
        entry == "*" || host == entry || (!suffix.is_empty() && below)
    };
    is_loopback || no_proxy.unwrap_or_default().split(',').map(str::trim).any(listed)
}

#[cfg(test)]
mod tests {
    use super::bypasses_proxy;

    #[test]
    fn loopback_and_listed_hosts_are_reached_directly() {
        for host in ["localhost", "127.0.0.1", "[::1]"] {
            assert!(bypasses_proxy(host, None), "{host}");
        }
        assert!(bypasses_proxy("api.corp.example", Some("10.0.0.1, corp.example")));
        assert!(bypasses_proxy("api.corp.example", Some(".corp.example")));
        assert!(bypasses_proxy("10.0.0.1", Some("10.0.0.1")));
        assert!(bypasses_proxy("anything", Some("*")));
    }

    #[test]
    fn other_hosts_go_through_the_proxy() {
        assert!(!bypasses_proxy("api.example", None));
        assert!(!bypasses_proxy("api.example", Some("")));
        assert!(!bypasses_proxy("notcorp.example", Some("corp.example")));
    }
}
