//! `wellhead upgrade`: other versions of plugins, in customizations and locks at once.

use std::path::PathBuf;

use clap::Args;
use serde::Serialize;
use wellhead::{EditedFile, SourceEdit, UpgradeDraft, UpgradeTarget, draft_upgrade};
use wellhead_diagnostics::Code;
use wellhead_spec::{MAX_FILE, PluginReference, read_file};

use crate::cli::args::accept::Accept;
use crate::cli::args::files;
use crate::cli::args::format::Text;
use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::output::diagnostic::Diagnostic;
use crate::cli::output::envelope::Envelope;
use crate::cli::output::file::replace_text;

/// Upgrade plugins of registries in customizations and their locks
///
/// Replaces the version in each `source` and keeps everything else of the file: comments, order and quotes. Then the lock pins the
/// new version. What it asks for beyond the version before must be accepted by `--accept`, as with `wellhead lock`; without that,
/// nothing is written and the version before goes on working. A command that is killed leaves nothing half-written: the same
/// command finishes. `wellhead impact` shows what an upgrade changes, before.
#[derive(Debug, Args)]
pub(crate) struct Upgrade {
    /// Only these entries: ENTRY, or CUSTOMIZATION/ENTRY [default: all]
    #[arg(value_name = "NAME")]
    names: Vec<String>,
    /// Customization: a file or a folder
    #[arg(short, long, value_name = "CUSTOMIZATION", required = true, num_args = 1..)]
    customization: Vec<PathBuf>,
    /// This version, or `newest` [default: the newest that is compatible]
    #[arg(long, value_name = "VERSION", value_parser = target)]
    to: Option<UpgradeTarget>,
    #[command(flatten)]
    accept: Accept,
    /// Write nothing; refuse what an upgrade would refuse
    #[arg(long)]
    dry_run: bool,
    /// Output format
    #[arg(short, long, value_name = "FORMAT", default_value = "text")]
    output: Text,
}

fn target(text: &str) -> Result<UpgradeTarget, String> {
    if text == "newest" {
        return Ok(UpgradeTarget::Newest);
    }
    let reference = format!("oci://registry.example.com/plugin:{text}").parse::<PluginReference>();
    match reference {
        Ok(it) if it.tag() == Some(text) => Ok(UpgradeTarget::Version(text.to_owned())),
        Ok(_) => Err("it is not a version".to_owned()),
        Err(error) => Err(error.reason().to_owned()),
    }
}

#[derive(Serialize)]
struct Upgraded<'u> {
    upgrades: Vec<One<'u>>,
    /// The files that were written, or would be.
    files: Vec<PathBuf>,
    written: bool,
}

#[derive(Serialize)]
struct One<'u> {
    entry: &'u str,
    file: &'u PathBuf,
    line: usize,
    from: &'u str,
    to: &'u str,
}

impl<'u> One<'u> {
    fn of(edit: &'u SourceEdit) -> Self {
        let SourceEdit { entry, file, line, from, to } = edit;
        Self { entry, file, line: *line, from, to }
    }
}

impl Upgrade {
    pub(crate) fn is_json(&self) -> bool {
        self.output == Text::Json
    }

    pub(crate) fn run(&self, context: &Context) -> Result<Exit, Failure> {
        if self.customization.iter().any(|it| it.as_os_str() == "-") {
            let hint = "name a file or a folder with `-c`";
            return Err(Failure::usage("standard input cannot be edited", hint));
        }
        let request = files::request([&[], &self.customization, &[]], context, None)?;
        let target = self.to.clone().unwrap_or(UpgradeTarget::Compatible);
        let draft = draft_upgrade(&request, &self.names, &target)?;
        self.check_names(&draft)?;
        for SourceEdit { entry, file, line, from, to } in &draft.edits {
            context.printer.line(&format!("{}:{line}: {entry}: {from} -> {to}", file.display()));
        }
        self.accept.check(&draft.locks, context)?;
        let writes = draft.writes();
        if request.distribution.locked && !self.dry_run && !writes.is_empty() {
            let hint = "run it without `--locked` and `--frozen`";
            return Err(Failure::usage("`--locked` lets no lock change", hint));
        }
        let mut files: Vec<PathBuf> = Vec::new();
        for (path, text) in &writes {
            let changes = read_file(path, MAX_FILE).map_or(true, |it| it != text.as_bytes());
            if changes && !files.contains(path) {
                files.push(path.clone());
            }
        }
        if !self.dry_run {
            check_unchanged(&draft)?;
            for (path, text) in &writes {
                replace_text(path, text).map_err(|error| Failure::unwritable(path, &error))?;
            }
        }
        self.tell(&draft, files, context)
    }

    fn check_names(&self, draft: &UpgradeDraft) -> Result<(), Failure> {
        let is = |name: &str| {
            draft.entries.iter().any(|it| it == name || it.split('/').next_back() == Some(name))
        };
        match self.names.iter().find(|name| !is(name)) {
            None => Ok(()),
            Some(name) => Err(Failure::usage(
                format!("no entry `{name}` runs a plugin of a registry"),
                "`wellhead outdated -o json` lists the entries that do",
            )),
        }
    }

    fn tell(
        &self,
        draft: &UpgradeDraft,
        files: Vec<PathBuf>,
        context: &Context,
    ) -> Result<Exit, Failure> {
        if self.is_json() {
            let upgrades = draft.edits.iter().map(One::of).collect();
            let result = Upgraded { upgrades, written: !self.dry_run && !files.is_empty(), files };
            context.printer.json(&Envelope::new("PluginUpgrade", result, Vec::new()))?;
            return Ok(Exit::Done);
        }
        let what = if self.dry_run { "would be written" } else { "is written" };
        for file in &files {
            context.printer.line(&format!("{} {what}", file.display()));
        }
        if files.is_empty() {
            context.printer.line("no newer version, and the lock is up to date");
        }
        Ok(Exit::Done)
    }
}

/// Refuses to write over what another process wrote since the files were read.
fn check_unchanged(draft: &UpgradeDraft) -> Result<(), Failure> {
    let other = |it: &&EditedFile| {
        read_file(&it.path, MAX_FILE).map_or(true, |now| now != it.before.as_bytes())
    };
    match draft.files.iter().find(other) {
        None => Ok(()),
        Some(file) => {
            let what = format!("{} changed while it was read", file.path.display());
            let one = Diagnostic::error(Code::NotEditable, what).hint("run the command again");
            Err(Failure::Refused(vec![one]))
        }
    }
}
