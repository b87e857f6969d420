//! Commands to a control plane that runs.

use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};

use crate::{Error, Part, Status, Storage};

/// A way to command the control plane of a folder, whoever started it.
#[derive(Clone, Debug)]
pub struct Control {
    dir: PathBuf,
}

impl Control {
    /// Commands the control plane of the folder. Nothing is asked yet.
    pub fn new(dir: impl Into<PathBuf>) -> Self {
        Self { dir: dir.into() }
    }

    /// Folder of the control plane.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Kubeconfig of an administrator.
    pub fn kubeconfig(&self) -> PathBuf {
        self.dir.join("kubeconfig")
    }

    /// Folder with the data, keys and tokens of the parts.
    pub fn data(&self) -> PathBuf {
        self.dir.join("data")
    }

    /// Folder with one log file per part.
    pub fn logs(&self) -> PathBuf {
        self.dir.join("logs")
    }

    /// The CSI drivers of a control plane [with CSI](crate::Options::with_csi).
    pub fn storage(&self) -> Storage {
        Storage::new(self.dir.join("csi"))
    }

    /// Says what runs, and asks each part whether it serves.
    pub fn status(&self) -> Result<Status, Error> {
        let answer = self.request("status")?;
        serde_json::from_str(&answer).map_err(Error::UnreadableAnswer)
    }

    /// Ends a part with SIGKILL; returns when its process is gone.
    pub fn kill(&self, part: Part) -> Result<(), Error> {
        self.command("kill", part)
    }

    /// Starts a part that was killed, on its old port and data; returns when it serves.
    pub fn start_part(&self, part: Part) -> Result<(), Error> {
        self.command("start", part)
    }

    /// Holds a part with SIGSTOP: it keeps its connections and answers nothing.
    pub fn stop(&self, part: Part) -> Result<(), Error> {
        self.command("stop", part)
    }

    /// Lets a held part go on.
    pub fn cont(&self, part: Part) -> Result<(), Error> {
        self.command("cont", part)
    }

    /// Ends every process and removes every file; returns when the last process ends.
    pub fn down(&self) -> Result<(), Error> {
        let (mut connection, _) = self.exchange("down")?;
        // The supervisor's end of the connection closes with its process.
        let mut rest = Vec::new();
        connection
            .read_to_end(&mut rest)
            .map(drop)
            .map_err(|source| Error::NotRunning { dir: self.dir.clone(), source })
    }

    fn command(&self, command: &str, part: Part) -> Result<(), Error> {
        self.request(&format!("{command} {part}")).map(drop)
    }

    fn request(&self, request: &str) -> Result<String, Error> {
        self.exchange(request).map(|(_, answer)| answer)
    }

    /// Sends one line and returns the connection and what follows `ok` in the answer.
    fn exchange(&self, request: &str) -> Result<(impl Read, String), Error> {
        let not_running = |source| Error::NotRunning { dir: self.dir.clone(), source };
        let mut connection =
            UnixStream::connect(self.dir.join("control.sock")).map_err(not_running)?;
        connection.write_all(format!("{request}\n").as_bytes()).map_err(not_running)?;
        let mut connection = BufReader::new(connection);
        let mut answer = String::new();
        connection.read_line(&mut answer).map_err(not_running)?;
        match answer.trim_end().strip_prefix("ok") {
            Some(text) => Ok((connection, text.trim_start().to_owned())),
            None => Err(Error::Refused {
                request: request.to_owned(),
                reason: answer.trim_end().trim_start_matches("error ").to_owned(),
            }),
        }
    }
}
