//! The CSI drivers of a control plane: where their volumes are, what they did, and what they shall do wrong.

use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use serde::{Deserialize, Serialize};

use crate::Error;

/// A CSI driver of the control plane. Its volumes are folders.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Driver {
    /// Can do all that a driver of folders can: expand, clone, take snapshots, change attributes. Its storage
    /// classes are `csi`, `csi-fast`, `csi-alone`, `csi-small`, `csi-node`, `csi-wait`, `csi-retain`
    /// and `csi-fixed`.
    Folders,
    /// Makes empty volumes only, of the class `csi-plain`.
    Plain,
}

impl Driver {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Folders, Self::Plain];

    /// Name of the driver, as in a storage class and in a volume.
    pub fn name(self) -> &'static str {
        match self {
            Self::Folders => "folders.csi.wellhead.dev",
            Self::Plain => "plain.csi.wellhead.dev",
        }
    }

    fn folder(self) -> &'static str {
        match self {
            Self::Folders => "folders",
            Self::Plain => "plain",
        }
    }
}

impl fmt::Display for Driver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// The storage of a control plane [with CSI](crate::Options::with_csi). It works while parts are dead, too.
#[derive(Clone, Debug)]
pub struct Storage {
    dir: PathBuf,
}

/// What the next calls of a driver do wrong.
///
/// ```
/// # use wellhead_harness::VolumeFault;
/// // The volume grows, but the answer is lost, twice.
/// let fault = VolumeFault::of("ControllerExpandVolume")
///     .matching("pvc-0815").ending("Internal", "connection reset").times(2).after_the_work();
/// ```
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct VolumeFault {
    method: String,
    #[serde(rename = "match")]
    matching: String,
    code: String,
    message: String,
    times: u32,
    delay_ms: u64,
    after: bool,
    crash: bool,
}

impl VolumeFault {
    /// A fault of a method of the CSI specification, e.g. `CreateVolume`, that does nothing yet.
    pub fn of(method: &str) -> Self {
        Self { method: method.to_owned(), ..Self::default() }
    }

    /// Only for requests that contain this text, as JSON without spaces. Requests for new volumes contain the
    /// names of claim and namespace, those for new snapshots the ones of snapshot and namespace, and all
    /// others the id of the volume.
    #[must_use]
    pub fn matching(mut self, text: &str) -> Self {
        text.clone_into(&mut self.matching);
        self
    }

    /// The call ends with a code of gRPC, e.g. `ResourceExhausted`.
    #[must_use]
    pub fn ending(mut self, code: &str, message: &str) -> Self {
        code.clone_into(&mut self.code);
        message.clone_into(&mut self.message);
        self
    }

    /// It happens this often; otherwise until it is [taken back](Injected::take_back).
    #[must_use]
    pub fn times(mut self, times: u32) -> Self {
        self.times = times;
        self
    }

    /// The call waits before it does anything.
    #[must_use]
    pub fn delayed(mut self, milliseconds: u64) -> Self {
        self.delay_ms = milliseconds;
        self
    }

    /// The work is done, and only then the call ends as the fault says: its answer is lost.
    #[must_use]
    pub fn after_the_work(mut self) -> Self {
        self.after = true;
        self
    }

    /// The driver's process ends instead of answering; it is started again.
    #[must_use]
    pub fn crashing(mut self) -> Self {
        self.crash = true;
        self
    }
}

/// What the next copies of copy Jobs do wrong.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CopyFault {
    /// Text that `NAMESPACE/POD` must contain.
    #[serde(rename = "match")]
    pub matching: String,
    /// How often it happens; 0: until it is [taken back](Injected::take_back).
    pub times: u32,
    /// The container is killed when half of the bytes are there, in the middle of a file.
    pub half: bool,
    /// One byte of the target differs; the digests that the container prints tell.
    pub damage: bool,
    /// The copy waits this many milliseconds when half of the bytes are there.
    pub delay_ms: u64,
}

/// A call that a driver answered. Calls that only ask for abilities are not recorded.
#[derive(Clone, Debug, Deserialize)]
#[non_exhaustive]
pub struct Call {
    /// Method of the CSI specification.
    pub method: String,
    /// The request, with the names of the specification.
    pub request: serde_json::Value,
    /// The response of a call that ended well.
    #[serde(default)]
    pub response: serde_json::Value,
    /// Code of gRPC; `OK` is good.
    pub code: String,
    /// What goes with the code.
    #[serde(default)]
    pub message: String,
    /// Whether a fault took part in it.
    #[serde(default)]
    pub fault: bool,
    /// Whether the work was done, whatever the code says.
    pub done: bool,
}

