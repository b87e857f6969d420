//! Notes: what an earlier run compared is not read again, and whatever changes is.

use std::fs;
use std::path::PathBuf;

use tempfile::TempDir;
use wellhead_chain::{Allocation, Cache, Compiler, Engine, LoadOptions, Plugin};
use wellhead_tests::guest::Guest;

use crate::support::eventually;

/// A plugin that an earlier run has noted, and what loads it.
struct Noted {
    folder: TempDir,
    engine: Engine,
    cache: Cache,
}

impl Noted {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("there is a folder for temporary files");
        let engine = Engine::new(Allocation::OnDemand, Compiler::in_process());
        let engine = engine.expect("the engine starts");
        let cache = Cache::new(folder.path().join("compiled"));
        let noted = Self { folder, engine, cache };
        noted.put("one");
        noted.compile();
        noted.note();
        noted
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("plugin.wasm")
    }

    /// Writes a plugin of this name in the place of the one before.
    fn put(&self, name: &str) {
        fs::write(self.path(), Guest::new().name(name).build()).expect("the folder can be written");
    }

    fn options(&self) -> LoadOptions<'_> {
        LoadOptions { cache: Some(&self.cache), ..LoadOptions::default() }
    }

    fn compile(&self) -> Plugin {
        Plugin::load(&self.engine, "plugin", &self.path(), &self.options()).expect("it is valid")
    }

    fn read(&self) -> Option<Plugin> {
        Plugin::load_cached(&self.engine, &self.path(), &self.options())
    }

    fn recall(&self) -> Option<Plugin> {
        Plugin::recall(&self.engine, &self.path(), &self.options())
    }

    /// Reads until what was read changed long enough before to be noted.
    fn note(&self) {
        eventually("the plugin is noted", || {
            assert!(self.read().is_some(), "it is in the cache");
            self.recall().is_some()
        });
    }

    /// The file of the cache whose name ends so.
    fn file(&self, end: &str) -> PathBuf {
        let files = fs::read_dir(self.cache.directory()).expect("there is a cache");
        let mut files = files.map(|file| file.expect("it can be read").path());
        files.find(|path| path.to_string_lossy().ends_with(end)).expect("there is one")
    }
}

#[test]
fn a_noted_plugin_is_the_one_that_was_read() {
    let noted = Noted::new();
    let (read, recalled) = (noted.read().unwrap(), noted.recall().unwrap());
    assert_eq!(read.digest(), recalled.digest());
    assert_eq!(read.description(), recalled.description());
}

#[test]
fn another_plugin_in_its_place_is_not_mistaken_for_it() {
    let noted = Noted::new();
    let times = fs::metadata(noted.path()).unwrap().modified().unwrap();
    // A name of the same length, so that the file has the same size, and the same time.
    noted.put("two");
    fs::File::options().write(true).open(noted.path()).unwrap().set_modified(times).unwrap();
    assert!(noted.recall().is_none());
    assert!(noted.read().is_none(), "nobody has compiled it");
    assert_eq!(noted.compile().description().name, "two");
    noted.note();
    assert_eq!(noted.recall().unwrap().description().name, "two");
}

#[test]
fn an_entry_that_changed_is_compared_again() {
    let noted = Noted::new();
    let entry = noted.file(".cwasm");
    let times = fs::metadata(&entry).unwrap().modified().unwrap();
    let mut bytes = fs::read(&entry).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&entry, bytes).unwrap();
    fs::File::options().write(true).open(&entry).unwrap().set_modified(times).unwrap();
    assert!(noted.recall().is_none());
    assert!(noted.read().is_none(), "it does not fit its digest");
    noted.compile();
    noted.note();
}

#[test]
fn a_note_without_its_entry_is_nothing() {
    let noted = Noted::new();
    fs::remove_file(noted.file(".cwasm")).unwrap();
    assert!(noted.recall().is_none());
}

#[test]
fn a_note_that_others_can_write_is_not_read() {
    use std::os::unix::fs::PermissionsExt as _;
    let noted = Noted::new();
    let note = noted.file(".noted");
    assert_eq!(fs::metadata(&note).unwrap().permissions().mode() & 0o777, 0o600);
    fs::set_permissions(note, fs::Permissions::from_mode(0o622)).unwrap();
    assert!(noted.recall().is_none());
}

#[test]
fn a_note_under_other_budgets_is_another_one() {
    let noted = Noted::new();
    let mut options = noted.options();
    options.limits.structure.functions += 1;
    assert!(Plugin::recall(&noted.engine, &noted.path(), &options).is_none());
}

#[test]
fn notes_are_cleared_with_the_entries() {
    let noted = Noted::new();
    noted.cache.clear().unwrap();
    assert_eq!(fs::read_dir(noted.cache.directory()).unwrap().count(), 0);
}
