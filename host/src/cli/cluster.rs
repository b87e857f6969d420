//! What commands that talk to a cluster share: the runtime, the connection, the namespace.

use wellhead::{Cluster, Namespace};

use super::context::Context;
use super::failure::Failure;

/// Runs work that talks to a cluster. One thread does it; the other one has connections, renews Leases and hears
/// signals, so that a long computation keeps none of them waiting.
pub(crate) fn block_on<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    let result = runtime.block_on(work);
    // A signal's task or a dropped connection is no reason to wait.
    runtime.shutdown_background();
    result
}

/// Opens the connection that the options name.
pub(crate) async fn connect(context: &Context) -> Result<Cluster, Failure> {
    Ok(Cluster::connect(&context.global.connecting.options()).await?)
}

/// The namespace of a command: `-n`, else that of the context.
pub(crate) fn namespace(context: &Context, cluster: &Cluster) -> String {
    let named = context.global.namespace.as_ref().map(Namespace::as_str);
    named.unwrap_or(cluster.default_namespace()).to_owned()
}
