//! How one error or warning looks: title, place with the line that stands there, facts, help. The
//! only place that knows the library which draws excerpts.

use std::fmt::Write as _;
use std::ops::Range;

use annotate_snippets::renderer::{DEFAULT_HELP_STYLE, DecorStyle};
use annotate_snippets::{AnnotationKind, Level, Origin, Renderer, Snippet};
use wellhead::{Location, Severity};
use wellhead_chain::{has_secret, sanitize};

use super::diagnostic::Diagnostic;

/// Most of a line that is shown, in bytes.
const LONGEST: usize = 400;
/// Columns of the drawing, so that it is the same everywhere.
const WIDTH: usize = 120;

/// One line of a file and the part of it that a message is about.
#[derive(Clone, Debug)]
pub(crate) struct Excerpt {
    line: String,
    span: Range<usize>,
    /// Whether columns in it are not those of the file: it is a part of its line, or holds what was escaped.
    is_part: bool,
}

impl Excerpt {
    /// The line of a place, of a long one the part around it. `None` where there is nothing to see.
    pub(crate) fn of(text: &str, location: &Location) -> Option<Self> {
        let before = text.get(..location.span.start)?;
        let is_break = |c| matches!(c, '\n' | '\r');
        let start = before.rfind(is_break).map_or(0, |at| at + 1);
        let rest = text.get(start..)?;
        // Only the first line of a file has a mark of its encoding.
        let mark = if rest.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
        let line = &rest[mark..rest.find(is_break).unwrap_or(rest.len())];
        if line.trim().is_empty() {
            return None;
        }
        let start = start + mark;
        let from = location.span.start.saturating_sub(start);
        let to = location.span.end.saturating_sub(start).min(line.trim_end().len());
        // At least one character, unless there is none.
        let to = line.ceil_char_boundary(to.max(from + 1).min(line.len()));
        let begin = line.ceil_char_boundary(from.saturating_sub(LONGEST / 2));
        let end = line.floor_char_boundary((begin + LONGEST).min(line.len()));
        let to = to.min(end);
        let fits = line.is_char_boundary(from) && from <= to;
        let after = &rest[mark + line.len()..];
        if !fits
            || has_secret_at(
                before,
                &line[line.floor_char_boundary(begin.saturating_sub(LONGEST))..end],
                after,
            )
        {
            return None;
        }
        let [before, marked, after] =
            [&line[begin..from], &line[from..to], &line[to..end]].map(visible);
        let is_part = begin > 0 || before.len() != from - begin;
        let span = before.len()..before.len() + marked.len();
        Some(Self { line: before + &marked + &after, span, is_part })
    }
}

/// Whether a line has a secret in it, by itself or by the name in the line before or after it.
fn has_secret_at(before: &str, line: &str, after: &str) -> bool {
    let before = before.trim_end_matches(|it| it != '\n').lines().next_back().unwrap_or_default();
    let before = &before[before.ceil_char_boundary(before.len().saturating_sub(LONGEST))..];
    let after = after.lines().find(|it| !it.is_empty()).unwrap_or_default();
    let after = &after[..after.floor_char_boundary(LONGEST.min(after.len()))];
    let with = |other: &str, both: String| !has_secret(other) && has_secret(&both);
    has_secret(line)
        || with(before, format!("{before}\n{line}"))
        || with(after, format!("{line}\n{after}"))
}

/// A diagnostic as text with terminal codes, which a stream without colours strips.
pub(crate) fn draw(diagnostic: &Diagnostic) -> String {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
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

/// A part of a line as a terminal may show it. The library draws tabs.
fn visible(part: &str) -> String {
    let parts: Vec<_> = part.split('\t').map(|it| sanitize(it, usize::MAX)).collect();
    parts.join("\t")
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
