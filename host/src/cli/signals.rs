//! Ctrl-C and SIGTERM.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::time::Duration;

use wellhead::{ClusterError, StopSignal};
use wellhead_diagnostics::Code;

use super::exit::Exit;
use super::failure::Failure;
use super::output::diagnostic::Diagnostic;
use super::output::printer::Printer;

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
