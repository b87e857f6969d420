//! `wellhead explain`: who set a field, and why; and what a code means.

mod mask;
mod row;
mod rows;

use std::path::PathBuf;

use clap::Args;
use serde::Serialize;
use wellhead::{FieldPath, Run};

use super::diagnostic::Diagnostic;
use super::envelope::Envelope;
use super::exit::Exit;
use super::failure::Failure;
use super::table::table;
use super::version::Text;
use super::{Context, codes, input, warnings};
use row::Row;
use rows::Question;

/// Show who set a field and why, or what a code means
///
/// Without OBJECT, it shows what the plugins changed. Examples:
///     wellhead explain WH0602
///     wellhead explain -f db.yaml -c team.yaml
///     wellhead explain -f db.yaml -c team.yaml replicas
///     wellhead explain -f db.yaml -c team.yaml statefulset/db spec.replicas
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Explain {
    /// A code, an object (`statefulset/db`), or a field of the spec (`replicas`)
    #[arg(value_name = "OBJECT")]
    what: Option<String>,
    /// A field of the object, e.g. `spec.replicas`; left out: all
    field: Option<String>,
    /// Base spec: a file, a folder, or `-` for standard input
    #[arg(short, long, value_name = "PIPELINE")]
    file: Vec<PathBuf>,
    /// Customization: a file, a folder, or `-`; several apply in their order
    #[arg(short, long, value_name = "CUSTOMIZATION", requires = "file")]
    customization: Vec<PathBuf>,
    /// Show every field of every object
    #[arg(long, conflicts_with_all = ["what", "field"])]
    all: bool,
    /// Format
    #[arg(short, long, value_name = "FORMAT", default_value = "text")]
    output: Text,
}

#[derive(Serialize)]
struct Explanation {
    fields: Vec<Row>,
}

#[derive(Serialize)]
struct Meaning {
    code: &'static str,
    title: &'static str,
    explanation: &'static str,
}

impl Explain {
    pub(crate) fn is_json(&self) -> bool {
        self.output == Text::Json
    }

    pub(crate) fn run(&self, context: &Context) -> Result<Exit, Failure> {
        match (&self.what, &self.file[..]) {
            (Some(code), []) => self.explain_code(code, context),
            (None, []) => Err(Failure::usage(
                "there is nothing to explain",
                "name a code, or the files by `-f PIPELINE [-c CUSTOMIZATION]`",
            )),
            _ => self.explain_fields(context),
        }
    }

    fn explain_code(&self, text: &str, context: &Context) -> Result<Exit, Failure> {
        let Some(found) = codes::find(text) else {
            let what = format!("there is no code `{text}`");
            let hint = "codes are like WH0105; to explain a field, name the files by `-f`";
            let what = Diagnostic::error(codes::NOT_FOUND, what).hint(hint);
            return Err(Failure::not_found(what));
        };
        let codes::Code { id: code, title, explanation } = found;
        if self.is_json() {
            let meaning = Meaning { code, title, explanation };
            context.printer.json(&Envelope::new("Code", meaning, Vec::new()))?;
        } else {
            let wrapped = wrap(explanation);
            context.printer.text(&format!("{code}: {title}\n\n{wrapped}"))?;
        }
        Ok(Exit::Done)
    }

    fn explain_fields(&self, context: &Context) -> Result<Exit, Failure> {
        let request = input::request(&self.file, &self.customization, context, None)?;
        let run = wellhead::run(&request)?;
        let said = warnings::of_run(&run);
        context.printer.warnings(&said);
        let fields = rows::answer(&run, &self.question()?)?;
        if self.is_json() {
            context.printer.json(&Envelope::new("Explanation", Explanation { fields }, said))?;
        } else {
            context.printer.text(&text(&fields, &run))?;
        }
        Ok(Exit::Done)
    }

    fn question(&self) -> Result<Question, Failure> {
        let Some(what) = &self.what else {
            return Ok(if self.all { Question::Everything } else { Question::Changes });
        };
        let field = self.field.as_deref().map(path).transpose()?;
        match (rows::object(what), field) {
            (Some((kind, name)), field) => {
                Ok(Question::Object { kind, name, field: field.unwrap_or_default() })
            }
            (None, None) => Ok(Question::Spec(path(what)?)),
            (None, Some(_)) => Err(Failure::usage(
                format!("`{what}` is no object"),
                "an object is statefulset/NAME, service/NAME or claim/NAME",
            )),
        }
    }
}

fn path(text: &str) -> Result<FieldPath, Failure> {
    text.trim_start_matches('.').parse().map_err(|error: wellhead_spec::ParsePathError| {
        Failure::usage(error.to_string(), "a field is like replicas or containers.nginx.image")
    })
}

fn text(fields: &[Row], run: &Run) -> String {
    if fields.is_empty() {
        return "No plugin changed anything; `--all` shows every field.\n".to_owned();
    }
    if run.outcomes.len() == 1 && fields.iter().all(|row| row.object.is_none()) {
        let header = ["FIELD", "VALUE", "SET BY", "BEFORE", "REASON"];
        return table(header, fields.iter().map(Row::cells));
    }
    let header = ["OF", "FIELD", "VALUE", "SET BY", "BEFORE", "REASON"];
    table(
        header,
        fields.iter().map(|row| {
            let of = row.object.clone().unwrap_or_else(|| row.pipeline.clone());
            let [field, value, by, before, reason] = row.cells();
            [of, field, value, by, before, reason]
        }),
    )
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