/// A folder that a driver was told to delete. It is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Discarded {
    /// `volumes` or `snapshots`.
    pub kind: &'static str,
    /// Its id.
    pub id: String,
    /// Its bytes.
    pub data: PathBuf,
}

impl Storage {
    pub(crate) fn new(dir: PathBuf) -> Self {
        Self { dir }
    }

    fn root(&self, driver: Driver) -> PathBuf {
        self.dir.join(driver.folder())
    }

    /// The folder with the bytes of a volume, by what a `PersistentVolume` has in `spec.csi`. A driver of another
    /// name has none.
    pub fn volume(&self, driver: &str, handle: &str) -> Option<PathBuf> {
        let driver = Driver::ALL.into_iter().find(|one| one.name() == driver)?;
        Some(self.root(driver).join("volumes").join(handle).join("data"))
    }

    /// The folder with the bytes of a snapshot, by the handle in its content's status.
    pub fn snapshot(&self, handle: &str) -> PathBuf {
        self.root(Driver::Folders).join("snapshots").join(handle).join("data")
    }

    /// Ids of the volumes of a driver that it was not told to delete.
    pub fn volumes(&self, driver: Driver) -> Result<Vec<String>, Error> {
        names(&self.root(driver).join("volumes"))
    }

    /// Ids of the snapshots that no driver was told to delete.
    pub fn snapshots(&self) -> Result<Vec<String>, Error> {
        names(&self.root(Driver::Folders).join("snapshots"))
    }

    /// All that a driver was told to delete: an oracle for bytes that no one should have deleted.
    pub fn trash(&self, driver: Driver) -> Result<Vec<Discarded>, Error> {
        let mut found = Vec::new();
        for kind in ["volumes", "snapshots"] {
            let folder = self.root(driver).join("trash").join(kind);
            found.extend(names(&folder)?.into_iter().map(|id| {
                let data = folder.join(&id).join("data");
                Discarded { kind, id, data }
            }));
        }
        Ok(found)
    }

    /// What a driver was asked, in the order of its answers.
    pub fn calls(&self, driver: Driver) -> Result<Vec<Call>, Error> {
        let path = self.root(driver).join("calls.jsonl");
        let text = match fs::read_to_string(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
            text => text.map_err(Error::file("read", &path))?,
        };
        // A line without its end is being written.
        let lines = text.split_inclusive('\n').filter(|line| line.ends_with('\n'));
        lines.map(|line| serde_json::from_str(line).map_err(Error::UnreadableAnswer)).collect()
    }

    /// Makes the next calls of a driver go wrong, until the fault is used up or taken back. Faults of earlier
    /// calls of this function come first.
    pub fn inject(&self, driver: Driver, fault: &VolumeFault) -> Result<Injected, Error> {
        put(&self.root(driver).join("faults"), fault)
    }

    /// Makes the next copies of copy Jobs go wrong, until the fault is used up or taken back.
    pub fn inject_copy(&self, fault: &CopyFault) -> Result<Injected, Error> {
        put(&self.dir.join("copier/faults"), fault)
    }
}

/// A fault that was injected.
#[derive(Debug)]
pub struct Injected {
    file: PathBuf,
}

impl Injected {
    /// Whether it has not happened as often as it shall.
    pub fn is_left(&self) -> bool {
        self.file.exists()
    }

    /// Takes the fault back.
    pub fn take_back(self) -> Result<(), Error> {
        match fs::remove_file(&self.file) {
            // Used up.
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            result => result.map_err(Error::file("remove", &self.file)),
        }
    }
}

/// Writes a fault as a file of its own, in one step.
fn put(folder: &Path, fault: &impl Serialize) -> Result<Injected, Error> {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    fs::create_dir_all(folder).map_err(Error::file("create", folder))?;
    let unfinished = folder.join(format!("{number:08}.new"));
    let text = serde_json::to_vec(fault).map_err(Error::UnreadableAnswer)?;
    fs::write(&unfinished, text).map_err(Error::file("write", &unfinished))?;
    let file = unfinished.with_extension("json");
    fs::rename(&unfinished, &file).map_err(Error::file("create", &file))?;
    Ok(Injected { file })
}

/// Names in a folder, sorted, without those that start with a dot; a folder that does not exist has none.
fn names(folder: &Path) -> Result<Vec<String>, Error> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(Error::file("read", folder))?,
    };
    let mut found = Vec::new();
    for entry in entries {
        let name = entry.map_err(Error::file("read", folder))?.file_name();
        found.push(name.to_string_lossy().into_owned());
    }
    found.retain(|name| !name.starts_with('.'));
    found.sort();
    Ok(found)
}
