//! The cache: what is damaged is made anew, writers do not meet, and it stays within its size.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, SystemTime};

use tempfile::TempDir;
use wellhead_chain::{Cache, CacheEntry, Compiler};
use wellhead_tests::built;
use wellhead_tests::guest::Guest;

use crate::support::load;

/// The option that lets no plugin be compiled: what succeeds was in the cache.
const ONLY_CACHED: [&str; 2] = ["--compile-memory", "1Mi"];

/// A plugin in a folder of its own, which also has the cache.
struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("there is a folder for temporary files");
        fs::write(folder.path().join("plugin.wasm"), Guest::new().build())
            .expect("the folder can be written");
        Self(folder)
    }

    fn cache(&self) -> PathBuf {
        self.0.path().join("compiled")
    }

    fn inspect(&self, options: &[&str]) -> Command {
        let mut command = Command::new(built::wellhead());
        command.args(["plugin", "inspect"]).arg(self.0.path().join("plugin.wasm")).args(options);
        command.env("WELLHEAD_CACHE_DIR", self.0.path()).stdin(Stdio::null());
        command.env_remove("WELLHEAD_LOG");
        command
    }

    fn run(&self, options: &[&str]) -> Output {
        self.inspect(options).output().expect("the command starts")
    }

    /// Loads the plugin in a run of its own, and tells what was said about it.
    fn load(&self) -> String {
        let output = self.run(&[]);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{said}");
        said
    }

    fn is_cached(&self) -> bool {
        self.run(&ONLY_CACHED).status.success()
    }

    /// The only file of the cache.
    fn entry(&self) -> PathBuf {
        let files = files(&self.cache());
        assert_eq!(files.len(), 1, "{files:?}");
        files[0].clone()
    }
}

fn files(directory: &Path) -> Vec<PathBuf> {
    let files = fs::read_dir(directory).into_iter().flatten();
    files.map(|file| file.expect("the directory can be read").path()).collect()
}

#[test]
fn a_plugin_is_compiled_once() {
    let folder = Folder::new();
    assert!(!folder.is_cached());
    assert_eq!(folder.load(), "");
    assert!(folder.is_cached());
}

#[test]
fn an_entry_is_its_users_alone() {
    let folder = Folder::new();
    folder.load();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&folder.cache()), mode(&folder.entry())), (0o700, 0o600));
}

#[test]
fn a_flipped_byte_anywhere_is_noticed_and_the_entry_made_anew() {
    let folder = Folder::new();
    folder.load();
    let good = fs::read(folder.entry()).unwrap();
    let length = good.len();
    // The code's beginning and middle, the description, its length, the digest.
    for at in [0, length / 2, length - 50, length - 40, length - 33, length - 32, length - 1] {
        let mut bad = good.clone();
        bad[at] ^= 1;
        fs::write(folder.entry(), bad).unwrap();
        let said = folder.load();
        assert_eq!(
            said.matches("a damaged cache entry is compiled again").count(),
            1,
            "{at}: {said}"
        );
        assert!(fs::read(folder.entry()).unwrap() == good, "{at}: the entry is as it was");
        assert!(folder.is_cached());
    }
}

#[test]
fn a_cut_entry_is_made_anew() {
    let folder = Folder::new();
    folder.load();
    let good = fs::read(folder.entry()).unwrap();
    for length in [0, 1, 40, good.len() / 2, good.len() - 1] {
        fs::write(folder.entry(), &good[..length]).unwrap();
        assert!(folder.load().contains("damaged"), "{length}");
        assert!(fs::read(folder.entry()).unwrap() == good, "{length}");
    }
}

#[test]
fn an_entry_under_another_ones_name_is_made_anew() {
    let folder = Folder::new();
    folder.load();
    let (mine, good) = (folder.entry(), fs::read(folder.entry()).unwrap());
    let cache = Cache::new(folder.cache());
    let other = Guest::new().name("other").build();
    load(Compiler::in_process(), &other, Some(&cache)).unwrap();
    let other = files(&folder.cache()).into_iter().find(|path| *path != mine).unwrap();
    fs::copy(other, &mine).unwrap();
    assert!(folder.load().contains("damaged"));
    assert!(fs::read(mine).unwrap() == good);
}

