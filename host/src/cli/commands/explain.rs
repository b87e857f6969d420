//! `wellhead explain`: who set a field, and why; and what a code means.

pub(crate) mod answer;
mod question;

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use clap::Args;
use serde::Serialize;
use wellhead_diagnostics::Code;

use crate::cli::args::files;
use crate::cli::args::format::Text;
use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::output::diagnostic::Diagnostic;
use crate::cli::output::envelope::Envelope;
use crate::cli::output::plugins::diagnostics;
use crate::cli::provenance;
use question::Question;

/// Show what set a field and why, or describe an error code
///
/// Without OBJECT, shows every field of every object: its value, what set it and why, and below it the
/// overwritten values, the latest first. Values that look like secrets are masked. Examples:
///     wellhead explain WH0602
///     wellhead explain -f db.yaml -c team.yaml platform.yaml --changed
///     wellhead explain replicas -f db.yaml -c team.yaml
///     wellhead explain statefulset/db spec.replicas -f db.yaml -c team.yaml
///     wellhead explain claim/data-db-0 --from provenance.json
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Explain {
    /// A code, an object (`statefulset/db`, `svc/db`, `pvc/data-db-0`), or a field of the spec
    #[arg(value_name = "OBJECT")]
    what: Option<String>,
    /// A field of the object, e.g. `spec.replicas` [default: all]
    field: Option<String>,
    /// Base spec: a file, a folder, or `-` for standard input
    #[arg(short, long, value_name = "PIPELINE", num_args = 1..)]
    file: Vec<PathBuf>,
    /// Customization: a file, a folder, or `-`; applied in the order given
    #[arg(short, long, value_name = "CUSTOMIZATION", num_args = 1.., requires = "file")]
    customization: Vec<PathBuf>,
    /// Facts about the cluster for plugins whose entries grant them
    #[arg(long, value_name = "FILE", requires = "file")]
    facts: Vec<PathBuf>,
    /// Read a file that `render --provenance` wrote, without plugins
    #[arg(long, value_name = "FILE", conflicts_with_all = ["file", "customization", "facts"])]
    from: Option<PathBuf>,
    /// Show only what plugins changed
    #[arg(long, conflicts_with_all = ["what", "field"])]
    changed: bool,
    /// Output format; JSON is the document of `render --provenance`, reduced to the answer
    #[arg(short, long, value_name = "FORMAT", default_value = "text")]
    output: Text,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Meaning {
    code: Code,
    title: &'static str,
    explanation: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    exit_code: Option<u8>,
}

impl Meaning {
    fn of(code: Code) -> Self {
        Self {
            code,
            title: code.title(),
            explanation: code.explanation(),
            exit_code: code.exit_code(),
        }
    }
}

impl Explain {
    pub(crate) fn is_json(&self) -> bool {
        self.output == Text::Json
    }

    pub(crate) fn run(&self, context: &Context) -> Result<Exit, Failure> {
        match (&self.what, &self.from, &self.file[..]) {
            (Some(code), None, []) => self.explain_code(code, context),
            (None, None, []) => Err(Failure::usage(
                "there is nothing to explain",
                "name a code, or the files by `-f PIPELINE [-c CUSTOMIZATION]`",
            )),
            _ => self.explain_fields(context),
        }
    }

    fn explain_code(&self, text: &str, context: &Context) -> Result<Exit, Failure> {
        let Ok(code) = text.parse::<Code>() else {
            let what = format!("there is no code `{text}`");
            let hint = "codes are like WH0105; to explain a field, name the files by `-f`";
            let what = Diagnostic::error(Code::NotFound, what).hint(hint);
            return Err(Failure::not_found(what));
        };
        if self.is_json() {
            let meaning = Meaning::of(code);
            context.printer.json(&Envelope::new("Code", meaning, Vec::new()))?;
        } else {
            let mut text = format!("{code}: {}\n\n{}", code.title(), wrap(&code.explanation()));
            if let Some(exit_code) = code.exit_code() {
                let _ = writeln!(text, "\nExit code: {exit_code}");
            }
            context.printer.text(&text)?;
        }
        Ok(Exit::Done)
    }

    fn explain_fields(&self, context: &Context) -> Result<Exit, Failure> {
        let words = self.words();
        let question = match &words.question[..] {
            [] if self.changed => Question::Changed,
            [] => Question::Everything,
            [what, field @ ..] => Question::new(what, field.first().copied())?,
        };
        let (record, said) = if let Some(path) = &self.from {
            (provenance::read(path)?, Vec::new())
        } else {
            let request =
                files::request([&words.files, &words.customizations, &self.facts], context, None)?;
            let run = wellhead::run(&request)?;
            (run.provenance(), diagnostics::of_run(&run))
        };
        context.printer.warnings(&said);
        let answer = question.answer(record)?;
        provenance::bounded(&answer)?;
        if self.is_json() {
            context.printer.json(&provenance::envelope(&answer, said))?;
        } else {
            let mut out = context.printer.result();
            answer::write(&mut out, &answer)?;
            out.flush()?;
        }
        Ok(Exit::Done)
    }

    /// The files, and the question. `-f` and `-c` take several files, and so they also take a
    /// question that follows them: what comes last, is not a file, and cannot be one of ours.
    fn words(&self) -> Words<'_> {
        let asked = [&self.what, &self.field].into_iter().flatten();
        let mut question: Vec<&str> = asked.map(String::as_str).collect();
        let (mut files, mut customizations) = (self.file.clone(), self.customization.clone());
        if !self.changed {
            for (kept, given) in
                [(&mut files, &self.file), (&mut customizations, &self.customization)]
            {
                let room = 2_usize.saturating_sub(question.len());
                let last = given.iter().skip(1).rev().take(room).map_while(|it| as_question(it));
                let mut last: Vec<&str> = last.collect();
                last.reverse();
                kept.truncate(given.len() - last.len());
                question.extend(last);
            }
        }
        Words { question, files, customizations }
    }
}

/// What a command line asks, and of what.
struct Words<'w> {
    question: Vec<&'w str>,
    files: Vec<PathBuf>,
    customizations: Vec<PathBuf>,
}

/// The text of what is no file and may be an object or a field.
fn as_question(path: &Path) -> Option<&str> {
    let is_data =
        path.extension().is_some_and(|it| ["yaml", "yml", "json"].iter().any(|of| it == *of));
    let text = path.to_str().filter(|text| *text != "-" && !is_data && !path.exists())?;
    Question::new(text, None).is_ok().then_some(text)
}

/// Breaks a text into lines that a terminal shows whole.
fn wrap(text: &str) -> String {
    /// Characters of a line.
    const LINE: usize = 88;
    let mut wrapped = String::new();
    let mut length = 0;
    for word in text.split_whitespace() {
        let word_length = word.chars().count();
        if length > 0 && length + 1 + word_length > LINE {
            wrapped.push('\n');
            length = 0;
        } else if length > 0 {
            wrapped.push(' ');
            length += 1;
        }
        wrapped.push_str(word);
        length += word_length;
    }
    wrapped + "\n"
}
