//! Why a control plane is not there or does not obey.

use std::io;
use std::path::PathBuf;
use std::process::ExitStatus;

/// Why a control plane is not there or does not obey.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The program was not built, or from other sources than the present ones.
    #[error("the control plane is not built: {} does not exist", .0.display())]
    NotBuilt(PathBuf),
    /// There is no Go compiler.
    #[error("building programs of Go needs Go, and `go` does not start")]
    NoGo(#[source] io::Error),
    /// Go is there but cannot build the module, usually because it is too old.
    #[error("building programs of Go needs Go {wanted}: {reason}")]
    UnfitGo {
        /// Version in the module's `go.mod`.
        wanted: String,
        /// What was found, or what `go` says.
        reason: String,
    },
    /// A command of Go failed; it has said why.
    #[error("`go {command}` in tests/{module} failed: {status}")]
    Go {
        /// The command.
        command: &'static str,
        /// The module.
        module: &'static str,
        /// How it ended.
        status: ExitStatus,
    },
    /// The supervisor ended before everything served.
    #[error("the control plane does not start: {0}")]
    NotStarted(String),
    /// Nothing answers in the folder.
    #[error("no control plane runs in {}", .dir.display())]
    NotRunning {
        /// The folder that was asked.
        dir: PathBuf,
        /// Why its control socket does not answer.
        #[source]
        source: io::Error,
    },
    /// The supervisor refused a request.
    #[error("`{request}` failed: {reason}")]
    Refused {
        /// What was asked.
        request: String,
        /// The supervisor's answer.
        reason: String,
    },
    /// The supervisor answered what this crate does not understand.
    #[error("the control plane's answer is unreadable")]
    UnreadableAnswer(#[source] serde_json::Error),
    /// A proxy cannot listen.
    #[error("the proxy cannot listen on a port of the loopback device")]
    Listen(#[source] io::Error),
    /// The control plane's certificate or key cannot be read.
    #[error("the proxy cannot read the certificate of the control plane")]
    Pem(#[source] rustls::pki_types::pem::Error),
    /// The control plane's certificate or key cannot be used.
    #[error("the proxy cannot use the certificate of the control plane")]
    Tls(#[source] rustls::Error),
    /// A file could not be read, written or run.
    #[error("cannot {action} {}", .path.display())]
    File {
        /// What was tried.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// Why it failed.
        #[source]
        source: io::Error,
    },
}

impl Error {
    /// What to type next, when there is something.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::NotBuilt(_) => Some("run `cargo xtask cluster build`"),
            Self::NoGo(_) | Self::UnfitGo { .. } => {
                Some("install Go from https://go.dev/dl/ and put its `bin` folder on PATH")
            }
            Self::NotRunning { .. } => Some("run `cargo xtask cluster up`"),
            Self::Go { .. }
            | Self::NotStarted(_)
            | Self::Refused { .. }
            | Self::UnreadableAnswer(_)
            | Self::Listen(_)
            | Self::Pem(_)
            | Self::Tls(_)
            | Self::File { .. } => None,
        }
    }

    pub(crate) fn file(
        action: &'static str,
        path: impl Into<PathBuf>,
    ) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::File { action, path, source }
    }
}