#[test]
fn an_entry_for_another_engine_is_left_alone() {
    let folder = Folder::new();
    folder.load();
    let mine = folder.entry();
    let name = mine.file_name().unwrap().to_str().unwrap();
    let other =
        mine.with_file_name(name.replace(&name[name.len() - 22..], "0123456789abcdef.cwasm"));
    fs::rename(&mine, &other).unwrap();
    assert!(!folder.is_cached(), "it is not used");
    assert_eq!(folder.load(), "");
    assert!(other.exists() && mine.exists());
}

#[test]
fn processes_that_compile_the_same_plugin_at_once_do_not_meet() {
    let folder = Folder::new();
    let mut quiet = folder.inspect(&[]);
    quiet.stdout(Stdio::null()).stderr(Stdio::piped());
    let running: Vec<_> = (0..6).map(|_| quiet.spawn().unwrap()).collect();
    for process in running {
        let output = process.wait_with_output().unwrap();
        assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
    }
    folder.entry();
    assert!(folder.is_cached());
}

#[test]
fn a_directory_that_others_can_write_is_not_used() {
    let folder = Folder::new();
    folder.load();
    fs::set_permissions(folder.cache(), fs::Permissions::from_mode(0o777)).unwrap();
    let said = folder.load();
    assert_eq!(said.matches("the cache is not used").count(), 1, "{said}");
    assert!(said.contains("other users can write to"), "{said}");
    assert!(!folder.is_cached());
}

#[test]
fn an_entry_that_others_can_write_is_not_used() {
    let folder = Folder::new();
    folder.load();
    fs::set_permissions(folder.entry(), fs::Permissions::from_mode(0o666)).unwrap();
    assert!(!folder.is_cached());
    assert!(folder.load().contains("the cache is not used"));
    assert!(folder.is_cached(), "another file is in its place");
}

#[test]
fn a_directory_that_cannot_be_made_only_costs_time() {
    let folder = Folder::new();
    fs::write(folder.cache(), "a file").unwrap();
    assert_eq!(folder.load().matches("the cache is not used").count(), 1);
}

/// The names of plugins in the cache, and their entries.
fn names(cache: &Cache) -> Vec<String> {
    let entries = cache.entries().expect("the cache can be read");
    let mut names: Vec<_> =
        entries.iter().filter_map(CacheEntry::description).map(|it| it.name).collect();
    names.sort();
    names
}

fn put(cache: &Cache, name: &str) {
    let plugin = Guest::new().name(name).build();
    load(Compiler::in_process(), &plugin, Some(cache)).expect("the plugin is valid");
}

#[test]
fn what_was_not_used_for_longest_goes_when_there_is_too_much() {
    let folder = tempfile::tempdir().unwrap();
    // Each run has a cache of its own.
    let run = || Cache::new(folder.path());
    for name in ["a", "b", "c"] {
        put(&run(), name);
    }
    let entries = run().entries().unwrap();
    let room = entries.iter().map(|it| it.bytes).sum();
    let hours = |hours| SystemTime::now() - Duration::from_hours(hours);
    for entry in &entries {
        let name = entry.description().unwrap().name;
        let used = hours(if name == "b" { 9 } else { 5 });
        fs::File::open(&entry.path).unwrap().set_modified(used).unwrap();
    }
    put(&run(), "a");
    put(&run().with_capacity(room), "d");
    assert_eq!(names(&run()), ["a", "c", "d"], "b was not used for longest");
    put(&run().with_capacity(room), "e");
    assert_eq!(names(&run()), ["a", "d", "e"], "a use renews an entry");
}

#[test]
fn what_a_run_uses_stays_even_when_it_is_too_much() {
    let folder = tempfile::tempdir().unwrap();
    let cache = Cache::new(folder.path()).with_capacity(1);
    for name in ["a", "b"] {
        put(&cache, name);
    }
    assert_eq!(names(&cache), ["a", "b"]);
    put(&Cache::new(folder.path()).with_capacity(1), "c");
    assert_eq!(names(&cache), ["c"]);
}
