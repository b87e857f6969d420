//! Errors of the YAML parser: where they stand, and what to write instead.
//!
//! The parser counts lines and characters; a [`Place`] needs bytes, too.

use super::tree::Place;
use super::yaml::Chunk;

/// The place of a line and a column (both from 1) of a document. Where nothing follows there, it is the
/// end of what stands before.
pub(super) fn place(line: u64, column: u64, chunk: Chunk<'_>) -> Place {
    let number = |from_one: u64| usize::try_from(from_one).unwrap_or(usize::MAX).max(1);
    let begin = lines(chunk.text).nth(number(line) - 1).map_or(chunk.text.len(), |it| it.0);
    let rest = &chunk.text[begin..];
    let within = rest.char_indices().take_while(|(_, c)| !is_break(*c)).nth(number(column) - 1);
    let end_of_line = || rest.find(is_break).unwrap_or(rest.len());
    let offset = begin + within.map_or_else(end_of_line, |(at, _)| at);
    if chunk.text[offset..].trim().is_empty() {
        return at(chunk.text.trim_end().len(), chunk);
    }
    at(offset, chunk)
}

/// The place of a byte of a document.
fn at(offset: usize, chunk: Chunk<'_>) -> Place {
    let (number, (begin, _)) =
        lines(chunk.text).take_while(|it| it.0 <= offset).enumerate().last().unwrap_or_default();
    let next = chunk.text[offset..].chars().next().map_or(0, char::len_utf8);
    let small = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    Place {
        line: small(chunk.lines + number + 1),
        column: small(chunk.text[begin..offset].chars().count() + 1),
        start: small(chunk.start + offset),
        end: small(chunk.start + offset + next),
    }
}

/// The line of a place.
pub(super) fn line(place: Place, chunk: Chunk<'_>) -> &str {
    let offset = (place.start as usize).saturating_sub(chunk.start);
    lines(chunk.text).take_while(|it| it.0 <= offset).last().map_or("", |it| it.1)
}

/// The first byte of each line, and its text. Lines end as YAML ends them, also at a lone carriage return.
/// <https://yaml.org/spec/1.2.2/#54-line-break-characters>
fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut next = Some(0);
    std::iter::from_fn(move || {
        let begin = next?;
        let rest = &text[begin..];
        let end = rest.find(is_break);
        next = end.map(|end| begin + end + if rest[end..].starts_with("\r\n") { 2 } else { 1 });
        Some((begin, &rest[..end.unwrap_or(rest.len())]))
    })
}

fn is_break(c: char) -> bool {
    matches!(c, '\n' | '\r')
}

const TEMPLATE: &str = "the file is a template: let its tool render it first, e.g. `helm template`";

/// What to write instead of a key that is not text; of a template, the parser takes `{{` for one.
pub(super) fn hint_of_key(text: &str) -> &'static str {
    if text.starts_with('{') { TEMPLATE } else { "put it in quotes" }
}

/// What to write instead, where a common slip makes the parser say this.
pub(super) fn hint(message: &str, line: &str) -> Option<&'static str> {
    const HINTS: [(&str, &str); 9] = [
        (
            "merge key",
            "merge keys are not read: write the fields out; an alias (`*name`) may replace a whole value",
        ),
        ("tabs disallowed", "indent with blanks"),
        (
            "mapping values are not allowed",
            "put a text that contains `: ` in quotes; begin the fields of one mapping in one column",
        ),
        ("unexpected character: `@'", "put the text in quotes"),
        ("unexpected character: ``'", "put the text in quotes"),
        ("reference to unknown value", "put a text that begins with `*` in quotes"),
        (
            "Documents {",
            "begin the line of `---` after a line feed, not after a carriage return alone",
        ),
        ("too large or too complex", "split the document, or write less by aliases (`*name`)"),
        ("unsupported tag", "remove the tag: a field's type is known"),
    ];
    if line.contains("{{") {
        return Some(TEMPLATE);
    }
    HINTS.iter().find(|(said, _)| message.contains(said)).map(|(_, hint)| *hint)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str, line: u64, column: u64) -> (u32, u32, u32) {
        let place = place(line, column, Chunk { text, start: 0, lines: 0 });
        (place.line, place.column, place.start)
    }

    #[test]
    fn a_place_has_its_line_its_column_and_its_byte() {
        assert_eq!(found("a: 1\nbä: @x\n", 2, 5), (2, 5, 10));
        assert_eq!(found("a: 1\r\nb: @x\r\n", 2, 4), (2, 4, 9));
        assert_eq!(found("a: 1\rb: @x", 2, 4), (2, 4, 8));
        let later = Chunk { text: "---\na: @\n", start: 100, lines: 7 };
        let place = place(2, 4, later);
        assert_eq!((place.line, place.column, place.start), (9, 4, 107));
        assert_eq!(line(place, later), "a: @");
    }

    #[test]
    fn the_end_of_a_document_is_that_of_what_stands_there() {
        assert_eq!(found("a: [1,\n\n", 3, 1), (1, 7, 6));
        assert_eq!(found("a: [1", 9, 9), (1, 6, 5));
        assert_eq!(found("", 1, 1), (1, 1, 0));
    }
}
