//! Finding the cluster and opening the connection.
//!
//! kubectl is the measure of what a kubeconfig means: which server, through which proxy, as whom. `load` finds the
//! files and looks the entries up, `server`, `proxy`, `identity` and `user` check what they say, and `connection`
//! keeps the credentials. The client library gets what was checked and reads nothing itself.

use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use kube::Config;
use wellhead_diagnostics::Code;
use wellhead_spec::{Namespace, open_file};

use super::transport::{Limits, Transport};
use crate::model::error::{ClusterError, Problem};
use connection::Connection;
use kubeconfig::{ClusterEntry, Kubeconfig, UserEntry};
use options::ConnectOptions;
use server::Server;
use user::Credentials;
use world::World;

pub(crate) mod connection;
pub(crate) mod helper;
pub(crate) mod identity;
pub(crate) mod kubeconfig;
pub(crate) mod load;
pub(crate) mod options;
pub(crate) mod proxy;
pub(crate) mod server;
pub(crate) mod user;
pub(crate) mod world;

/// A connection to one cluster. Clones share it.
#[derive(Clone)]
pub struct Cluster {
    pub(crate) transport: Arc<Transport>,
    default_namespace: String,
    context_name: String,
    server_url: String,
    acting_as: Option<String>,
}

impl std::fmt::Debug for Cluster {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Cluster").field("context", &self.context_name).finish_non_exhaustive()
    }
}

