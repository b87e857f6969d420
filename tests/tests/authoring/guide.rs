//! Follows a guide: its commands, one after the other, in an empty folder outside of the repository.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::{env, fs};

use wellhead_tests::built;
use wellhead_tests::document::{blocks, matches, steps};

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

/// An empty folder, and a shell in it that knows the command.
pub(crate) struct Shell {
    home: tempfile::TempDir,
    folder: PathBuf,
    variables: Vec<(&'static str, PathBuf)>,
    _alone: Option<MutexGuard<'static, ()>>,
}

impl Shell {
    /// `variables` say where a language's tools keep what they fetch and build, so that one run of the
    /// tests finds what another one left.
    pub(crate) fn new(variables: Vec<(&'static str, PathBuf)>) -> Self {
        let home = tempfile::tempdir().expect("a temporary folder can be made");
        let folder = home.path().to_owned();
        Self { home, folder, variables, _alone: None }
    }

    /// The same, while no other shell has the lock: for tools that two builds at once would confuse.
    pub(crate) fn alone(self, lock: &'static Mutex<()>) -> Self {
        let guard = lock.lock().unwrap_or_else(PoisonError::into_inner);
        Self { _alone: Some(guard), ..self }
    }

    /// What a command prints on both streams, and whether it succeeded. `cd` lasts.
    pub(crate) fn run(&mut self, command: &str) -> (String, bool) {
        let mark = self.home.path().join(".folder");
        let script =
            format!("exec 2>&1\n{command}\ncode=$?; pwd > '{}'; exit $code", mark.display());
        let mut shell = Command::new("sh");
        shell
            .args(["-c", &script])
            .current_dir(&self.folder)
            .env("PATH", built::path_with_wellhead());
        // What cargo tells its children is about this repository.
        for (name, _) in env::vars_os() {
            let text = name.to_string_lossy();
            if text.starts_with("CARGO") && text != "CARGO_HOME" {
                shell.env_remove(&name);
            }
        }
        shell.env("NO_COLOR", "1").env("WELLHEAD_CACHE_DIR", kept("cache"));
        shell.env_remove("WELLHEAD_NAMESPACE").env_remove("RUSTC").env_remove("RUSTDOC");
        shell.envs(self.variables.iter().map(|(name, value)| (name, value)));
        let output = shell.output().expect("a shell");
        if let Ok(folder) = fs::read_to_string(&mark) {
            self.folder = PathBuf::from(folder.trim_end());
        }
        (String::from_utf8_lossy(&output.stdout).into_owned(), output.status.success())
    }

    /// Runs a command that succeeds, and returns what it prints.
    pub(crate) fn succeed(&mut self, command: &str) -> String {
        let (printed, success) = self.run(command);
        assert!(success, "$ {command}\n{printed}");
        printed
    }

    /// A path in the present folder.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }
}

/// Runs every `console` block of a guide.
pub(crate) fn follow(guide: &str, mut shell: Shell) {
    let blocks = blocks(&Path::new(ROOT).join(guide), "console");
    assert!(!blocks.is_empty(), "{guide} has no command");
    for block in blocks {
        for step in steps(&block) {
            let (printed, _) = shell.run(&step.command);
            let (place, command) = (&block.place, &step.command);
            assert!(matches(&step.expected, &printed), "{place}: $ {command}\n{printed}");
        }
    }
}

/// The repository's folder.
pub(crate) fn root() -> PathBuf {
    PathBuf::from(ROOT)
}

/// A folder that one run of the tests leaves to the next.
pub(crate) fn kept(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("authoring").join(name);
    fs::create_dir_all(&folder).expect("a folder can be made in the target folder");
    folder
}
