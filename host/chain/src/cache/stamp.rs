//! What tells that a file is as it was when it was read, without reading it again: its place on the
//! disk, its size and its times, as version control systems know a file of their working folder by.
//!
//! The kernel sets a file's time of change (`ctime`) whenever its bytes, its owner or its permissions
//! change, and lets nobody choose it. Two changes within the resolution of the clock look alike,
//! though, so a stamp counts only when it was older than that before the file was read
//! (<https://git-scm.com/docs/racy-git>).

use std::fs::Metadata;
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};

#[cfg(target_os = "linux")]
use std::sync::OnceLock;

/// Age of a change that a later one cannot look like: file systems count at least in hundredths of a
/// second.
const SETTLED: Duration = Duration::from_millis(100);
/// The same where a file system seems to count in whole seconds; FAT counts in two.
const SETTLED_IN_SECONDS: Duration = Duration::from_secs(3);

/// A file as it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Stamp {
    device: u64,
    inode: u64,
    bytes: u64,
    modified: (i64, i64),
    changed: (i64, i64),
}

impl Stamp {
    /// The stamp of a file; none on systems whose files have no time of change.
    #[cfg(unix)]
    #[expect(clippy::unnecessary_wraps, reason = "other systems have none")]
    pub(super) fn of(metadata: &Metadata) -> Option<Self> {
        use std::os::unix::fs::MetadataExt as _;
        Some(Self {
            device: metadata.dev(),
            inode: metadata.ino(),
            bytes: metadata.size(),
            modified: (metadata.mtime(), metadata.mtime_nsec()),
            changed: (metadata.ctime(), metadata.ctime_nsec()),
        })
    }

    #[cfg(not(unix))]
    pub(super) fn of(_: &Metadata) -> Option<Self> {
        None
    }

    /// Where the file is: its device, and its number there.
    pub(super) fn file(&self) -> (u64, u64) {
        (self.device, self.inode)
    }

    /// Whether every later change has another stamp. `now` is a time before the file was read.
    pub(super) fn is_settled(&self, now: SystemTime) -> bool {
        let (Ok(seconds), Ok(nanos)) =
            (u64::try_from(self.changed.0), u32::try_from(self.changed.1))
        else {
            return false;
        };
        let settled = if nanos == 0 { SETTLED_IN_SECONDS } else { SETTLED };
        let changed = SystemTime::UNIX_EPOCH.checked_add(Duration::new(seconds, nanos));
        // A time of change that is still to come is one of another clock.
        changed
            .and_then(|changed| now.duration_since(changed).ok())
            .is_some_and(|age| age >= settled)
    }
}

/// What is another after each start of the system; none where the system does not tell.
#[cfg(target_os = "linux")]
pub(super) fn boot() -> Option<&'static str> {
    static BOOT: OnceLock<Option<String>> = OnceLock::new();
    // <https://docs.kernel.org/admin-guide/sysctl/kernel.html#random>
    let read = || std::fs::read_to_string("/proc/sys/kernel/random/boot_id").ok();
    BOOT.get_or_init(read).as_deref()
}

#[cfg(not(target_os = "linux"))]
pub(super) fn boot() -> Option<&'static str> {
    None
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::fs;

    use super::*;

    fn stamp(changed: (i64, i64)) -> Stamp {
        Stamp { device: 1, inode: 2, bytes: 3, modified: (0, 0), changed }
    }

    #[test]
    fn a_stamp_counts_when_the_clock_has_gone_on_since_the_change() {
        let at = |millis| SystemTime::UNIX_EPOCH + Duration::from_millis(millis);
        let fine = stamp((1_000, 1));
        assert!(!fine.is_settled(at(1_000_000)));
        assert!(!fine.is_settled(at(1_000_099)));
        assert!(fine.is_settled(at(1_000_101)));
        let coarse = stamp((1_000, 0));
        assert!(!coarse.is_settled(at(1_002_999)));
        assert!(coarse.is_settled(at(1_003_000)));
        assert!(!fine.is_settled(at(0)), "a clock that goes back");
        assert!(!stamp((-1, 1)).is_settled(at(1_000_000)), "before all clocks");
    }

    #[test]
    fn a_file_with_other_bytes_of_the_same_length_and_times_has_another_stamp() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let of = || Stamp::of(&file.as_file().metadata().unwrap()).unwrap();
        fs::write(file.path(), "one").unwrap();
        let modified = file.as_file().metadata().unwrap().modified().unwrap();
        let before = of();
        while !before.is_settled(SystemTime::now()) {
            std::thread::yield_now();
        }
        fs::write(file.path(), "two").unwrap();
        file.as_file().set_modified(modified).unwrap();
        assert_eq!(before.modified, of().modified);
        assert_ne!(before, of());
    }
}
