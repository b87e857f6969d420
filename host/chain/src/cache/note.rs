//! What a run notes of a plugin whose digests it has compared, so that the next one need not read both
//! files again: that is half of what loading a compiled plugin takes.
//!
//! A note says that a component with this stamp has this digest, and that the entry with that stamp
//! fits its own. It ends:
//! - with every change of one of the two files, whoever makes it ([`Stamp`]);
//! - with the time of the entry's last use, which is renewed every hour ([`files::touch`]);
//! - with the next start of the system, since nobody knows what a power failure left of a file.
//!
//! Only the cache's user can write one, like an entry. Who else can write the component cannot choose
//! its time of change. Even with another system's file whose times lie, no more than this happens: the
//! plugin that was there before is used again, under its own digest.

use std::fs::Metadata;
use std::io;
use std::io::{Read as _, Write as _};
use std::time::SystemTime;

use serde::{Deserialize, Serialize};
use wellhead_spec::PrivateFolder as Folder;

use super::files;
use super::stamp::{Stamp, boot};
use crate::Description;

/// Most bytes of a note. A description has a schema of at most 256 KiB, whose quotes are escaped.
const MOST: u64 = 1 << 20;

/// Bytes of most notes, which are then read at once.
const USUAL: usize = 8 << 10;

/// What is noted.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Note {
    boot: String,
    component: Stamp,
    entry: Stamp,
    /// SHA-256 of the component, in hexadecimal.
    pub(super) digest: String,
    /// What the entry holds of the plugin besides its code.
    pub(super) description: Description,
}

impl Note {
    /// The note of a plugin whose digests were compared after `since`; none where the system does not
    /// tell enough about its files, or where one of them changed too shortly before.
    pub(super) fn new(
        since: SystemTime,
        (component, entry): (&Metadata, &Metadata),
        digest: &str,
        description: &Description,
    ) -> Option<Self> {
        let stamp = |of: &Metadata| Stamp::of(of).filter(|stamp| stamp.is_settled(since));
        Some(Self {
            component: stamp(component)?,
            entry: stamp(entry)?,
            boot: boot()?.to_owned(),
            digest: digest.to_owned(),
            description: description.clone(),
        })
    }

    /// Reads a note that is still true of the component.
    pub(super) fn read(folder: &Folder, name: &str, component: &Metadata) -> Option<Self> {
        let (file, _) = folder.file(name).ok()?;
        let mut text = Vec::with_capacity(USUAL);
        file.take(MOST).read_to_end(&mut text).ok()?;
        let note: Self = serde_json::from_slice(&text).ok()?;
        let holds =
            Some(note.component) == Stamp::of(component) && Some(note.boot.as_str()) == boot();
        holds.then_some(note)
    }

    /// Whether it is still true of the entry.
    pub(super) fn holds_for(&self, entry: &Metadata) -> bool {
        Some(self.entry) == Stamp::of(entry)
    }

    /// Writes the note in the place of an earlier one.
    pub(super) fn write(&self, folder: &Folder, name: &str) -> io::Result<()> {
        let note = serde_json::to_vec(self)?;
        folder.write(name, |file| file.write_all(&note))
    }
}

/// Name of the note of a component, for one engine and one set of budgets.
pub(super) fn name(component: &Metadata, budgets: &str, engine: &str) -> Option<String> {
    let (device, inode) = Stamp::of(component)?.file();
    Some(files::note(&format!("{device:x}-{inode:x}-{budgets}-{engine}")))
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::fs;
    use std::path::PathBuf;
    use std::time::Duration;

    use super::*;

    fn description() -> Description {
        Description {
            name: "a".to_owned(),
            version: "1".to_owned(),
            description: "b".to_owned(),
            config_schema: serde_json::json!({"type": "object"}),
            writes: vec!["replicas".to_owned()],
            transforms: true,
            ..Description::empty()
        }
    }

    /// A note of two files that changed an hour before it, where it is kept, and the two.
    struct Kept {
        folder: tempfile::TempDir,
    }

    impl Kept {
        fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            for file in ["component", "entry"] {
                fs::write(folder.path().join(file), file).unwrap();
            }
            let kept = Self { folder };
            let since = SystemTime::now() + Duration::from_hours(1);
            kept.note(since).unwrap().write(&kept.held(), "note").unwrap();
            kept
        }

        fn held(&self) -> Folder {
            Folder::open(self.folder.path()).unwrap()
        }

        fn path(&self, file: &str) -> PathBuf {
            self.folder.path().join(file)
        }

        fn metadata(&self, file: &str) -> Metadata {
            fs::metadata(self.path(file)).unwrap()
        }

        fn note(&self, since: SystemTime) -> Option<Note> {
            let files = (self.metadata("component"), self.metadata("entry"));
            Note::new(since, (&files.0, &files.1), "digest", &description())
        }

        fn read(&self) -> Option<Note> {
            let note = Note::read(&self.held(), "note", &self.metadata("component"))?;
            note.holds_for(&self.metadata("entry")).then_some(note)
        }
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_note_holds_until_one_of_its_files_changes() {
        let kept = Kept::new();
        let note = kept.read().unwrap();
        assert_eq!((note.digest.as_str(), note.description), ("digest", description()));
        for file in ["component", "entry"] {
            let kept = Kept::new();
            fs::write(kept.path(file), file).unwrap();
            assert!(kept.read().is_none(), "{file} was written again");
            let kept = Kept::new();
            fs::copy(kept.path(file), kept.path("copy")).unwrap();
            fs::rename(kept.path("copy"), kept.path(file)).unwrap();
            assert!(kept.read().is_none(), "{file} is another file");
        }
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_note_of_another_start_of_the_system_and_a_damaged_one_do_not_hold() {
        let kept = Kept::new();
        let text = fs::read_to_string(kept.path("note")).unwrap();
        let other = text.replace(&boot().unwrap()[..8], "00000000");
        assert_ne!(text, other);
        for text in [&other, &text[..text.len() / 2], ""] {
            fs::write(kept.path("note"), text).unwrap();
            assert!(kept.read().is_none(), "{text}");
        }
    }

    #[test]
    fn what_changed_only_now_is_not_noted() {
        assert!(Kept::new().note(SystemTime::now() - Duration::from_secs(1)).is_none());
    }
}
