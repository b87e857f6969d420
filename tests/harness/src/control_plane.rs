//! A control plane that lives as long as its owner.

use std::io::{BufRead, BufReader, Read, Write};
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::process::{self, Child, ChildStdin, Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::{Control, Error, Part, target_dir};

/// How to start a control plane.
#[derive(Clone, Debug)]
pub struct Options {
    /// Folder for kubeconfig, control socket, logs and data. The path of the socket in it,
    /// `control.sock`, may have 107 bytes at most (`sun_path` in unix(7)).
    pub dir: PathBuf,
    /// Number of simulated nodes.
    pub nodes: u32,
    /// More arguments of parts, which win over the harness's own.
    pub arguments: Vec<(Part, String)>,
    /// Whether there are the parts of [`Part::CSI`].
    pub csi: bool,
}

impl Options {
    /// Three nodes, in the given folder.
    pub fn in_dir(dir: impl Into<PathBuf>) -> Self {
        Self { dir: dir.into(), nodes: 3, arguments: Vec::new(), csi: false }
    }

    /// Three nodes, in a new folder below the target folder.
    pub fn temporary() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        Self::in_dir(target_dir().join(format!("cluster-tests/{}-{number}", process::id())))
    }

    /// Starts a part with one more argument, e.g. `--goaway-chance=0.02`.
    #[must_use]
    pub fn with(mut self, part: Part, argument: &str) -> Self {
        self.arguments.push((part, argument.to_owned()));
        self
    }

    /// Also starts the CSI drivers of [`Storage`](crate::Storage) with their sidecars.
    #[must_use]
    pub fn with_csi(mut self) -> Self {
        self.csi = true;
        self
    }
}

/// A control plane that ends with its owner: when this is dropped, and when the process dies.
///
/// When it is dropped by a panic, the logs stay and their place is printed.
#[derive(Debug)]
pub struct ControlPlane {
    control: Control,
    kubeconfig: PathBuf,
    supervisor: Child,
    /// Its closing ends the control plane.
    lifeline: Mutex<Option<ChildStdin>>,
}

impl ControlPlane {
    /// Starts every part with fresh data; returns when workloads can be created, in about 3 s.
    pub fn start(binary: &Path, options: &Options) -> Result<Self, Error> {
        let mut supervisor = spawn(binary, options, &[], Stdio::piped())?;
        let lifeline = Mutex::new(supervisor.stdin.take());
        await_ready(&mut supervisor)?;
        let control = Control::new(&options.dir);
        Ok(Self { kubeconfig: control.kubeconfig(), control, supervisor, lifeline })
    }

    /// Kubeconfig of an administrator.
    pub fn kubeconfig(&self) -> &Path {
        &self.kubeconfig
    }

    /// Leaves the logs in place at the end. Works also while the parts are stopped or dead.
    pub fn keep_logs(&self) {
        let mut lifeline = self.lifeline.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(pipe) = lifeline.as_mut() {
            // A supervisor that is gone keeps nothing, and there is nobody to tell.
            let _ = pipe.write_all(b"keep-logs\n");
        }
    }
}

/// The commands: status, kill, start and so on.
impl Deref for ControlPlane {
    type Target = Control;

    fn deref(&self) -> &Control {
        &self.control
    }
}

impl Drop for ControlPlane {
    #[expect(clippy::print_stderr, reason = "who reads a failed test needs the place of the logs")]
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.keep_logs();
            eprintln!("logs of the control plane: {}", self.logs().display());
        }
        self.lifeline.get_mut().unwrap_or_else(std::sync::PoisonError::into_inner).take();
        // Reaps it; a failure to do so leaves nothing to try.
        let _ = self.supervisor.wait();
    }
}

/// Starts a control plane that lives on until it is told to end, through [`Control::down`].
pub fn start_detached(binary: &Path, options: &Options) -> Result<Control, Error> {
    let mut supervisor = spawn(binary, options, &["--detach-stdin"], Stdio::null())?;
    await_ready(&mut supervisor)?;
    Ok(Control::new(&options.dir))
}

fn spawn(binary: &Path, options: &Options, flags: &[&str], stdin: Stdio) -> Result<Child, Error> {
    Command::new(binary)
        .arg("supervise")
        .arg("--dir")
        .arg(&options.dir)
        .arg(format!("--nodes={}", options.nodes))
        .args(options.arguments.iter().map(|(part, argument)| format!("--arg={part}={argument}")))
        .args(options.csi.then_some("--csi"))
        .args(flags)
        .stdin(stdin)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(Error::file("start", binary))
}

/// Returns when the supervisor says `ready`, or with what it says when it ends instead.
fn await_ready(supervisor: &mut Child) -> Result<(), Error> {
    let mut line = String::new();
    if let Some(stdout) = supervisor.stdout.take() {
        // An unreadable line is as good as none: the supervisor has failed.
        let _ = BufReader::new(stdout).read_line(&mut line);
    }
    if line == "ready\n" {
        return Ok(());
    }
    let mut message = String::new();
    if let Some(mut stderr) = supervisor.stderr.take() {
        let _ = stderr.read_to_string(&mut message);
    }
    let _ = supervisor.wait();
    Err(Error::NotStarted(message.trim().trim_start_matches("controlplane: ").to_owned()))
}
