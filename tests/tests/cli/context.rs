//! A folder, an empty environment, and what a run of the command printed, as one text.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use wellhead_tests::guest::Guest;

/// A pipeline of a few lines that has nothing to warn about.
pub(crate) const PIPELINE: &str = "\
apiVersion: wellhead.dev/v1alpha1
kind: Pipeline
metadata:
  name: db
spec:
  replicas: 3
  containers:
    - name: db
      image: postgres:17
";

/// A folder of its own and a command that knows nothing of the machine around it.
pub(crate) struct Context {
    folder: tempfile::TempDir,
}

impl Context {
    /// An empty folder.
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().expect("a temporary folder can be made") }
    }

    /// A folder with [`PIPELINE`] in `db.yaml`.
    pub(crate) fn with_pipeline() -> Self {
        let context = Self::new();
        context.write("db.yaml", PIPELINE);
        context
    }

    /// A folder with [`PIPELINE`], these guests as `NAME.wasm`, and a customization in `team.yaml`
    /// that runs them; each has the lines of its entry beside name and source.
    pub(crate) fn with_guests(guests: &[(&str, &Guest, &[&str])]) -> Self {
        let context = Self::with_pipeline();
        let mut text = "apiVersion: wellhead.dev/v1alpha1\nkind: Customization\n\
                        metadata: {name: team}\nspec:\n  plugins:\n"
            .to_owned();
        for (name, guest, lines) in guests {
            context.write(&format!("{name}.wasm"), guest.build());
            let _ = writeln!(text, "    - name: {name}\n      source: {name}.wasm");
            for line in *lines {
                let _ = writeln!(text, "      {line}");
            }
        }
        context.write("team.yaml", text);
        context
    }

    /// A path in the folder.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file, and the folders that it needs.
    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("the path is in the folder"))
            .and_then(|()| fs::write(path, content))
            .expect("a file can be written in a temporary folder");
    }

    /// The command with nothing in its environment but what it may not do without.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(binary());
        command
            .args(arguments)
            .current_dir(self.folder.path())
            .env_clear()
            .env("HOME", self.path("home"))
            .env("WELLHEAD_CACHE_DIR", self.path("cache"))
            .stdin(Stdio::null());
        command
    }

    /// Runs the command.
    pub(crate) fn run(&self, arguments: &[&str]) -> String {
        self.show(&output(&mut self.command(arguments)))
    }

    /// Runs the command with a text at its standard input.
    pub(crate) fn run_with_input(&self, arguments: &[&str], input: &str) -> String {
        self.write("input", input);
        let file = fs::File::open(self.path("input")).expect("the input was just written");
        self.show(&output(self.command(arguments).stdin(file)))
    }

    /// Exit code and both streams, without what differs from run to run.
    pub(crate) fn show(&self, output: &Output) -> String {
        let code = output.status.code().map_or("none".to_owned(), |code| code.to_string());
        let stdout = String::from_utf8_lossy(&output.stdout);
        let stderr = String::from_utf8_lossy(&output.stderr);
        let folder = self.folder.path().display().to_string();
        let text =
            format!("exit code: {code}\n----- stdout -----\n{stdout}----- stderr -----\n{stderr}");
        without_digests(&text.replace(&folder, "[FOLDER]"))
    }
}

/// Runs a command to its end.
pub(crate) fn output(command: &mut Command) -> Output {
    command.output().expect("the command can be started")
}

/// What a command prints on standard output as JSON.
pub(crate) fn json(command: &mut Command) -> serde_json::Value {
    let output = output(command);
    serde_json::from_slice(&output.stdout).expect("standard output is one JSON document")
}

/// The command, which cargo puts beside the folder of this test.
fn binary() -> PathBuf {
    let test = std::env::current_exe().expect("a running program has a path");
    let folder = test.parent().and_then(Path::parent).expect("tests are in target/PROFILE/deps");
    let binary = folder.join(format!("wellhead{}", std::env::consts::EXE_SUFFIX));
    assert!(
        binary.is_file(),
        "{} is missing: run `cargo build --package wellhead` first, or `cargo xtask test`",
        binary.display()
    );
    binary
}

/// Digests depend on the compiler that built a plugin.
fn without_digests(text: &str) -> String {
    let mut parts = text.split("sha256:");
    let mut shown = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        shown += "sha256:[DIGEST]";
        shown += part.trim_start_matches(|c: char| c.is_ascii_hexdigit());
    }
    shown
}
