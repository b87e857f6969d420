//! An imported pipeline as a file that a person keeps: comments say what it was made from and what it leaves out.

use std::fmt::Write as _;

use wellhead_spec::sanitize;

use super::json::{object_name, text};
use super::sets::Group;
use super::{Import, ImportFinding};

/// Most characters of a comment.
const LINE: usize = 500;

/// What a set comes from, in a few words.
pub(super) fn source(set: &Group<'_>) -> String {
    let object = object_name(set.stateful_set);
    let place = match set.manifest {
        Some(manifest) if manifest.location.file.as_os_str() == "-" => "standard input".to_owned(),
        Some(manifest) => manifest.location.file.display().to_string(),
        None => format!("namespace {}", text(set.stateful_set, "/metadata/namespace")),
    };
    format!("{object} of {place}")
}

impl Import {
    /// A pipeline as a document of YAML that begins with comments: what it was made from, and what it does not say. The
    /// same import gives the same text.
    ///
    /// # Panics
    ///
    /// Where there is no pipeline at this position.
    pub fn to_yaml(&self, index: usize) -> String {
        let mut written = String::new();
        let mut comment = |text: &str| {
            let _ = writeln!(written, "# {}", sanitize(text, LINE));
        };
        comment(&format!("Imported from {}.", self.sources[index]));
        let mut findings = self.findings.iter().filter(|it| it.pipeline == Some(index)).peekable();
        if findings.peek().is_some() {
            comment("What it does not say, or not in the same way:");
        }
        findings.for_each(|finding| comment(&format!("- {}", describe(finding))));
        written + &self.pipelines[index].to_yaml()
    }
}

fn describe(finding: &ImportFinding) -> String {
    format!("{}: {}", finding.object, finding.message)
}
