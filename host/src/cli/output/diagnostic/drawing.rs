//! How one error or warning looks: title, place with its line, facts, help. The
//! only place that knows the library which draws excerpts.

use std::fmt::Write as _;

use annotate_snippets::renderer::{DEFAULT_HELP_STYLE, DecorStyle};
use annotate_snippets::{AnnotationKind, Level, Origin, Renderer, Snippet};
use wellhead::{Location, Severity};
use wellhead_chain::sanitize;

use super::Diagnostic;
use super::excerpt::LONGEST;

/// Columns of the drawing, so that it is the same everywhere.
const WIDTH: usize = 120;

/// A diagnostic as text with terminal codes, which a stream without colours strips.
pub(crate) fn draw(diagnostic: &Diagnostic) -> String {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    };
    let title = level.primary_title(&diagnostic.message).id(diagnostic.code.id());
    let group = match (&diagnostic.location, &diagnostic.excerpt) {
        (Some(location), Some(excerpt)) => {
            let snippet = Snippet::source(&excerpt.line)
                .line_start(location.line)
                .annotation(AnnotationKind::Primary.span(excerpt.span.clone()));
            let place = Origin::path(file(location)).line(location.line);
            if excerpt.is_part {
                title.element(place.char_column(location.column)).element(snippet)
            } else {
                title.element(snippet.path(file(location)))
            }
        }
        _ => title.elements(std::iter::empty::<Origin<'_>>()),
    };
    let renderer = Renderer::styled().decor_style(DecorStyle::Ascii).term_width(WIDTH);
    let mut drawn = renderer.render(&[group]);
    if let (Some(location), None) = (&diagnostic.location, &diagnostic.excerpt) {
        let _ = if is_whole(location) {
            write!(drawn, "\n  --> {}", file(location))
        } else {
            write!(drawn, "\n  --> {}:{}:{}", file(location), location.line, location.column)
        };
    }
    for fact in facts(diagnostic) {
        let _ = write!(drawn, "\n  {fact}");
    }
    let style = DEFAULT_HELP_STYLE;
    for hint in &diagnostic.hints {
        let _ = write!(drawn, "\n{style}help{style:#}: {hint}");
    }
    drawn
}

/// Whether a place is a file as a whole, which may not even be there: its start, without an extent.
fn is_whole(location: &Location) -> bool {
    location.span.is_empty() && (location.line, location.column) == (1, 1)
}

/// The name of a file, which may hold anything.
fn file(location: &Location) -> String {
    sanitize(&location.file.display().to_string(), LONGEST)
}

/// The field, the reasons, and what else it is about.
fn facts(diagnostic: &Diagnostic) -> impl Iterator<Item = String> + '_ {
    let field = field(diagnostic).map(|it| format!("field: {it}"));
    let pipelines = match &diagnostic.pipelines[..] {
        [one] => Some(format!("pipeline: {one}")),
        many => list("pipelines", many),
    };
    field
        .into_iter()
        .chain(diagnostic.facts.iter().cloned())
        .chain(pipelines)
        .chain(list("also", &diagnostic.also))
}

/// The field of an object of a file, where the message does not name it. That of a pipeline is seen in its excerpt.
fn field(diagnostic: &Diagnostic) -> Option<String> {
    let field = diagnostic.field.as_ref().filter(|_| diagnostic.object.is_some())?;
    let field = sanitize(field, LONGEST);
    (diagnostic.location.is_some() && !diagnostic.message.contains(&field)).then_some(field)
}

/// The first few of some names.
fn list(what: &str, names: &[String]) -> Option<String> {
    /// Names that are shown.
    const NAMED: usize = 3;
    match names {
        [] => None,
        few if few.len() <= NAMED => Some(format!("{what}: {}", few.join(", "))),
        many => {
            Some(format!("{what}: {} and {} more", many[..NAMED].join(", "), many.len() - NAMED))
        }
    }
}
