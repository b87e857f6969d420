//! The line of a file that an error or warning is about.

use std::ops::Range;

use wellhead::Location;
use wellhead_chain::{LineOf, has_secret, is_secret_line, sanitize};

/// Most of a line that is shown, in bytes.
pub(super) const LONGEST: usize = 400;

/// One line of a file and the part of it that a message is about.
#[derive(Clone, Debug)]
pub(crate) struct Excerpt {
    pub(super) line: String,
    pub(super) span: Range<usize>,
    /// Whether columns in it are not those of the file: it is a part of its line, or holds what was escaped.
    pub(super) is_part: bool,
}

impl Excerpt {
    /// The line of a place, of a long one the part around it. `None` where there is nothing to see.
    pub(crate) fn of(text: &str, location: &Location, about: LineOf<'_>) -> Option<Self> {
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
        let part = &line[line.floor_char_boundary(begin.saturating_sub(LONGEST))..end];
        let lines_before = &text[..start - mark];
        if !fits
            || has_secret_at(before, part, after)
            || is_secret_line(about, lines_before, part, after)
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

/// A part of a line as a terminal may show it. The library draws tabs.
fn visible(part: &str) -> String {
    let parts: Vec<_> = part.split('\t').map(|it| sanitize(it, usize::MAX)).collect();
    parts.join("\t")
}
