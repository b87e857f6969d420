//! What commands that talk to a cluster share: the runtime, the connection, signals.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::time::Duration;

use wellhead::{Cluster, ClusterError, Namespace, Request, Run, StopSignal};
use wellhead_diagnostics::Code;

use super::diagnostic::Diagnostic;
use super::exit::Exit;
use super::failure::Failure;
use super::input::Files;
use super::printer::Printer;
use super::program;
use super::taking::Take;
use super::{Context, warnings};

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

/// Lets the plugins edit the pipelines for this cluster, and tells what they say and where it goes.
/// The diagnostics are those that were printed.
pub(crate) fn transformed(
    files: &Files,
    take: &Take,
    context: &Context,
    cluster: &Cluster,
) -> Result<(Run, Vec<Diagnostic>), Failure> {
    let default = Namespace::new(cluster.default_namespace()).ok();
    let request = files.request(context, default)?;
    let run = wellhead::run(&Request { take: take.take.clone(), ..request })?;
    let printer = &context.printer;
    let said = warnings::of_run(&run);
    printer.warnings(&said);
    warnings::print_logs(run.outcomes.iter().map(Into::into), printer);
    printer.line(&target(&run, cluster));
    Ok((run, said))
}

/// Where the pipelines of a run go, in one line.
fn target(run: &Run, cluster: &Cluster) -> String {
    let pipelines = run.outcomes.iter().map(|it| &it.pipeline.metadata);
    let mut namespaces: Vec<_> =
        pipelines.filter_map(|it| it.namespace.as_ref()).map(Namespace::as_str).collect();
    namespaces.sort_unstable();
    namespaces.dedup();
    let (context, server) = (cluster.context_name(), cluster.server_url());
    let acting = cluster.acting_as().map(|user| format!(" as {user}")).unwrap_or_default();
    format!("context {context} ({server}){acting}, namespace {}", namespaces.join(", "))
}

/// How long work that writes nothing may go on after a signal: it may be computing, and hears nothing then.
const GRACE: Duration = Duration::from_secs(5);

/// Ctrl-C and SIGTERM: the first asks the work to stop, the second ends the process at once. So does the first a little
/// later, as long as nothing is written.
#[derive(Clone, Debug, Default)]
pub(crate) struct Signals {
    pub(crate) stop: StopSignal,
    received: Arc<AtomicU8>,
    writes: Arc<AtomicBool>,
}

impl Signals {
    /// Starts to listen.
    pub(crate) fn listen(printer: &Printer) -> Result<Self, Failure> {
        let signals = Self::default();
        let mut received = Receiver::new()?;
        let (ours, printer) = (signals.clone(), printer.clone());
        tokio::spawn(async move {
            let first = received.next().await;
            ours.received.store(first.code(), Ordering::Relaxed);
            ours.stop.stop();
            printer.line("stopping after the requests in flight; once more to end at once");
            let last = tokio::select! {
                second = received.next() => second,
                () = ours.has_nothing_to_lose() => first,
            };
            std::process::exit(i32::from(last.code()));
        });
        Ok(signals)
    }

    /// From here on a signal waits for the requests in flight, however long they take.
    pub(crate) fn writing_begins(&self) {
        self.writes.store(true, Ordering::Relaxed);
    }

    /// Returns after a while if nothing is written.
    async fn has_nothing_to_lose(&self) {
        tokio::time::sleep(GRACE).await;
        if self.writes.load(Ordering::Relaxed) {
            std::future::pending::<()>().await;
        }
    }

    /// What the process ends with once a signal was received.
    pub(crate) fn exit(&self) -> Exit {
        match self.received.load(Ordering::Relaxed) {
            143 => Exit::Terminated,
            _ => Exit::Interrupted,
        }
    }

    /// What an error means once a signal was received. `resume` is the command that goes on.
    pub(crate) fn failure(&self, error: ClusterError, resume: &str) -> Failure {
        let exit = self.exit();
        match error {
            ClusterError::Stopped { report } => {
                let what = match &report {
                    Some(_) => "stopped: what was written stays, the rest was not waited for",
                    None => "stopped before anything was written",
                };
                let what =
                    Diagnostic::error(Code::Interrupted, what).hint(format!("go on: {resume}"));
                Failure::Stopped { exit, what: Box::new(what), report }
            }
            error => error.into(),
        }
    }
}

/// The signals that end a process.
struct Receiver {
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
}

impl Receiver {
    fn new() -> Result<Self, Failure> {
        Ok(Self {
            #[cfg(unix)]
            terminate: tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?,
        })
    }

    #[cfg(unix)]
    async fn next(&mut self) -> Exit {
        tokio::select! {
            _ = tokio::signal::ctrl_c() => Exit::Interrupted,
            _ = self.terminate.recv() => Exit::Terminated,
        }
    }

    #[cfg(not(unix))]
    async fn next(&mut self) -> Exit {
        let _ = tokio::signal::ctrl_c().await;
        Exit::Interrupted
    }
}

/// The command line of this process, for a message that says how to go on.
pub(crate) fn this_command() -> String {
    let words = std::env::args().skip(1).map(|word| quoted(&word));
    std::iter::once(program::name().to_owned()).chain(words).collect::<Vec<_>>().join(" ")
}

/// A word as a shell takes it.
pub(crate) fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:,@".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}