impl Cluster {
    /// Reads the configuration, gets the credentials and prepares the connection. No request is sent yet.
    pub async fn connect(options: &ConnectOptions) -> Result<Self, ClusterError> {
        // Both rustls providers may be linked into one program; without a choice rustls panics at the first
        // connection. That the program has chosen already is fine.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let home = std::env::home_dir();
        let world = World { variable: &|name| std::env::var(name).ok(), read: &read, home };
        let prepared = find(options, &world)?;
        let Prepared { mut config, credentials, namespace, context, server, proxy } = prepared;
        let limits = Limits::with_timeout(options.request_timeout);
        config.read_timeout = limits.attempt;
        config.write_timeout = limits.attempt;
        // An idle connection must not eat into the deadline of the next request.
        config.reset_reader_on_write = true;
        // One retry policy, ours: kube's waits as long as a server's Retry-After asks, without a limit.
        config.default_retry = false;
        let acting_as = config.auth_info.impersonate.clone();
        let connection = Connection::open(config, credentials, server.clone(), proxy).await?;
        let transport = Arc::new(Transport::new(connection, limits));
        Ok(Self {
            transport,
            default_namespace: namespace,
            context_name: context,
            server_url: server,
            acting_as,
        })
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

    /// The user that is impersonated, if one is.
    pub fn acting_as(&self) -> Option<&str> {
        self.acting_as.as_deref()
    }

    /// Requests sent over this connection so far, retries included.
    pub fn requests_sent(&self) -> u64 {
        self.transport.requests_sent()
    }
}

/// Reads a file, and of an endless one no more than is used. A pipe is read only where a shell made it, such as
/// `--kubeconfig <(command)`: any other is not waited for.
fn read(path: &Path) -> std::io::Result<Vec<u8>> {
    let most = kubeconfig::MAX_BYTES as u64 + 1;
    let mut bytes = Vec::new();
    let is_of_shell =
        ["/dev/fd", "/dev/stdin", "/proc/self/fd"].iter().any(|it| path.starts_with(it));
    let file = if is_of_shell { std::fs::File::open(path)? } else { open_file(path)? };
    file.take(most).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Everything that is known before the connection.
struct Prepared {
    /// Without credentials.
    config: Config,
    credentials: Credentials,
    namespace: String,
    context: String,
    server: String,
    proxy: Option<String>,
}

/// Checks what was selected and decides how to reach the server. Nothing is sent and nothing run.
fn prepare(
    selected: load::Selected,
    options: &ConnectOptions,
    world: &World<'_>,
) -> Result<Prepared, Problem> {
    let load::Selected { context, namespace, cluster_name, cluster, user_name, mut user } =
        selected;
    let mut server = Server::parse(&cluster.server, &cluster_name)?;
    let proxy = proxy::choose(&server, &cluster_name, &cluster.proxy_url, world)?;
    if proxy.is_some() && !server.is_tls() {
        server = server.with_port();
    }
    let authorities = identity::authorities(&cluster, &cluster_name, world)?;
    user::impersonate(&mut user, &options.impersonate)?;
    let credentials = user::credentials(&user, &user_name, &cluster, server.is_tls(), world)?;
    let mut config = Config::new(server.url.clone());
    if server.is_tls() {
        config.root_cert = authorities;
        config.accept_invalid_certs = cluster.insecure_skip_tls_verify;
        config.tls_server_name = server_name(&cluster, &cluster_name)?;
    }
    config.disable_compression = cluster.disable_compression;
    let server = server.address();
    let namespace = if namespace.is_empty() { "default".to_owned() } else { namespace };
    Namespace::new(&*namespace).map_err(|error| {
        let what = format!("the namespace of context `{context}` cannot be used");
        Problem::new(Code::NoClusterConfig, what)
            .why(error.to_string())
            .hint("correct it in the kubeconfig")
    })?;
    Ok(finish(config, Found { credentials, namespace, context, server }, &user, proxy))
}

fn server_name(cluster: &ClusterEntry, name: &str) -> Result<Option<String>, Problem> {
    let wanted = &cluster.tls_server_name;
    if wanted.is_empty() {
        return Ok(None);
    }
    if rustls::pki_types::ServerName::try_from(wanted.as_str()).is_ok() {
        return Ok(Some(wanted.clone()));
    }
    let what = format!("`tls-server-name` of cluster `{name}` is not a host name");
    Err(Problem::new(Code::NoClusterConfig, what).hint("correct it in the kubeconfig"))
}

struct Found {
    credentials: Credentials,
    namespace: String,
    context: String,
    server: String,
}

fn finish(
    mut config: Config,
    found: Found,
    user: &UserEntry,
    proxy: Option<proxy::Proxy>,
) -> Prepared {
    let given = |text: &String| Some(text.clone()).filter(|it| !it.is_empty());
    config.auth_info.impersonate = given(&user.impersonate);
    config.auth_info.impersonate_uid = given(&user.impersonate_uid);
    config.auth_info.impersonate_groups = Some(user.impersonate_groups.clone());
    let extra = user.impersonate_extra.clone();
    config.auth_info.impersonate_user_extra = Some(extra.into_iter().collect());
    let shown = proxy.as_ref().map(|it| format!("{} ({})", it.address(), it.from));
    config.proxy_url = proxy.map(|it| it.url);
    let Found { credentials, namespace, context, server } = found;
    Prepared { config, credentials, namespace, context, server, proxy: shown }
}

/// What the kubeconfig selects; where there is none, and none is asked for, the pod's service account.
fn find(options: &ConnectOptions, world: &World<'_>) -> Result<Prepared, Problem> {
    let config = load::kubeconfig(options, world)?;
    let ConnectOptions { kubeconfig, context, cluster, user, .. } = options;
    let is_asked = kubeconfig.is_some() || [context, cluster, user].iter().any(|it| it.is_some());
    if !is_asked
        && config.as_ref().is_none_or(Kubeconfig::is_empty)
        && let Some(account) = in_cluster(options, world)?
    {
        return Ok(account);
    }
    let config = config.ok_or_else(|| {
        let problem = Problem::new(Code::NoClusterConfig, "no cluster is configured");
        let problem = problem.hint("pass --kubeconfig FILE or set KUBECONFIG");
        problem.why(if is_asked {
            "there is no kubeconfig"
        } else {
            "there is no kubeconfig, and this does not run in a pod"
        })
    })?;
    prepare(load::select(&config, options)?, options, world)
}

/// The service account of the pod that this runs in, if it runs in one.
fn in_cluster(options: &ConnectOptions, world: &World<'_>) -> Result<Option<Prepared>, Problem> {
    let Ok(mut config) = Config::incluster() else { return Ok(None) };
    let server = Server::parse(&config.cluster_url.to_string(), "in-cluster")?;
    let token_file = config.auth_info.token_file.take().unwrap_or_default();
    let mut user = UserEntry { token_file, ..UserEntry::default() };
    user::impersonate(&mut user, &options.impersonate)?;
    let cluster = ClusterEntry::default();
    let credentials = user::credentials(&user, "in-cluster", &cluster, server.is_tls(), world)?;
    let proxy = proxy::choose(&server, "in-cluster", "", world)?;
    let namespace = config.default_namespace.clone();
    let (context, server) = ("in-cluster".to_owned(), server.address());
    let found = Found { credentials, namespace, context, server };
    Ok(Some(finish(config, found, &user, proxy)))
}

/// Checks the text of a kubeconfig: whether each of its contexts says how to reach a server and as whom. Nothing else
/// is read, run or sent: what a file of its own holds is taken to be empty.
///
/// # Errors
/// One finding for the text, or for each context.
pub fn check_kubeconfig(text: &[u8]) -> Result<(), Vec<Problem>> {
    let read = |path: &Path| match path.to_str() {
        Some("kubeconfig") => Ok(text.to_vec()),
        _ => Ok(Vec::new()),
    };
    let world = World { variable: &|_| None, read: &read, home: None };
    let options =
        ConnectOptions { kubeconfig: Some("kubeconfig".into()), ..ConnectOptions::default() };
    let config = load::kubeconfig(&options, &world).map_err(|problem| vec![problem])?;
    let config: Kubeconfig = config.unwrap_or_default();
    let names = config.contexts.iter().map(|it| Some(it.name.clone()));
    let checked = names.map(|context| {
        let options = ConnectOptions { context, ..options.clone() };
        prepare(load::select(&config, &options)?, &options, &world).map(drop)
    });
    let problems: Vec<_> = checked.filter_map(Result::err).collect();
    if problems.is_empty() { Ok(()) } else { Err(problems) }
}
