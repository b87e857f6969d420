//! How one error or warning looks: title, place with the line that stands there, facts, help. The
//! only place that knows the library which draws excerpts.

use std::fmt::Write as _;
use std::ops::Range;

use annotate_snippets::renderer::{DEFAULT_HELP_STYLE, DecorStyle};
use annotate_snippets::{AnnotationKind, Level, Origin, Renderer, Snippet};
use wellhead::{Location, Severity};
use wellhead_chain::sanitize;

use super::diagnostic::Diagnostic;

/// Longest line that is shown, in bytes.
const LONGEST: usize = 400;
/// Columns of the drawing, so that it is the same everywhere.
const WIDTH: usize = 120;

/// One line of a file and the part of it that a message is about.
#[derive(Clone, Debug)]
pub(crate) struct Excerpt {
    line: String,
    span: Range<usize>,
}

impl Excerpt {
    /// The line of a place. `None` where there is nothing to see.
    pub(crate) fn of(text: &str, location: &Location) -> Option<Self> {
        let before = text.get(..location.span.start)?;
        let start = before.rfind('\n').map_or(0, |at| at + 1);
        let line = text.get(start..)?.lines().next()?;
        if line.trim().is_empty() || line.len() > LONGEST {
            return None;
        }
        let from = location.span.start - start;
        let to = (location.span.end - start).min(line.trim_end().len()).max(from + 1);
        let fits = line.is_char_boundary(from) && line.is_char_boundary(to.min(line.len()));
        fits.then(|| Self { line: line.to_owned(), span: from..to.min(line.len()) })
    }
}

/// A diagnostic as text with terminal codes, which a stream without colours strips.
pub(crate) fn draw(diagnostic: &Diagnostic) -> String {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let title = level.primary_title(&diagnostic.message).id(diagnostic.code);
    let group = match (&diagnostic.location, &diagnostic.excerpt) {
        (Some(location), Some(excerpt)) => title.element(
            Snippet::source(&excerpt.line)
                .path(file(location))
                .line_start(location.line)
                .annotation(AnnotationKind::Primary.span(excerpt.span.clone())),
        ),
        _ => title.elements(std::iter::empty::<Origin<'_>>()),
    };
    let renderer = Renderer::styled().decor_style(DecorStyle::Ascii).term_width(WIDTH);
    let mut drawn = renderer.render(&[group]);
    if let (Some(location), None) = (&diagnostic.location, &diagnostic.excerpt) {
        // A place without an extent is a file as a whole, which may not even be there.
        let _ = if location.span.is_empty() {
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

/// The name of a file, which may hold anything.
fn file(location: &Location) -> String {
    sanitize(&location.file.display().to_string(), LONGEST)
}

/// The reasons, and what else it is about.
fn facts(diagnostic: &Diagnostic) -> impl Iterator<Item = String> + '_ {
    let pipelines = match &diagnostic.pipelines[..] {
        [one] => Some(format!("pipeline: {one}")),
        many => list("pipelines", many),
    };
    diagnostic.facts.iter().cloned().chain(pipelines).chain(list("also", &diagnostic.also))
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
