//! A plugin that does what its config says, all of it wrong.

use crate::guide::Shell;

const PIPELINE: &str = "\
apiVersion: wellhead.dev/v1alpha1
kind: Pipeline
metadata: {name: db}
spec:
  containers: [{name: db, image: \"postgres:17\"}]
";

/// The plugin in the present folder of a shell, built.
pub(crate) struct Misbehaviour {
    shell: Shell,
}

impl Misbehaviour {
    pub(crate) fn new(shell: Shell) -> Self {
        std::fs::write(shell.path("db.yaml"), PIPELINE).expect("a file can be written");
        Self { shell }
    }

    /// What the host says when the plugin does `what`.
    pub(crate) fn run(&mut self, what: &str) -> String {
        let command = format!(
            "echo 'team: {what}' > config.yaml && \
             wellhead plugin run my-plugin.wasm -f db.yaml --config config.yaml"
        );
        self.shell.run(&command).0
    }
}

/// How a rejection names the line of a source in which `text` stands.
pub(crate) fn refused(source: &str, text: &str, file: &str) -> String {
    let line = source.lines().position(|line| line.contains(text)).expect("a line has the text");
    format!("({file}:{})", line + 1)
}
